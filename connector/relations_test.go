// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestRelations: one is kept in its normal form, since it was first recorded,
// however often the configuration writes it.
func TestRelations(t *testing.T) {
	onEachStore(t, func(t *testing.T, store func(string) string) {
		at := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
		var later atomic.Int64 // the connector's own work reads the clock, too
		n := startNode(t, store("supplier"), "supplier", connector.WithClock(func() time.Time { return at.Add(time.Duration(later.Load())) }))
		const party = "iso6523:0188:7123456789012"
		first, err := n.PutRelation(t.Context(), trust.Relation{Party: "0188:7123-4567-89012", Kind: policy.DirectSupply})
		if err != nil || first.Party != party || !first.Since.Equal(at) {
			t.Fatalf("recorded was %+v: %v", first, err)
		}
		later.Store(int64(time.Hour))
		cfg := connector.ParticipantConfig{
			Context: "supplier", ID: n.id, Profile: "preshared",
			Relations: []connector.RelationConfig{{Party: party, Kind: policy.DirectSupply, Note: "frame contract"}, {Party: "urn:example:maker", Kind: "tier-2"}},
		}
		if _, err := n.AddParticipant(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		all, err := n.Relations(t.Context())
		if err != nil || len(all) != 2 || all[0].Note != "frame contract" || !all[0].Since.Equal(at) || !all[1].Since.Equal(at.Add(time.Hour)) {
			t.Errorf("on record are %+v: %v", all, err)
		}
		if err := n.DeleteRelation(t.Context(), "0188:7123456789012", policy.DirectSupply); err != nil {
			t.Error(err)
		}
		if err := n.DeleteRelation(t.Context(), party, policy.DirectSupply); !errors.Is(err, trust.ErrNoRelation) {
			t.Errorf("once more: %v", err)
		}
		if _, err := n.PutRelation(t.Context(), trust.Relation{Party: "0188:1123456789012", Kind: "direct"}); !errors.Is(err, trust.ErrRelation) {
			t.Errorf("a wrong check digit: %v", err)
		}
		cfg.Relations[0].Party = "0188:1123456789012"
		if _, err := n.AddParticipant(t.Context(), cfg); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("a wrong check digit in the configuration: %v", err)
		}
	})
}

// TestDryRun: a participant judges with the terms and the clock of its
// connector.
func TestDryRun(t *testing.T) {
	at := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	terms := policy.NewRegistry()
	err := terms.RegisterOperand(policy.Operand{
		IRI: "urn:example:weekday", Name: "weekday", Type: policy.TypeText, Source: policy.FromClock, From: policy.AtCatalog, Doc: "The day of the week.",
		Values: func(f *policy.Facts, _ string) policy.Left {
			return policy.Left{Values: []policy.Datum{{Text: f.Now.Weekday().String()}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := startNode(t, "memory:", "supplier", connector.WithClock(func() time.Time { return at }), connector.WithPolicyTerms(terms))
	p := policy.Permit("use", policy.Atomic{Left: "urn:example:weekday", Operator: policy.Eq, Right: policy.Text("Wednesday")})
	got, err := n.DryRun(p, true, policy.Sample{})
	if err != nil || !got.Publishable || !got.Verdict.Permit || got.Verdict.Point != policy.AtCatalog || !got.Verdict.At.Equal(at) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = n.DryRun(p, false, policy.Sample{At: at.Add(24 * time.Hour)}); err != nil || got.Verdict.Permit || got.Verdict.Point != policy.AtNegotiation {
		t.Errorf("a day later: %+v, %v", got, err)
	}
	if _, err := n.DryRun(p, false, policy.Sample{Declared: map[string][]string{"": {"x"}}}); !errors.Is(err, policy.ErrMalformed) {
		t.Errorf("a sample that is none: %v", err)
	}
}
