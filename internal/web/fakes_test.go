// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
)

func fixedNow() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

type fixedParticipant struct{}

func (fixedParticipant) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	return trust.Participant{Context: contextID, ID: idAcme}, nil
}

type fixedVerifier struct{ err error }

func (fixedVerifier) Release(context.Context, string, trust.Claims) error { return nil }

func (v fixedVerifier) Verify(context.Context, trust.Request) (trust.Claims, error) {
	return trust.Claims{}, v.err
}

func describe(trust.Participant) (string, *wire.VersionAuth) {
	return "did:web", &wire.VersionAuth{Protocol: "DCP", Version: "1.0"}
}

// publish puts an asset on offer to everybody.
func publish(t testing.TB, w *world, contextID, id string) {
	t.Helper()
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id)
	scenario{
		Name: "publish " + id, URL: "/api/v1/participants/" + contextID + "/catalog", Headers: keyed, Status: 200,
		Body: `{"assets":[{"id":"` + text + `","source":{"type":"http","url":"https://source.example/","headers":{"Authorization":"` + sourceToken + `"}}}],` +
			`"offers":[{"id":"offer-of-` + text + `","assets":{"ids":["` + text + `"]},"access":{"permission":[{"action":"use"}]},"usage":{"permission":[{"action":"use"}]}}]}`,
	}.run(t, w.management)
}
