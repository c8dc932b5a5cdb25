// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust"
)

// All companies of the built-in chains and the outsiders have numbers that are
// well formed, each its own, and that no registered company has.
func TestFictionalNumbers(t *testing.T) {
	seen := map[string]bool{"7" + mistypedFirm.Number[1:]: true}
	note := func(number string) {
		t.Helper()
		if _, err := trust.ParseIdentifier(trust.CorporateNumber, number, false); err != nil || !strings.HasPrefix(number[1:], "9999") || seen[number] {
			t.Errorf("%s: twice: %v, %v", number, seen[number], err)
		}
		seen[number] = true
	}
	for _, name := range []string{"five-companies", "tutorial"} {
		chain, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chain.Companies {
			note(c.CorporateNumber)
		}
		numbers, register := registered(chain)
		if len(numbers) != 0 || len(register) != len(chain.Companies)+3 {
			t.Errorf("%d got a number, %d are registered", len(numbers), len(register))
		}
	}
	for _, p := range []dataspace.Profile{expiredFirm, revokedFirm, mistypedFirm} {
		note(p.Number)
	}
}
