// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

func TestParseCAS(t *testing.T) {
	for text := range strings.FieldsSeq(`107-07-3 7732-18-5 71-23-8 84852-53-9 7439-92-1 1317-36-8 1314-41-6 12626-81-2
		111-96-6 117-82-8 110-71-4 85535-85-9 25973-55-1 110-54-3 13560-89-9 4390-04-9`) {
		if cas, err := substance.ParseCAS(text); err != nil || string(cas) != text {
			t.Errorf("%s: %q, %v", text, cas, err)
		}
	}
	for text, reason := range map[string]string{
		"84852-53-8":          "check digit of 84852-53-8 is 8, computed is 9",
		"201-004-7":           "form of an EC number",
		"284-366-9":           "form of an EC number",
		"4390-04-09 00:00:00": "spreadsheet",
		"4390-04-09":          "spreadsheet",
		"1317/36/8":           "spreadsheet",
		"9/4/4390":            "spreadsheet",
		"84852539":            "not a CAS number",
		"084852-53-9":         "not a CAS number",
		"84852-53-9 ":         "not a CAS number",
		"84852‐53‐9":          "not a CAS number", // other hyphens
		"１１０-54-3":            "not a CAS number", // wide digits
		"":                    "not a CAS number",
	} {
		if _, err := substance.ParseCAS(text); !errors.Is(err, substance.ErrIdentifier) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want %q", text, err, reason)
		}
	}
}

func TestParseEC(t *testing.T) {
	for _, text := range []string{"201-004-7", "284-366-9", "231-100-4"} {
		if ec, err := substance.ParseEC(text); err != nil || string(ec) != text {
			t.Errorf("%s: %q, %v", text, ec, err)
		}
	}
	for _, text := range []string{"201-004-8", "84852-53-9", "2010047", "", "201-004-10"} {
		if _, err := substance.ParseEC(text); !errors.Is(err, substance.ErrIdentifier) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// One wrong digit is always found, except where its weight hides it: a tenth place
// from the right has the weight 10, and CAS numbers do not reach it.
func TestOneWrongDigitOfACAS(t *testing.T) {
	known := []string{"7439-92-1", "1317-36-8", "84852-53-9", "110-71-4"}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.SampledFrom(known).Draw(t, "cas"))
		last := len(text) - 1
		old := text[last]
		text[last] = rapid.SampledFrom([]byte("0123456789")).Draw(t, "digit")
		if _, err := substance.ParseCAS(string(text)); (err == nil) != (text[last] == old) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// A right check digit of the wrong substance is found by its name.
func TestCheckName(t *testing.T) {
	r := register(t)
	for _, row := range []struct {
		name string
		cas  substance.CAS
		ok   bool
	}{
		{"bis(2-methoxyethyl) phthalate", "117-82-8", true},
		{"bis(2-methoxyethyl) phthalate", "111-96-6", false},
		{"Bis (2-Methoxyethyl)-Phthalate", "111-96-6", false},
		{"bis(2-methoxyethyl) ether", "111-96-6", true},
		{"鉛", "7439-92-1", true},
		{"鉛", "1317-36-8", false},
		{"a trade name", "111-96-6", true},
	} {
		err := r.CheckName(row.name, row.cas)
		if (err == nil) != row.ok || err != nil && !errors.Is(err, substance.ErrName) {
			t.Errorf("%s, %s: %v", row.name, row.cas, err)
		}
	}
}

func TestParseDate(t *testing.T) {
	if d, err := substance.ParseDate("2028-02-29"); err != nil || d.String() != "2028-02-29" {
		t.Error(d, err)
	}
	for text, reason := range map[string]string{
		"2025-02-29":          "there is no day",
		"2025-13-01":          "there is no day",
		"45966":               "spreadsheet",
		"2025/11/05":          "spreadsheet",
		"05.11.2025":          "spreadsheet",
		"2025-11-05 00:00:00": "spreadsheet",
		"2025-11-5":           "not of the form",
		"Nov-25":              "not of the form",
		"令和7年11月5日":           "not of the form",
		"":                    "not of the form",
	} {
		if _, err := substance.ParseDate(text); !errors.Is(err, substance.ErrDate) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want %q", text, err, reason)
		}
	}
}

func TestQuantities(t *testing.T) {
	if m, err := substance.ParseMass("1.530 g"); err != nil || m.Milligrams().String() != "1530" || m.String() != "1.53 g" {
		t.Error(m, err)
	}
	if s, err := substance.ParseShare("40 mg/kg"); err != nil || s.Fraction().String() != "0.00004" {
		t.Error(s, err)
	}
	for text, reason := range map[string]error{
		"1.530": substance.ErrUnit, "1.530g": substance.ErrUnit, "1.530 t": substance.ErrUnit, "1.530 %": substance.ErrUnit,
		"-1 g": substance.ErrDecimal, "1e3 g": substance.ErrDecimal, "1,5 g": substance.ErrDecimal, " g": substance.ErrDecimal,
		"01 g": substance.ErrDecimal, "1000000000000000 g": substance.ErrDecimal,
	} {
		if _, err := substance.ParseMass(text); !errors.Is(err, reason) {
			t.Errorf("mass %q: %v, want %v", text, err, reason)
		}
	}
	for text, reason := range map[string]error{
		"8": substance.ErrUnit, "80000 ppm": substance.ErrUnit, "8 g": substance.ErrUnit, "8 wt%": substance.ErrUnit,
		"80000 %": substance.ErrBalance, "100.0000001 %": substance.ErrBalance, "1000001 mg/kg": substance.ErrBalance,
	} {
		if _, err := substance.ParseShare(text); !errors.Is(err, reason) {
			t.Errorf("share %q: %v, want %v", text, err, reason)
		}
	}
	if _, err := substance.ParseMass("0 g"); err == nil {
		t.Error("a mass of nothing passes")
	}
}
