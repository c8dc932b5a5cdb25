// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/examples/internal/strict"
	"github.com/musubi-ods/musubi/trust"
)

// value reads a decimal, or null for a number that is not known.
func value(into *Value) strict.Reader {
	return func(raw []byte) error {
		if string(raw) == "null" {
			*into = Withheld()
			return nil
		}
		var d Decimal
		err := strict.Parsed(&d, ParseDecimal)(raw)
		*into = Known(d)
		return err
	}
}

// parseName accepts what is safe to print on a terminal and fits a line.
func parseName(text string) (string, error) {
	const most = 80
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	if text == "" || utf8.RuneCountInString(text) > most || slices.ContainsFunc([]rune(text), bad) {
		return "", fmt.Errorf("%s is not a name of 1 to %d printable characters", strict.Quote(text), most)
	}
	return text, nil
}

// parseID accepts a slug: it names a participant and stands in URLs.
func parseID(text string) (string, error) {
	const most, letters = 40, "abcdefghijklmnopqrstuvwxyz0123456789-"
	bad := func(r rune) bool { return !slices.Contains([]rune(letters), r) }
	if text == "" || len(text) > most || text[0] == '-' || slices.ContainsFunc([]rune(text), bad) {
		return "", fmt.Errorf("%s is not an id: 1 to %d of a-z, 0-9 and -", strict.Quote(text), most)
	}
	return text, nil
}

// parseCorporateNumber accepts a corporate number as people write it, and
// returns it as it is registered. That its check digit is right does not mean
// that any company has it.
func parseCorporateNumber(text string) (string, error) {
	number, err := trust.ParseIdentifier(trust.CorporateNumber, text, false)
	return number.Value, err
}
