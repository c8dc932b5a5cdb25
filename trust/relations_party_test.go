// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// TestParseRelationParty: a corporate identifier is mended and checked, any
// other name is a participant id and stays.
func TestParseRelationParty(t *testing.T) {
	for name, c := range map[string]struct{ in, want, reason string }{
		"corporate number":           {"iso6523:0188:7123456789012", "iso6523:0188:7123456789012", ""},
		"bare code of the scheme":    {"0188:7123456789012", "iso6523:0188:7123456789012", ""},
		"as a person writes it":      {"0188:７１２３-4567-89012", "iso6523:0188:7123456789012", ""},
		"wrong check digit":          {"0188:1123456789012", "", "check digit"},
		"too short":                  {"iso6523:0188:7", "", "13 digits"},
		"scheme that nobody knows":   {"iso6523:9999:1", "", "not known here"},
		"DID":                        {"did:web:a.example:b", "did:web:a.example:b", ""},
		"IRI":                        {"urn:example:maker", "urn:example:maker", ""},
		"bare word":                  {"BPNL00000003CRHK", "BPNL00000003CRHK", ""},
		"space within":               {"urn:example:a b", "urn:example:a b", ""},
		"nothing":                    {"", "", "participant id"},
		"space behind":               {"urn:example:a ", "", "space"},
		"something that is not seen": {"urn:example:a\u202e", "", "participant id"},
		"long":                       {strings.Repeat("a", 1025), "", "1024"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := trust.ParseRelationParty(c.in, false)
			if (c.reason == "") != (err == nil) || got != c.want {
				t.Fatalf("%q, %v; want %q", got, err, c.want)
			}
			if err != nil && (!errors.Is(err, trust.ErrRelation) || !strings.Contains(err.Error(), c.reason)) {
				t.Errorf("the error is %v, want an ErrRelation about %q", err, c.reason)
			}
		})
	}
	if _, err := trust.ParseRelationParty("0188:1123456789012", true); err != nil {
		t.Errorf("a sample's check digit is not let pass: %v", err)
	}
}

// FuzzParseRelationParty: what is taken is taken again, and stays what it is.
func FuzzParseRelationParty(f *testing.F) {
	for _, s := range []string{"0188:7123456789012", "did:web:a", "iso6523:0199:x", ":", "a:", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		party, err := trust.ParseRelationParty(s, false)
		if err != nil {
			return
		}
		if again, err := trust.ParseRelationParty(party, false); err != nil || again != party {
			t.Errorf("%q became %q, then %q: %v", s, party, again, err)
		}
	})
}
