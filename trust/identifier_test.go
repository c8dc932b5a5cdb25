// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// fictional are numbers that fit the formula under a registry prefix that
// stands for no registry, 9999: the examples' companies.
var fictional = []string{
	"8999900000001", "7999900000002", "6999900000003", "5999900000004",
	"4999900000005", "3999900000006", "2999900000007", "1999900000008",
}

// TestCorporateNumberFormula computes the worked examples.
func TestCorporateNumberFormula(t *testing.T) {
	for base, want := range map[string]byte{
		"180301018771": '1', // sum 53
		"010401067252": '5', // sum 40
		"010001008844": '7', // sum 38
		"000012090001": '4',
		"000012050002": '7',
		"010005007126": '5',
		"123456789012": '7',
		"234567890123": '9',
		"000000000000": '9',
		"000000000009": '9', // a slip from 0 to 9 goes unnoticed
	} {
		if got := corporateCheckDigit(base); got != want {
			t.Errorf("check digit of %s is %c, want %c", base, got, want)
		}
	}
	for _, number := range fictional {
		if err := (Identifier{CorporateNumber, number}).Check(false); err != nil {
			t.Error(err)
		}
	}
}

// vectors is identifier-vectors.json.
type vectors struct {
	CorporateNumber struct {
		Valid   []struct{ Value string } `json:"valid"`
		Invalid []struct{ Value string } `json:"invalid"`
		Slips   []struct{ Value string } `json:"passesCheckDigitButNotTheSameNumber"`
	} `json:"corporateNumber"`
	QualifiedInvoiceNumber, LEI, BPN valuesOf
}

type valuesOf struct{ Valid, Invalid []string }

// TestVectors judges the published vectors as values in a credential.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t), "spec", "dcp", "derived", "identifier-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var good, bad []string
	for _, entry := range slices.Concat(v.CorporateNumber.Valid, v.CorporateNumber.Slips) {
		good = append(good, entry.Value)
	}
	for _, entry := range v.CorporateNumber.Invalid {
		bad = append(bad, entry.Value)
	}
	judged := 0
	for scheme, values := range map[string]valuesOf{CorporateNumber: {good, bad}, InvoiceNumber: v.QualifiedInvoiceNumber, LEI: v.LEI} {
		for _, value := range values.Valid {
			judged++
			if err := (Identifier{scheme, value}).Check(false); err != nil {
				t.Error(err)
			}
		}
		for _, value := range values.Invalid {
			judged++
			if err := (Identifier{scheme, value}).Check(false); !errors.Is(err, ErrIdentifier) {
				t.Errorf("%s %q: %v", scheme, value, err)
			}
		}
	}
	judged += judgeBPN(t, v.BPN)
	t.Logf("%d vectors", judged)
	if judged < 30 {
		t.Errorf("only %d vectors: the file is not what it was", judged)
	}
}

// judgeBPN: a wrong pattern is refused, wrong check characters give a warning.
func judgeBPN(t *testing.T, v valuesOf) int {
	t.Helper()
	for _, value := range v.Valid {
		legal := strings.HasPrefix(value, "BPNL")
		if err := (Identifier{BPN, value}).Check(false); (err == nil) != legal || value != "BPNL000000000001" && !bpnOK(value) {
			t.Errorf("%s: %v", value, err)
		}
	}
	for _, value := range v.Invalid {
		i := Identifier{BPN, value}
		if i.Check(false) == nil && len(i.Warnings()) == 0 {
			t.Errorf("%s: neither refused nor warned of", value)
		}
	}
	return len(v.Valid) + len(v.Invalid)
}

func TestWarnings(t *testing.T) {
	for i, want := range map[Identifier]int{
		{BPN, "BPNL00000003CRHK"}:          0,
		{BPN, "BPNL00000003B6LU"}:          0,
		{BPN, "BPNL00000003AYRE"}:          0,
		{BPN, "BPNL0000000002ZN"}:          1,
		{BPN, "BPNL00000000000X"}:          1,
		{BPN, "BPNL"}:                      0,
		{CorporateNumber, "7123456789012"}: 0,
	} {
		if got := i.Warnings(); len(got) != want {
			t.Errorf("%s: %v, want %d", i, got, want)
		}
	}
}

// TestParseIdentifier mends what people write, and says what it cannot mend.
func TestParseIdentifier(t *testing.T) {
	for _, c := range []struct{ scheme, value, want, err string }{
		{CorporateNumber, "7123456789012", "iso6523:0188:7123456789012", ""},
		{CorporateNumber, "７１２３４５６７８９０１２", "iso6523:0188:7123456789012", ""},
		{CorporateNumber, " 7-1234-5678-9012\n", "iso6523:0188:7123456789012", ""},
		{CorporateNumber, "7　1234　5678　9012", "iso6523:0188:7123456789012", ""},
		{CorporateNumber, "７ー１２３４−５６７８‐９０１２", "iso6523:0188:7123456789012", ""},
		{"0188", "7123456789012", "iso6523:0188:7123456789012", ""},
		{"ISO6523:0188", "7123456789012", "iso6523:0188:7123456789012", ""},
		{"０１８８", "7123456789012", "iso6523:0188:7123456789012", ""},
		{CorporateNumber, "T7123456789012", "", "13 digits"},
		{CorporateNumber, "712345678901", "", "13 digits"},
		{CorporateNumber, "1234567890123", "", "first digit would be 9"},
		{CorporateNumber, "٧123456789012", "", "13 digits"},
		{CorporateNumber, "", "", "1 to 128 characters"},
		{CorporateNumber, strings.Repeat("7", 200), "", "128 characters"},
		{InvoiceNumber, "t7123456789012", "iso6523:0221:T7123456789012", ""},
		{InvoiceNumber, "Ｔ－７１２３４５６７８９０１２", "iso6523:0221:T7123456789012", ""},
		{InvoiceNumber, "7123456789012", "", "T and 13 digits"},
		{InvoiceNumber, "T1234567890123", "", "check digit"},
		{LEI, "506700ge1g29325qx363", "iso6523:0199:506700GE1G29325QX363", ""},
		{LEI, "W38RGI023J3WT1HWRP32", "iso6523:0199:W38RGI023J3WT1HWRP32", ""},
		{LEI, "506700GE1G29325QX364", "", "two check digits"},
		{DUNS, "15-048-3782", "iso6523:0060:150483782", ""},
		{DUNS, "15048378", "", "9 digits"},
		{GLN, "4012345000009", "iso6523:0088:4012345000009", ""},
		{GLN, "4012345000000", "", "last digit would be 9"},
		{BPN, "bpnl00000003crhk", "bpn:L:BPNL00000003CRHK", ""},
		{"BPN:l", "BPNL00000003CRHX", "bpn:L:BPNL00000003CRHX", ""},
		{BPN, "BPNS00000003AXS3", "", "BPNL"},
		{StandardCompanyCode, "123456-000000", "iso6523:0147:123456000000", ""},
		{TDBCode, "123456789", "iso6523:0170:123456789", ""},
		{VAT, "de 123 456 789", "eu:vat:DE123456789", ""},
		{EORI, "DE1234567", "eu:eori:DE1234567", ""},
		{EUID, "DEK1101R.HRB116737", "euid:DEK1101R.HRB116737", ""},
		{EUID, "DEK1101R", "", "a dot"},
		{"iso6523:0209", " as-it IS ", "iso6523:0209: as-it IS ", ""},
		{"Vendor", "12 34", "Vendor:12 34", ""},
		{"Vendor", strings.Repeat("あ", 128), "Vendor:" + strings.Repeat("あ", 128), ""},
		{"Vendor", strings.Repeat("あ", 129), "", "128 characters"},
		{"Vendor", "12\u202e34", "", "cannot be seen"},
		{"", "7123456789012", "", "scheme"},
		{"a b", "1", "", "scheme"},
		{strings.Repeat("s", 65), "1", "", "scheme"},
	} {
		got, err := ParseIdentifier(c.scheme, c.value, false)
		if c.err != "" {
			if !errors.Is(err, ErrIdentifier) || !strings.Contains(err.Error(), c.err) || got != (Identifier{}) {
				t.Errorf("%q %q: %v, %v; want an error with %q", c.scheme, c.value, got, err, c.err)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("%q %q: %v, %v; want %s", c.scheme, c.value, got, err, c.want)
		}
	}
}

// TestSamples: published sample data has wrong check digits, but the shape.
func TestSamples(t *testing.T) {
	for _, i := range []Identifier{
		{CorporateNumber, "1234567890123"},
		{InvoiceNumber, "T1234567890123"},
		{LEI, "5493006Z4DXP3JNCAY09"},
		{GLN, "4012345000000"},
	} {
		if i.Check(false) == nil || i.Check(true) != nil {
			t.Errorf("%s: strict %v, samples %v", i, i.Check(false), i.Check(true))
		}
		i.Value += "0"
		if i.Check(true) == nil {
			t.Errorf("%s passes", i)
		}
	}
}

func TestParseIdentifierText(t *testing.T) {
	for text, want := range map[string]Identifier{
		"iso6523:0188:7123456789012": {CorporateNumber, "7123456789012"},
		"0188:7123456789012":         {CorporateNumber, "7123456789012"},
		"bpn:L:BPNL00000003CRHK":     {BPN, "BPNL00000003CRHK"},
	} {
		if got, err := ParseIdentifierText(text, false); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "7123456789012", ":7123456789012", "0188:"} {
		if got, err := ParseIdentifierText(text, false); !errors.Is(err, ErrIdentifier) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// TestOperatorID: a company in Japan is known by its corporate number, a
// foreign one by its LEI.
func TestOperatorID(t *testing.T) {
	japan, lei := Identifier{CorporateNumber, "7123456789012"}, Identifier{LEI, "506700GE1G29325QX363"}
	for _, c := range []struct {
		list         []Identifier
		open, global string
	}{
		{[]Identifier{lei, japan}, japan.Value, lei.Value},
		{[]Identifier{japan}, japan.Value, "did:web:a.example"},
		{[]Identifier{lei}, lei.Value, lei.Value},
		{[]Identifier{{DUNS, "150483782"}, {"other", "1"}}, "", "did:web:a.example"},
		{[]Identifier{{CorporateNumber, "too long by far, and no number"}}, "", "did:web:a.example"},
		{nil, "", "did:web:a.example"},
	} {
		open, ok := OpenOperatorID(c.list)
		if open != c.open || ok != (c.open != "") {
			t.Errorf("%v: open %q, %t", c.list, open, ok)
		}
		if global, ok := GlobalOperatorID(c.list, "did:web:a.example"); global != c.global || !ok {
			t.Errorf("%v: global %q, %t", c.list, global, ok)
		}
	}
	for _, participant := range []string{"", "did:web:" + strings.Repeat("a", 256)} {
		if global, ok := GlobalOperatorID(nil, participant); ok {
			t.Errorf("global %q", global)
		}
	}
}
