// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// decided demands of an answer to an outsider that it is one that a handler
// may give: never a failure of our own, whatever the body is.
func decided(t *testing.T, code int) {
	t.Helper()
	if code != http.StatusOK && (code < 400 || code > 499) && code != http.StatusNotImplemented {
		t.Errorf("answered %d", code)
	}
}

func FuzzQuery(f *testing.F) {
	for _, body := range []any{
		query(read(membership)...), query("org.eclipse.dspace.dcp.vc.id:urn:uuid:1"), query(), query("a:b:c:*"),
		message("PresentationQueryMessage", map[string]any{"presentationDefinition": map[string]any{"id": "x"}}),
	} {
		f.Add(asJSON(f, body))
	}
	world := newFixture(f)
	member, other := world.authority.Credential(world.own, membership), world.authority.Credential(world.own, sensitive)
	world.deliver(member)
	world.deliver(other)
	grant := world.grant(read(membership)...)
	f.Fuzz(func(t *testing.T, body []byte) {
		world.T = t
		code, answer := world.post(queryPath, world.verifier, grant, body)
		decided(t, code)
		if code != http.StatusOK {
			return
		}
		for _, token := range shown(t, answer) {
			if token != member {
				t.Errorf("presented without a grant: %.80s", token)
			}
		}
	})
}

func FuzzDeliver(f *testing.F) {
	world := newFixture(f)
	pid := world.asked()
	good := world.authority.Credential(world.own, membership)
	f.Add(asJSON(f, delivery(pid, good)))
	f.Add(asJSON(f, delivery(pid, world.authority.Credential(world.own, membership, listed))))
	f.Add(asJSON(f, delivery("unknown", good)))
	f.Add(asJSON(f, message("CredentialMessage", map[string]any{"holderPid": pid, "status": "REJECTED", "rejectionReason": nil})))
	f.Fuzz(func(t *testing.T, body []byte) {
		world.T = t
		code, _ := world.post(deliverPath, world.authority, "", body)
		decided(t, code)
		for _, c := range world.wallet() {
			if c.Issuer != world.authority.DID || c.Raw == "" || c.ID == "" {
				t.Errorf("stored %+v", c)
			}
		}
	})
}

func FuzzOffer(f *testing.F) {
	world := newFixture(f)
	f.Add(asJSON(f, offer(world.authority.DID, "a", "b")))
	f.Add(asJSON(f, offer(nil)))
	f.Fuzz(func(t *testing.T, body []byte) {
		world.T = t
		code, _ := world.post(offerPath, world.authority, "", body)
		decided(t, code)
	})
}

func FuzzToken(f *testing.F) {
	world := newFixture(f)
	f.Add(formType, world.form())
	f.Add(formType, world.form("bearer_access_scope", read(membership)[0]))
	f.Add("application/json", "{}")
	f.Add(formType, "grant_type=%zz;a=b")
	f.Fuzz(func(t *testing.T, contentType, form string) {
		world.T = t
		code, _ := world.send(tokenPath, dcp.Call{ContentType: contentType, Body: []byte(form)})
		decided(t, code)
		if v, err := url.ParseQuery(form); code == http.StatusOK && (err != nil || v.Get("client_secret") != secret) {
			t.Errorf("a token without the secret: %q", form)
		}
	})
}
