// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

// Identifier is a corporate identifier: a scheme and a value. The value alone
// means nothing: a number of 13 digits may be a corporate number or a GLN.
type Identifier struct {
	// Scheme is "iso6523:" and the four digits of an ICD, or one of the names
	// below.
	Scheme string `json:"scheme"`
	Value  string `json:"value"`
}

// Schemes (ISO/IEC 6523 where there is a code).
const (
	CorporateNumber = "iso6523:0188" // 法人番号, National Tax Agency of Japan
	InvoiceNumber   = "iso6523:0221" // 適格請求書発行事業者登録番号
	LEI             = "iso6523:0199" // ISO 17442
	DUNS            = "iso6523:0060"
	GLN             = "iso6523:0088"
	BPN             = "bpn:L"
)

// ParseIdentifier normalises and validates an identifier as a person may write
// it. An unknown scheme is kept as it is: it never satisfies a policy. samples
// lets wrong check digits pass. The error says what is wrong with the value.
func ParseIdentifier(scheme, value string, samples bool) (Identifier, error) {
	panic("to be written")
}

// String returns scheme and value as one text, as policies name it:
// "iso6523:0188:1180301018771".
func (i Identifier) String() string { return i.Scheme + ":" + i.Value }

// Primary returns the corporate identifier that a CorporateIdentityCredential
// among the claims binds the participant to.
func (c Claims) Primary() (Identifier, bool) { panic("to be written") }

// Identifiers returns all of them.
func (c Claims) Identifiers() []Identifier { panic("to be written") }
