// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"net/http"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Every fault of a self-issued token is refused by its number at every
// endpoint that takes one.
func TestTokenFaults(t *testing.T) {
	f := newFixture(t)
	grant := f.grant(read(membership)...)
	pid := f.asked()
	cases := map[string]dcptest.Endpoint{
		queryPath: {
			Caller: f.verifier, AccessToken: true, Token: func(d *dcptest.Draft) { d.Claims["token"] = grant },
			Call: func() dcp.Call { return dcp.Call{Body: asJSON(t, query(read(membership)...))} },
		},
		deliverPath: {
			Caller: f.authority,
			Call: func() dcp.Call {
				return dcp.Call{Body: asJSON(t, delivery(pid, f.authority.Credential(f.own, membership)))}
			},
		},
		offerPath: {
			Caller: f.authority,
			Call:   func() dcp.Call { return dcp.Call{Body: asJSON(t, offer(f.authority.DID, "object-1"))} },
		},
	}
	for path, e := range cases {
		e.Own, e.Serve = f.own, f.endpoint(path)
		t.Run(path, func(t *testing.T) { dcptest.RunTokenFaults(t, f.World, e) })
	}
}

func offer(issuer any, ids ...string) map[string]any {
	list := []any{}
	for _, id := range ids {
		list = append(list, map[string]any{"id": id, "type": "CredentialObject"})
	}
	return message("CredentialOfferMessage", map[string]any{"issuer": issuer, "credentials": list})
}

// The caller repeats the same token after a failure of ours, and is heard.
func TestTokenIsGoodAgainAfterOurFailure(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership))
	d := f.verifier.Draft(f.own.DID)
	d.Claims["token"] = f.grant(read(membership)...)
	call := dcp.Call{Authorization: []string{d.Bearer(t)}, Body: asJSON(t, query(read(membership)...))}
	f.store.fail = func(name string) error {
		if name == "Credentials" {
			return http.ErrServerClosed
		}
		return nil
	}
	if code, _ := f.send(queryPath, call); code != http.StatusServiceUnavailable {
		t.Fatalf("with a store out of reach: %d, want 503", code)
	}
	f.store.fail = nil
	if code, _ := f.send(queryPath, call); code != http.StatusOK {
		t.Errorf("the same token again: %d, want 200", code)
	}
	if code, _ := f.send(queryPath, call); code != http.StatusUnauthorized {
		t.Errorf("the token after a success: %d, want 401", code)
	}
}

func TestRoleOffIsNotFound(t *testing.T) {
	f := newFixture(t)
	f.settings(dcp.Settings{Off: []string{"holder"}})
	for _, r := range f.s.Routes() {
		if code, _ := f.send(r.Path, dcp.Call{}); code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", r.Path, code)
		}
	}
	f.settings(dcp.Settings{Off: []string{"issuer"}})
	if code, _ := f.send(queryPath, dcp.Call{}); code != http.StatusUnauthorized {
		t.Errorf("with another role off: %d, want 401", code)
	}
}
