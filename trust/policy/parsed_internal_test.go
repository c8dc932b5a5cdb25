// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"testing"
)

// Who changes a policy that was parsed changes nobody else's.
func TestParsedIsTheCallersOwn(t *testing.T) {
	text, err := Permit(Use, AnyOf(ActiveMember(), Times(3)), Volume(9)).Permit(Use, Times(1)).JSON()
	if err != nil {
		t.Fatal(err)
	}
	first, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := first.Hash()
	for range 2 { // the one that was read, and the one that is kept
		p, err := Parse(text)
		if err != nil || p.Hash() != want {
			t.Fatalf("%s is not %s: %v", p.Hash(), want, err)
		}
		p.Permissions[0].Constraints[0].(Logical).Constraints[0] = Times(99)
		p.Permissions[0].Constraints[1] = Times(98)
		p.Permissions[1].Action = "other"
		_ = append(p.Permissions[:1], Rule{Action: "another"})
	}
	first.Permissions[0].Constraints = nil
	if p, err := Parse(text); err != nil || p.Hash() != want {
		t.Errorf("%s is not %s: %v", p.Hash(), want, err)
	}
}

// TestParsedIsBounded: the texts that counterparties write take so much and no
// more, and a large one is not kept.
func TestParsedIsBounded(t *testing.T) {
	parsed = newParsed() // others have put shorter ones there
	of := func(i, size int) []byte {
		text, err := Permit(Use, ForTrade(fmt.Sprintf("x:%04d%s", i, strings.Repeat("x", size)))).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	for i := range 1000 {
		of(i, 1<<10)
		if n, _ := parsed.Len(); n > maxParsedBytes/(parsedFactor<<10) {
			t.Fatalf("%d are kept after %d", n, i)
		}
	}
	if _, ok := parsed.Peek(string(of(1000, 1<<10))); !ok {
		t.Error("the latest is not kept")
	}
	if _, ok := parsed.Peek(string(of(1001, maxParsedText))); ok {
		t.Error("one too large is kept")
	}
}
