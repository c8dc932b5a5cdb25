// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Identifier is a corporate identifier: a scheme and a value. The value alone
// means nothing: a number of 13 digits may be a corporate number or a GLN.
// Two are equal if both parts are, so == compares them.
type Identifier struct {
	// Scheme is "iso6523:" and the four digits of an ICD, or one of the names
	// below.
	Scheme string `json:"scheme"`
	Value  string `json:"value"`
}

// Schemes (ISO/IEC 6523 where there is a code).
const (
	CorporateNumber     = "iso6523:0188" // 法人番号, National Tax Agency of Japan
	InvoiceNumber       = "iso6523:0221" // 適格請求書発行事業者登録番号
	LEI                 = "iso6523:0199" // ISO 17442
	DUNS                = "iso6523:0060"
	GLN                 = "iso6523:0088"
	StandardCompanyCode = "iso6523:0147" // 標準企業コード, JIPDEC
	TDBCode             = "iso6523:0170" // Teikoku Databank
	BPN                 = "bpn:L"        // legal entities alone
	VAT                 = "eu:vat"
	EORI                = "eu:eori"
	EUID                = "euid"
)

// ErrIdentifier: the text is no identifier of its scheme.
var ErrIdentifier = errors.New("not a valid identifier")

// Bounds of what is kept of an identifier, in characters.
const (
	maxScheme = 64
	maxValue  = 128
)

// ParseIdentifier normalises and validates an identifier as a person may write
// it: full-width characters, spaces, hyphens and lower case are mended. An
// unknown scheme is kept as it is: it never satisfies a policy. samples lets
// wrong check digits pass. The error, an ErrIdentifier, says what is wrong with
// the value. That a value is valid does not mean that it was ever assigned:
// only the register knows.
func ParseIdentifier(scheme, value string, samples bool) (Identifier, error) {
	i := Identifier{Scheme: normalScheme(scheme), Value: value}
	if s, known := schemes[i.Scheme]; known {
		i.Value = s.normal(value)
	}
	if err := i.Check(samples); err != nil {
		return Identifier{}, err
	}
	return i, nil
}

// ParseIdentifierText reads scheme and value in one text, as String writes it
// and as Peppol does ("0188:7123456789012"). Errors as of ParseIdentifier.
func ParseIdentifierText(text string, samples bool) (Identifier, error) {
	cut := strings.LastIndex(text, ":")
	if cut < 0 {
		return Identifier{}, fmt.Errorf("%w: %q has no scheme; write scheme:value, for instance %s:7123456789012",
			ErrIdentifier, clip(text), CorporateNumber)
	}
	return ParseIdentifier(text[:cut], text[cut+1:], samples)
}

// String returns scheme and value as one text, as policies name it:
// "iso6523:0188:7123456789012".
func (i Identifier) String() string { return i.Scheme + ":" + i.Value }

// Known reports whether we know the scheme, and so what its values mean. One
// that is not known is kept, and never satisfies a policy (C17).
func (i Identifier) Known() bool {
	_, known := schemes[i.Scheme]
	return known
}

// Check judges an identifier as it stands, in a credential or a store: nothing
// is mended. The error is an ErrIdentifier.
func (i Identifier) Check(samples bool) error {
	_, err := i.check(samples)
	return err
}

// Warnings tells what is odd about an identifier and no reason to refuse it:
// check characters of a BPN, which public test data often have wrong.
func (i Identifier) Warnings() []string {
	if i.Scheme == BPN && schemes[BPN].shape.MatchString(i.Value) && !bpnOK(i.Value) {
		return []string{"the last two characters of " + i.Value + " do not fit the others"}
	}
	return nil
}

// check also returns the number of the check that fails.
func (i Identifier) check(samples bool) (number string, err error) {
	switch {
	case i.Scheme == "" || len(i.Scheme) > maxScheme || !printable(i.Scheme):
		return "V79", fmt.Errorf("%w: the scheme must be 1 to %d printable ASCII characters without spaces", ErrIdentifier, maxScheme)
	case i.Value == "" || utf8.RuneCountInString(i.Value) > maxValue:
		number = "V79"
		if s, known := schemes[i.Scheme]; known {
			number = s.number
		}
		return number, fmt.Errorf("%w: the value must be 1 to %d characters long", ErrIdentifier, maxValue)
	}
	s, known := schemes[i.Scheme]
	if !known {
		if hidden(i.Value) {
			return "V79", fmt.Errorf("%w: the value has characters that cannot be seen", ErrIdentifier)
		}
		return "", nil
	}
	if !s.shape.MatchString(i.Value) {
		hint := ""
		if n := s.normal(i.Value); n != i.Value && s.shape.MatchString(n) {
			hint = "; write " + n
		}
		return s.number, fmt.Errorf("%w: %q is no %s: it must be %s%s", ErrIdentifier, clip(i.Value), s.name, s.words, hint)
	}
	if s.fits != nil && !samples {
		if why := s.fits(i.Value); why != "" {
			return s.number, fmt.Errorf("%w: %s %s: %s", ErrIdentifier, s.name, i.Value, why)
		}
	}
	return "", nil
}
