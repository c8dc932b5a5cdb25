// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrIdentifier marks a CAS or EC number that cannot be one.
var ErrIdentifier = errors.New("bad identifier")

// CAS is a CAS registry number with a right check digit, such as 84852-53-9.
// A right check digit does not make it the right substance: see Register.CheckName.
type CAS string

// EC is a number of the European Community inventory with a right check digit,
// such as 284-366-9.
type EC string

var (
	casForm         = regexp.MustCompile(`^[1-9][0-9]{1,6}-[0-9]{2}-[0-9]$`)
	ecForm          = regexp.MustCompile(`^[0-9]{3}-[0-9]{3}-[0-9]$`)
	spreadsheetForm = regexp.MustCompile(`^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([T ][0-9:.]*)?$`)
)

// ParseCAS reads a CAS number. It says so when the text is an EC number, or what a
// spreadsheet makes of a CAS number that looks like a date (ErrIdentifier).
func ParseCAS(text string) (CAS, error) {
	switch {
	case casForm.MatchString(text):
		return checked(CAS(text), casDigit(text))
	case ecForm.MatchString(text):
		return "", fmt.Errorf("%w: %s has the form of an EC number and stands where a CAS number is expected", ErrIdentifier, strict.Quote(text))
	case spreadsheetForm.MatchString(text):
		return "", fmt.Errorf("%w: %s is a date; a spreadsheet may have made it of a CAS number", ErrIdentifier, strict.Quote(text))
	default:
		return "", fmt.Errorf("%w: %s is not a CAS number such as 84852-53-9", ErrIdentifier, strict.Quote(text))
	}
}

// ParseEC reads an EC number (ErrIdentifier).
func ParseEC(text string) (EC, error) {
	if !ecForm.MatchString(text) {
		return "", fmt.Errorf("%w: %s is not an EC number such as 284-366-9", ErrIdentifier, strict.Quote(text))
	}
	return checked(EC(text), ecDigit(text))
}

// checked compares the last digit with the computed one.
func checked[N ~string](number N, want int) (N, error) {
	if got := int(number[len(number)-1] - '0'); got != want {
		return "", fmt.Errorf("%w: the check digit of %s is %d, computed is %d: a digit is wrong", ErrIdentifier, number, got, want)
	}
	return number, nil
}

// casDigit: the digits weighted 1, 2, 3 ... from the right, modulo 10.
func casDigit(text string) int {
	numbers := body(text)
	sum := 0
	for i, digit := range numbers {
		sum += (len(numbers) - i) * int(digit-'0')
	}
	return sum % 10
}

// ecDigit: the digits weighted 1, 2, 3 ... from the left, modulo 11. Where that
// gives 10 there is no such number.
func ecDigit(text string) int {
	sum := 0
	for i, digit := range body(text) {
		sum += (i + 1) * int(digit-'0')
	}
	return sum % 11
}

// body is all digits but the last.
func body(text string) string {
	all := strings.ReplaceAll(text, "-", "")
	return all[:len(all)-1]
}
