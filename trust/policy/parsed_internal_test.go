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

func TestParsedIsBounded(t *testing.T) {
	var kept parsedTexts
	for i := range 1000 {
		kept.keep([]byte(fmt.Sprintf("%04d%s", i, strings.Repeat("x", 1<<10))), Policy{})
		if kept.bytes > maxParsedBytes {
			t.Fatalf("%d bytes after %d", kept.bytes, i)
		}
	}
	if n := len(kept.known); n == 0 || n > maxParsedBytes/(parsedFactor<<10) {
		t.Errorf("%d are kept", n)
	}
	kept = parsedTexts{}
	kept.keep(make([]byte, maxParsedText+1), Policy{})
	if len(kept.known) != 0 {
		t.Error("one too large is kept")
	}
}
