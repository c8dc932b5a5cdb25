// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime

import "strings"

// agreement begins a time that counts from the conclusion of the agreement.
const agreement = "contractAgreement"

// relativeUnits are those of the older form. Each has one length.
var relativeUnits = map[byte]unit{'s': {seconds: 1}, 'm': {seconds: 60}, 'h': {seconds: 3600}, 'd': {seconds: day}}

// ParseRelative reads a time that counts from the conclusion of the agreement,
// as the Eclipse connector writes it: "contractAgreement+P1Y",
// "contractAgreement-P1D", or with one number of seconds, minutes, hours or
// days, "contractAgreement+30d". The word is read in any case, and its own sign
// may follow the plus ("+-30d"), as there.
//
// relative is false where the text does not begin with that word: it is some
// other value, and there is no error. Errors are ErrSyntax, with relative true.
func ParseRelative(s string) (d Duration, relative bool, err error) {
	if len(s) < len(agreement) || !strings.EqualFold(s[:len(agreement)], agreement) {
		return Duration{}, false, nil
	}
	s = s[len(agreement):]
	if s == "" || s[0] != '+' && s[0] != '-' {
		return Duration{}, true, fault("no plus or minus after " + agreement)
	}
	if s[0] == '+' {
		s = s[1:]
	} else if strings.HasPrefix(s[1:], "-") {
		return Duration{}, true, fault("two signs")
	}
	if strings.Contains(s, "P") {
		d, err = ParseDuration(s)
	} else {
		d, err = parseCount(s)
	}
	return d, true, err
}

// parseCount reads the older form, such as 30d or -30d.
func parseCount(s string) (Duration, error) {
	s, negative := strings.CutPrefix(s, "-")
	number, letter := digits(s)
	if number == "" {
		return Duration{}, fault("no number after the sign")
	}
	if len(letter) != 1 || relativeUnits[letter[0]] == (unit{}) {
		return Duration{}, fault("the unit is not s, m, h or d")
	}
	var d Duration
	if err := d.add(number, relativeUnits[letter[0]]); err != nil {
		return Duration{}, err
	}
	return d.signed(negative)
}
