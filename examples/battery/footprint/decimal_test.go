// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "0.0": "0", "10.50": "10.5", "99999.99999": "99999.99999", "999999999999999": "999999999999999",
		"0." + strings.Repeat("0", 199) + "1": "0." + strings.Repeat("0", 199) + "1",
	} {
		d, err := footprint.ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%s: %s, %v", text, d, err)
		}
	}
	for text, reason := range map[string]string{
		"": "not a number", ".": "not a number", ".5": "not a number", "5.": "not a number", "1.2.3": "not a number",
		"1,5": "not a number", "1e3": "not a number", "+1": "not a number", "1 000": "not a number", "0x1": "not a number",
		"1_000": "not a number", "1/3": "not a number", "NaN": "not a number", "Inf": "not a number", "１": "not a number",
		"-1": "negative", "-0": "negative", "007": "zero too many", "00": "zero too many",
		"1000000000000000":                     "more than 15 digits",
		"0." + strings.Repeat("1", 201):        "more than 15 digits before or 200 after",
		"1" + strings.Repeat("0", 1_000_000):   "more than 15 digits",
		"0.\x1b[31m" + strings.Repeat("x", 99): `"0.\x1b[31m`,
	} {
		d, err := footprint.ParseDecimal(text)
		if !errors.Is(err, footprint.ErrDecimal) || !strings.Contains(err.Error(), reason) || len(err.Error()) > 300 {
			t.Errorf("%.40q: %s, %v; want %q", text, d, err, reason)
		}
	}
}

func TestRoundingIsHalfUpAndOnlyInQuoRound(t *testing.T) {
	for _, test := range []struct {
		dividend, divisor string
		decimals          int
		want              string
	}{
		{"4000", "30000", 5, "0.13333"},
		{"4211.92", "30000", 5, "0.14040"},
		{"1", "8", 2, "0.13"}, // 0.125
		{"1", "3", 0, "0"},
		{"2", "3", 0, "1"},
		{"0", "7", 3, "0.000"},
	} {
		d := footprint.MustDecimal(test.dividend).QuoRound(footprint.MustDecimal(test.divisor), test.decimals)
		if d.Pad(test.decimals) != test.want {
			t.Errorf("%s / %s = %s, want %s", test.dividend, test.divisor, d.Pad(test.decimals), test.want)
		}
	}
	if got := footprint.MustDecimal("3839.488").Pad(2); got != "3839.488" {
		t.Errorf("Pad rounds to %s", got)
	}
}

func TestDecimalTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{0,30}[1-9])?`).Draw(t, "text")
		d := footprint.MustDecimal(text)
		if d.String() != text {
			t.Fatalf("%s prints as %s", text, d)
		}
		e := footprint.MustDecimal(rapid.StringMatching(`[1-9]\.[0-9]{1,5}`).Draw(t, "other"))
		if got := d.Mul(e).QuoRound(e, 40); !got.Equal(d) {
			t.Fatalf("%s × %s ÷ %s = %s", d, e, e, got)
		}
		if d.Add(e).Equal(d) {
			t.Fatalf("%s + %s = %s", d, e, d)
		}
	})
}
