// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// DBDPE is listed: of 30 messages that a survey takes, 7 are needed, and with them
// every verdict along the chain is known.
func TestRequeryTakesSevenMessages(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "sixteen")
	q := ask(cl2, "CL-DBDPE", "2025-11-05")
	plan := requery(t, r, c, q)
	want(t, "a full survey", plan.Full, 30)
	if diff := cmp.Diff([]substance.Message{
		{Kind: substance.Ask, From: "laminate", To: "resin"},
		{Kind: substance.Reply, From: "resin", To: "laminate"},
		{Kind: substance.Update, From: "laminate", To: "board"},
		{Kind: substance.Update, From: "tape", To: "harness"},
		{Kind: substance.Update, From: "board", To: "unit"},
		{Kind: substance.Update, From: "harness", To: "unit"},
		{Kind: substance.Update, From: "unit", To: "oem"},
	}, plan.Messages); diff != "" {
		t.Error(diff)
	}
	want(t, "silent relations", len(plan.Silent), 0)

	// Only those messages are sent, and yet nothing stays unknown.
	heard := make(map[substance.Relation]bool)
	for _, m := range plan.Messages {
		heard[substance.Relation{Customer: m.To, Supplier: m.From}] = true
	}
	answers := make(map[string]substance.Verdict)
	for _, company := range c.Companies {
		held := substance.Held{Verdicts: make(map[string]substance.Verdict)}
		for _, supplier := range company.Suppliers() {
			if heard[substance.Relation{Customer: company.ID, Supplier: supplier}] {
				held.Verdicts[answers[supplier].Part] = answers[supplier]
			}
		}
		v := evaluate(t, r, company.Bill, q, held).Answer()
		want(t, company.ID+": missing", v.Missing, 0)
		answers[company.ID] = v
	}
	want(t, "the vehicle", answers["oem"].State, substance.Above)
}

// What nobody says anything about, and is covered by nothing, is named.
func TestRequeryNamesTheSilent(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "sixteen")
	for i, company := range c.Companies {
		if company.ID == "unit" {
			housing := company.Bill.Nodes["HS-7"]
			housing.Without = nil
			c.Companies[i].Bill.Nodes["HS-7"] = housing
		}
	}
	plan := requery(t, r, c, ask(cl2, "CL-DBDPE", "2025-11-05"))
	want(t, "messages", len(plan.Messages), 7)
	if diff := cmp.Diff([]substance.Relation{{Customer: "unit", Supplier: "housing"}}, plan.Silent); diff != "" {
		t.Error(diff)
	}
}

// What nobody has starts nothing.
func TestRequeryOfWhatNobodyHas(t *testing.T) {
	plan, err := substance.Requery([]substance.Participant{
		{ID: "a", Suppliers: []string{"b"}, Covered: []string{"b"}}, {ID: "b"},
	})
	if err != nil || len(plan.Messages)+len(plan.Silent) != 0 || plan.Full != 2 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestRequeryRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		participants []substance.Participant
		is           error
	}{
		"cycle":    {[]substance.Participant{{ID: "a", Suppliers: []string{"b"}}, {ID: "b", Suppliers: []string{"a"}}}, substance.ErrCycle},
		"stranger": {[]substance.Participant{{ID: "a", Suppliers: []string{"b"}}}, substance.ErrBill},
	} {
		if _, err := substance.Requery(c.participants); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func requery(t *testing.T, r *substance.Register, c substance.Chain, q substance.Question) substance.Plan {
	t.Helper()
	var participants []substance.Participant
	for _, company := range c.Companies {
		p, err := r.Participant(company, q)
		if err != nil {
			t.Fatal(err)
		}
		participants = append(participants, p)
	}
	plan, err := substance.Requery(participants)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
