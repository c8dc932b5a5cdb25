// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// Who discloses to whom follows from the data alone.
func TestContracts(t *testing.T) {
	for name, want := range map[string]map[string][]string{
		"inv-9":   {"tape": {"unit"}}, // 12.0 g of tape, and 4 terminals of 1.530 g
		"sixteen": {"brass": {"terminal"}, "capacitor": {"board"}, "compound": {"housing"}, "wire": {"harness"}},
	} {
		in, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, contracts(in.chain)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What is delivered counts with all pieces of all that it is in.
func TestDelivered(t *testing.T) {
	in, err := load("inv-9")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range in.chain.Companies {
		if c.ID != "unit" {
			continue
		}
		for supplier, want := range map[string]string{"terminal": "6120", "tape": "12000", "nobody": "0"} {
			if got := delivered(c.Bill, supplier); !got.Equal(substance.MustDecimal(want)) {
				t.Errorf("%s delivers %s mg, want %s", supplier, got, want)
			}
		}
	}
}

// A supplier that cannot be reached leaves the verdict open, down to the final
// product, and nobody further down learns who it is.
func TestSilentSupplier(t *testing.T) {
	in, err := load("inv-9")
	if err != nil {
		t.Fatal(err)
	}
	if in.questions, err = parseQuestions(in.register, "ROHS-2025-11-21:ROHS-PB:2027-06-30"); err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), in, t.TempDir(), options{wait: time.Hour})
	t.Cleanup(func() {
		if err := s.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.byID["terminal"].Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.companies = slices.DeleteFunc(s.companies, func(c *company) bool { return c.ID == "terminal" })
	out := new(bytes.Buffer)
	s.out = out
	if err := s.round(t.Context(), in.questions[0]); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(out.String(), "unit asks terminal")
	said, _, _ := strings.Cut(after, "unit asks tape")
	if !strings.Contains(said, "no answer  ") {
		t.Errorf("it says\n%s", out)
	}
	if v := s.final().result; v.State != substance.Above || v.Missing == 0 || v.Coverage == 100 || v.Compliance() != substance.NotYetDecided {
		t.Errorf("the OEM knows %+v", v)
	}
	if !strings.Contains(out.String(), "answers missing: 1: unknown") {
		t.Errorf("it does not say that one is missing:\n%s", out)
	}
	if told, _ := s.tap.Received(); bytes.Contains(told, []byte("terminal")) {
		t.Error("the OEM heard of the supplier")
	}
}
