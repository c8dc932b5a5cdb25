// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

func TestOffers(t *testing.T) {
	f := newFixture(t)
	full := message("CredentialOfferMessage", map[string]any{"issuer": f.authority.DID, "credentials": []any{map[string]any{
		"id": "object-9", "type": "CredentialObject", "credentialType": membership, "offerReason": "reissue",
		"bindingMethods": []any{"did:web"}, "profile": "vc11-sl2021/jwt", "credentialSchema": "https://authority.example/schema",
	}}})
	many := make([]string, 65)
	for i := range many {
		many[i] = "id"
	}
	cases := map[string]struct {
		body any
		want int
	}{
		"ids only":           {offer(f.authority.DID, "object-1", "object-2"), 200},
		"whole objects":      {full, 200},
		"no issuer":          {offer(nil, "object-1"), 400},
		"in another's name":  {offer(f.verifier.DID, "object-1"), 403},
		"no credentials":     {offer(f.authority.DID), 400},
		"credentials absent": {message("CredentialOfferMessage", map[string]any{"issuer": f.authority.DID}), 400},
		"an object less id":  {offer(f.authority.DID, ""), 400},
		"too many":           {offer(f.authority.DID, many...), 400},
		"another message":    {query("x:y"), 400},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			if code, _ := f.post(offerPath, f.authority, "", test.body); code != test.want {
				t.Errorf("answered %d, want %d", code, test.want)
			}
		})
	}
	list, err := f.s.Offers(context.Background(), f.own.Context)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d offers are kept (%v), want 2", len(list), err)
	}
	for _, o := range list {
		var objects []dcp.Object
		if err := json.Unmarshal(o.Document, &objects); err != nil {
			t.Fatal(err)
		}
		if o.Issuer != f.authority.DID || !o.Received.Equal(dcptest.Start) || len(objects) == 0 {
			t.Errorf("offer %+v", o)
		}
		if objects[0].ID == "object-9" && objects[0].CredentialType != membership {
			t.Errorf("the object lost its type: %+v", objects[0])
		}
	}
}

// The same offer again takes the place of the first; another one does not.
func TestOfferAgain(t *testing.T) {
	f := newFixture(t)
	ids := func() []string {
		list, err := f.s.Offers(context.Background(), f.own.Context)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, o := range list {
			ids = append(ids, o.ID)
		}
		return ids
	}
	for range 2 {
		if code, _ := f.post(offerPath, f.authority, "", offer(f.authority.DID, "a", "b")); code != http.StatusOK {
			t.Fatal(code)
		}
	}
	once := ids()
	if len(once) != 1 {
		t.Fatalf("%d offers, want 1", len(once))
	}
	if code, _ := f.post(offerPath, f.authority, "", offer(f.authority.DID, "ab")); code != http.StatusOK {
		t.Fatal(code)
	}
	if diff := cmp.Diff(2, len(ids())); diff != "" {
		t.Error(diff)
	}
}

// Ids alone are looked up when somebody wants to see what is offered.
func TestOfferedObjects(t *testing.T) {
	f := newFixture(t)
	m := offer(f.authority.DID, "object-2", "unknown")
	m["credentials"] = append(m["credentials"].([]any), map[string]any{
		"id": "object-1", "type": "CredentialObject", "credentialType": "OwnName", "offerReason": "reissue",
	})
	if code, _ := f.post(offerPath, f.authority, "", m); code != http.StatusOK {
		t.Fatal(code)
	}
	list, err := f.s.Offers(t.Context(), f.own.Context)
	if err != nil || len(list) != 1 || len(f.Network.Calls()) != 0 {
		t.Fatalf("%d offers, %v, after calls %v", len(list), err, f.Network.Calls())
	}
	objects, err := f.s.Objects(t.Context(), list[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range objects {
		got = append(got, o.ID+" "+o.CredentialType+" "+o.OfferReason)
	}
	if diff := cmp.Diff([]string{"object-2 " + sensitive + " ", "unknown  ", "object-1 OwnName reissue"}, got); diff != "" {
		t.Error(diff)
	}
	f.Network.Fail(f.authority.Host(), errors.New("refused"))
	if _, err := f.s.Objects(t.Context(), list[0]); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}
