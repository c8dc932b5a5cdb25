// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestWithoutRules: terms without a rule permit nothing, are not asked for and
// are not what was asked for, unless the peer's setting says what they count
// as; then they are the permission to use. Terms with a rule stay as they are.
func TestWithoutRules(t *testing.T) {
	registry := policy.NewRegistry()
	bare := wire.Policy{ID: "agreement-1", Type: "Agreement", Target: "dataset-1", Assigner: "them", Assignee: "us"}
	forbidding := bare
	forbidding.Prohibition = []wire.Rule{{Action: "use"}}
	for name, c := range map[string]struct {
		setting string
		came    wire.Policy
		taken   bool
	}{
		"refused":                           {"", bare, false},
		"counts as use":                     {trust.PermitsUse, bare, true},
		"a rule is there, refused":          {"", forbidding, false},
		"a rule is there, nothing is added": {trust.PermitsUse, forbidding, false},
	} {
		t.Run(name, func(t *testing.T) {
			use, err := Terms{OfferID: "offer-1", Policy: policy.Permit(policy.Use)}.stored()
			if err != nil {
				t.Fatal(err)
			}
			r := engine.Record{Role: consumer, Peer: "them"}
			d := data{Dataset: "dataset-1", OwnID: "us", Offered: use, WithoutRules: c.setting}
			effects, err := d.agreed(r, c.came, engine.Env{Now: time.Unix(1, 0)}, registry)
			if err != nil || (d.Mismatch == "") != c.taken || (len(effects.Writes) == 1) != c.taken {
				t.Fatalf("taken: %v; mismatch %q, %d writes, %v", c.taken, d.Mismatch, len(effects.Writes), err)
			}
			if !c.taken {
				return
			}
			a := effects.Writes[0].(SaveAgreement).Agreement
			judged, err := policy.Parse(a.Policy)
			if err != nil || !policy.Equal(judged, policy.Permit(policy.Use)) || a.PolicyHash != judged.Hash() {
				t.Errorf("the policy is %s, %v", a.Policy, err)
			}
			var document map[string]json.RawMessage
			if err := json.Unmarshal(a.Document, &document); err != nil || document["permission"] != nil {
				t.Errorf("the document is %s, %v", a.Document, err)
			}
			if effects.Detail["withoutRules"] != trust.PermitsUse {
				t.Errorf("the journal does not say so: %v", effects.Detail)
			}
		})
	}
}

// TestWithoutRulesIsNotAskedFor: also where they come from the provider.
func TestWithoutRulesIsNotAskedFor(t *testing.T) {
	none, err := Terms{OfferID: "offer-1"}.stored()
	if err != nil {
		t.Fatal(err)
	}
	c := composer{r: &engine.Record{Role: consumer}, known: policy.NewRegistry(), d: data{AcceptUnenforced: true}}
	var refusal *engine.Refusal
	if err := c.mayTake(none); !errors.As(err, &refusal) || refusal.Code != "policy-without-rules" {
		t.Errorf("%v", err)
	}
	use, err := Terms{OfferID: "offer-1", Policy: policy.Permit(policy.Use)}.stored()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.mayTake(use); err != nil {
		t.Errorf("with a rule: %v", err)
	}
}
