// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "regexp"

// scheme is what we know of one.
type scheme struct {
	number string // of the check that a bad value fails
	name   string // for people
	normal func(string) string
	shape  *regexp.Regexp
	words  string // the shape, for people
	// fits says why the check digits do not fit, "" if they do. Nil: there
	// are none that can be relied on.
	fits func(string) string
}

// schemes are those that policies may name. Those of Europe have no formula
// that all members share, so their shape is all that is judged.
var schemes = map[string]scheme{
	CorporateNumber: {
		"C04", "corporate number", compact, regexp.MustCompile(`^[1-9][0-9]{12}$`),
		"13 digits, the first not 0", corporateNumberFits,
	},
	InvoiceNumber: {
		"C05", "invoice number", compact, regexp.MustCompile(`^T[0-9]{13}$`),
		"T and 13 digits", invoiceNumberFits,
	},
	LEI: {
		"C06", "LEI", compact, regexp.MustCompile(`^[A-Z0-9]{18}[0-9]{2}$`),
		"18 capital letters or digits, then 2 digits", leiFits,
	},
	DUNS: {
		"C08", "D-U-N-S number", compact, regexp.MustCompile(`^[0-9]{9}$`),
		"9 digits", nil,
	},
	GLN: {
		"C08", "GLN", compact, regexp.MustCompile(`^[0-9]{13}$`),
		"13 digits", glnFits,
	},
	StandardCompanyCode: {
		"V79", "standard company code", compact, regexp.MustCompile(`^[0-9]{12}$`),
		"12 digits", nil,
	},
	TDBCode: {
		"V79", "Teikoku Databank code", compact, regexp.MustCompile(`^[0-9]{9}$`),
		"9 digits", nil,
	},
	BPN: {
		"C09", "business partner number of a legal entity", compact, regexp.MustCompile(`^BPNL[0-9A-Z]{12}$`),
		"BPNL and 12 digits or capital letters", nil,
	},
	VAT: {
		"V79", "VAT number", compact, regexp.MustCompile(`^[A-Z]{2}[0-9A-Z+*]{2,13}$`),
		"the country's two letters and up to 13 characters", nil,
	},
	EORI: {
		"V79", "EORI number", compact, regexp.MustCompile(`^[A-Z]{2}[0-9A-Z]{1,15}$`),
		"the country's two letters and up to 15 characters", nil,
	},
	EUID: {
		"V79", "EUID", narrow, regexp.MustCompile(`^[A-Z]{2}[0-9A-Za-z]*\.[0-9A-Za-z_./-]{1,64}$`),
		"country and register, a dot, and the number there", nil,
	},
}
