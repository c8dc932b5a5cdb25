// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/trust"
)

func TestValidRelationKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"direct": true, "tier-1": true, "1": true, "-": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "Direct": false, "a b": false, "a_b": false, "a\x00": false, "é": false, "ｄ": false,
	} {
		if got := trust.ValidRelationKind(kind); got != want {
			t.Errorf("%q: %t", kind, got)
		}
	}
}

func TestRelationParty(t *testing.T) {
	t.Parallel()
	if got := trust.RelationParty(trust.Identifier{Scheme: trust.CorporateNumber, Value: "7999900000002"}); got != "iso6523:0188:7999900000002" {
		t.Error(got)
	}
}

func TestRelationKeyNamesOneRelation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := trust.Relation{Party: rapid.String().Draw(t, "party"), Kind: rapid.StringMatching(`[a-z0-9-]{1,64}`).Draw(t, "kind")}
		if party, kind := trust.ParseRelationKey(r.Key()); party != r.Party || kind != r.Kind {
			t.Fatalf("%q became %q, %q", r.Key(), party, kind)
		}
		if alone := strings.ReplaceAll(r.Party, " ", ""); alone != "" {
			if party, kind := trust.ParseRelationKey(alone); party != alone || kind != "" {
				t.Fatalf("%q became %q, %q", alone, party, kind)
			}
		}
	})
}
