// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// asked is a Doer that reaches nobody, and keeps where it was asked to.
type asked []string

func (a *asked) Do(r *http.Request) (*http.Response, error) {
	*a = append(*a, r.URL.String())
	return nil, errors.New("nobody is there")
}

// TestRegisteredPlaneIsForeign: whoever registers chooses where we call. Only
// what the operator wrote is called by the operator's client.
func TestRegisteredPlaneIsForeign(t *testing.T) {
	for _, tt := range []struct {
		name       string
		registered bool
		auth       *signaling.Authorization
		want       string
	}{
		{"its endpoint", true, nil, "https://plane.example/dataflows/urn:uuid:1/suspend"},
		{"its token endpoint", true, &signaling.Authorization{
			Type: signaling.AuthorizationClientCredentials, TokenEndpoint: "https://tokens.example/", ClientID: "id", ClientSecret: "secret",
		}, "https://tokens.example/"},
		{"that of the configuration", false, nil, "https://plane.example/dataflows/urn:uuid:1/suspend"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, operator, foreign := newControlPlane(t), asked{}, asked{}
			r := signaling.NewRegistry(signaling.RegistryConfig{
				Set: c.set, Store: c, HTTP: &operator, Foreign: &foreign, Now: func() time.Time { return c.now },
			})
			p := signaling.Plane{ID: "new", Context: "acme", Endpoint: "https://plane.example", Profiles: []string{pullFormat}, Authorization: tt.auth}
			if tt.registered {
				if _, err := r.Register(t.Context(), p, "key-to-register"); err != nil {
					t.Fatal(err)
				}
			} else if err := r.Configure(p); err != nil {
				t.Fatal(err)
			}
			plane, _ := c.set.Named("acme", "new")
			_ = plane.Suspend(t.Context(), flow("provider", pullFormat)) // nobody is there
			used, unused := operator, foreign
			if tt.registered {
				used, unused = foreign, operator
			}
			if !slices.Equal(used, asked{tt.want}) || len(unused) != 0 {
				t.Errorf("the operator's client was asked %q, the other one %q", operator, foreign)
			}
		})
	}
}

// TestRefusalKeepsTheirWords: what a plane answers is for our log. The reason of
// a refusal reaches the counterparty.
func TestRefusalKeepsTheirWords(t *testing.T) {
	p := newFakePlane(t, map[string][]answer{"/dataflows/start": {{400, "the inner secret", ""}}})
	_, err := p.client(nil).Start(t.Context(), flow("provider", pullFormat))
	if code, reason, ok := transfer.Refused(err); !ok || code != "data-plane-refused" || reason != "the data plane refused to start" {
		t.Errorf("the refusal is %s %q (%v)", code, reason, ok)
	}
	if !strings.Contains(err.Error(), "the inner secret") {
		t.Errorf("the log does not have it: %v", err)
	}
}
