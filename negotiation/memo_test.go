// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestComposeLeavesTheMemoAlone: the record that a message is made from is
// remembered, and the message may come to nothing.
func TestComposeLeavesTheMemoAlone(t *testing.T) {
	kept := func(action string) terms {
		raw, err := Terms{OfferID: "offer-1", Policy: policy.Permit(action)}.stored()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	theirs, ours := kept("display"), kept("use")
	payload, err := json.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}
	g := &domain{policies: &policy.Judge{Registry: policy.NewRegistry()}}
	for _, m := range []engine.Message{offer, agreement} {
		r := engine.Record{ID: "ours", Role: provider, Peer: "them", PeerPID: "theirs"}
		before := string(theirs.Policy)
		data{Dataset: "dataset-1", OwnID: "us", Offered: theirs, Own: &theirs}.write(&r)
		was := r
		env := engine.Env{Now: time.Unix(1, 0), NewID: func() string { return "id" }}
		if _, _, err := g.Compose(&r, engine.Act{Message: m, Payload: payload}, nil, "m", env); err != nil {
			t.Fatalf("%s: %v", m, err)
		}
		d, err := read(was)
		if err != nil || string(d.Offered.Policy) != before || string(d.Own.Policy) != before {
			t.Errorf("%s: the terms on the table are %s, and were %s: %v", m, d.Offered.Policy, before, err)
		}
	}
}
