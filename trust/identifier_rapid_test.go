// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// generators make valid values of the schemes with check digits.
var generators = map[string]*rapid.Generator[string]{
	CorporateNumber: rapid.Map(rapid.StringMatching(`[0-9]{12}`), numbered),
	InvoiceNumber:   rapid.Map(rapid.StringMatching(`[0-9]{12}`), func(base string) string { return "T" + numbered(base) }),
	LEI: rapid.Map(rapid.StringMatching(`[0-9A-Z]{18}`), func(base string) string {
		digits := strconv.Itoa(98 - mod97(base+"00"))
		return base + "00"[:2-len(digits)] + digits
	}),
	GLN: rapid.Map(rapid.StringMatching(`[0-9]{12}`), func(base string) string { return base + string(gs1CheckDigit(base)) }),
	BPN: rapid.Map(rapid.StringMatching(`[0-9A-Z]{10}`), func(code string) string { return "BPNL" + code + bpnCheckCharacters(code) }),
}

func numbered(base string) string { return string(corporateCheckDigit(base)) + base }

// TestFormulas: what is computed is accepted, however it is written, and each
// slip of one digit is found. The one that the formula of corporate numbers
// cannot see is between 0 and 9.
func TestFormulas(t *testing.T) {
	for scheme, values := range generators {
		t.Run(scheme, func(t *testing.T) {
			found, blind := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				value := values.Draw(t, "value")
				accepts(t, scheme, value)
				at := rapid.IntRange(0, len(value)-1).Draw(t, "at")
				digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
				if value[at] < '0' || value[at] > '9' || value[at] == digit {
					return
				}
				slip := Identifier{scheme, value[:at] + string(digit) + value[at+1:]}
				noticed := slip.Check(false) != nil || len(slip.Warnings()) != 0
				weak := (scheme == CorporateNumber || scheme == InvoiceNumber) && (value[at] == '0' && digit == '9' || value[at] == '9' && digit == '0') && at != len(value)-13
				switch {
				case noticed && weak, !noticed && !weak:
					t.Fatalf("%s for %s: noticed %t", slip.Value, value, noticed)
				case weak:
					blind++
				default:
					found++
				}
			})
			t.Logf("%d slips found, %d between 0 and 9 not seen", found, blind)
			testkit.Occurred(t, found > 0, "no slip was tried")
		})
	}
}

func accepts(t *rapid.T, scheme, value string) {
	i := Identifier{scheme, value}
	if err := i.Check(false); err != nil || len(i.Warnings()) != 0 {
		t.Fatalf("%s: %v, %v", value, err, i.Warnings())
	}
	if got, err := ParseIdentifier(scheme, written(t, value), false); err != nil || got != i {
		t.Fatalf("%s: parsed %v, %v", value, got, err)
	}
}

// written writes a value as a person might.
func written(t *rapid.T, value string) string {
	out := []rune{}
	for _, r := range value {
		if rapid.Bool().Draw(t, "wide") {
			r += '\uff01' - '!'
		}
		if r >= 'A' && r <= 'Z' && rapid.Bool().Draw(t, "small") {
			r += 'a' - 'A'
		}
		out = append(out, r)
		if gap := rapid.SampledFrom([]rune{0, 0, ' ', '-', '\u3000', '\u2212', '\u30fc', '\t'}).Draw(t, "gap"); gap != 0 {
			out = append(out, gap)
		}
	}
	return string(out)
}

// TestNormalFormIsStable: parsing what was parsed changes nothing.
func TestNormalFormIsStable(t *testing.T) {
	names := []string{"Unknown"}
	for name := range schemes {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		scheme := rapid.SampledFrom(names).Draw(t, "scheme")
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z]{0,2}[0-9 ０-９.-]{8,14}`)).Draw(t, "value")
		once, err := ParseIdentifier(scheme, value, true)
		if err != nil {
			return
		}
		if twice, err := ParseIdentifier(once.Scheme, once.Value, true); err != nil || twice != once {
			t.Fatalf("%v, then %v, %v", once, twice, err)
		}
	})
}
