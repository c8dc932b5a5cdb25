// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/musubi-ods/musubi/transfer/signaling"
)

// fakeDataplanes are a few that stand in various ways.
type fakeDataplanes struct{}

func (fakeDataplanes) List(string) []signaling.Known {
	return []signaling.Known{
		{Plane: signaling.Plane{ID: "kobe", Endpoint: "https://kobe.example", Profiles: []string{"p"}, Retired: true}, Left: true},
		{Plane: signaling.Plane{ID: "nara", Endpoint: "https://nara.example", Profiles: []string{"p"}, Retired: true}},
		{Plane: signaling.Plane{ID: "tokyo", Endpoint: "https://tokyo.example", Profiles: []string{"p"}, Configured: true}, Health: signaling.Health{Failed: fixedNow(), Since: fixedNow(), Error: "refused"}},
	}
}

func (fakeDataplanes) Remove(_ context.Context, _, id string) error {
	switch id {
	case "kobe":
		return nil
	case "nara":
		return fmt.Errorf("%w: t9", signaling.ErrPlaneBusy)
	case "uji":
		return signaling.ErrPlaneLeaving
	case "tokyo":
		return signaling.ErrPlaneActive
	}
	return signaling.ErrNoPlane
}

func TestDataplanes(t *testing.T) {
	w := newWorld(t)
	const at = ourBase + "/dataplanes"
	play(t, w.management, []scenario{
		{Name: "those in use", URL: at, Headers: keyed, Status: 200, NotContent: []string{"kobe"}, Content: []string{
			`"id":"nara"`, `"retired":true`, `"source":"configuration"`, `"failingSince":"2026-01-02T03:04:05Z"`,
		}},
		{Name: "all", URL: at + "?all=true", Headers: keyed, Status: 200, Content: []string{`"id":"kobe"`, `"id":"nara"`, `"id":"tokyo"`}},
		{Name: "which", URL: at + "?all=perhaps", Headers: keyed, Status: 400, Content: []string{"parameter-invalid"}},
		{Name: "removed", Method: "DELETE", URL: at + "/kobe", Headers: keyed, Status: 204},
		{Name: "removed with a transfer", Method: "DELETE", URL: at + "/nara", Headers: keyed, Status: 409, Content: []string{"data-plane-busy", "t9"}},
		{Name: "removed too soon", Method: "DELETE", URL: at + "/uji", Headers: keyed, Status: 409, Content: []string{"data-plane-busy", "half a minute"}},
		{Name: "removed in use", Method: "DELETE", URL: at + "/tokyo", Headers: keyed, Status: 409, Content: []string{"data-plane-active"}},
		{Name: "removed, but unknown", Method: "DELETE", URL: at + "/none", Headers: keyed, Status: 404, Content: []string{"data-plane-unknown"}},
	})
}
