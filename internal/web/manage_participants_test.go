// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// Of the token service's client nothing is shown, not even the hash of its
// secret; all else is.
func TestParticipantIsShownWithoutItsTokenClient(t *testing.T) {
	for settings, want := range map[string]string{
		`{"dataspace":"https://d.example","sts":{"id":"edge","secretHash":"00ff"}}`: `{"dataspace":"https://d.example"}`,
		`{"dataspace":"https://d.example"}`:                                         `{"dataspace":"https://d.example"}`,
		``:                                                                          ``,
	} {
		p := trust.Participant{Context: "acme", Settings: json.RawMessage(settings)}
		if got := viewParticipant(p); string(got.Settings) != want || string(p.Settings) != settings {
			t.Errorf("%s is shown as %s", settings, got.Settings)
		}
	}
}
