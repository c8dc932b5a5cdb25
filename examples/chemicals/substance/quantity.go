// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrUnit marks a quantity without a unit, or with one that is not allowed there.
var ErrUnit = errors.New("wrong unit")

// Mass is a mass with the unit it was given in: kg, g or mg.
type Mass struct {
	value Decimal
	unit  string
}

// ParseMass reads a mass such as "1.530 g". A number alone is refused: whether
// it is g or mg is a factor of a thousand that nobody should guess (ErrUnit).
func ParseMass(text string) (Mass, error) {
	value, unit, err := parseQuantity(text)
	if err != nil {
		return Mass{}, err
	}
	if milligrams(unit).IsZero() {
		return Mass{}, fmt.Errorf("%w: %s: a mass is in kg, g or mg", ErrUnit, strict.Quote(text))
	}
	if value.IsZero() {
		return Mass{}, fmt.Errorf("%s: a mass must be more than zero", strict.Quote(text))
	}
	return Mass{value, unit}, nil
}

// Milligrams is the mass in mg, exactly.
func (m Mass) Milligrams() Decimal { return m.value.Mul(milligrams(m.unit)) }

// Equal reports whether both are the same mass: 1.53 g equals 1530 mg.
func (m Mass) Equal(n Mass) bool { return m.Milligrams().Equal(n.Milligrams()) }

// String prints the mass in the unit in which it was given.
func (m Mass) String() string { return m.value.String() + " " + m.unit }

func milligrams(unit string) Decimal {
	switch unit {
	case "kg":
		return whole(1_000_000)
	case "g":
		return whole(1000)
	case "mg":
		return whole(1)
	default:
		return Decimal{}
	}
}

// Share is the content of a substance: mass of it per mass of the whole.
type Share struct {
	value Decimal
	unit  string // % or mg/kg
}

// ParseShare reads a share such as "0.1 %" or "40 mg/kg". It refuses ppm, which
// does not say of what, a number alone, and more than the whole (ErrUnit, ErrBalance).
func ParseShare(text string) (Share, error) {
	value, unit, err := parseQuantity(text)
	if err != nil {
		return Share{}, err
	}
	share := Share{value, unit}
	switch {
	case strings.HasPrefix(unit, "ppm"):
		return Share{}, fmt.Errorf("%w: %s: ppm of what? Write mg/kg, or %% (1 %% is 10000 mg/kg)", ErrUnit, strict.Quote(text))
	case perWhole(unit).IsZero():
		return Share{}, fmt.Errorf("%w: %s: a content is in %% or mg/kg", ErrUnit, strict.Quote(text))
	case share.Fraction().Cmp(whole(1)) > 0:
		return Share{}, fmt.Errorf("%w: %s is more than 100 %%; is it in mg/kg?", ErrBalance, strict.Quote(text))
	}
	return share, nil
}

// MustShare is ParseShare for constants; it panics on a bad text.
func MustShare(text string) Share {
	s, err := ParseShare(text)
	if err != nil {
		panic(err)
	}
	return s
}

// Fraction is the share of one: 0.001 for 0.1 %. The zero Share is 0.
func (s Share) Fraction() Decimal {
	if s.unit == "" {
		return Decimal{}
	}
	return s.value.Quo(perWhole(s.unit))
}

// Equal reports whether both are the same share: 0.1 % equals 1000 mg/kg.
func (s Share) Equal(t Share) bool { return s.Fraction().Equal(t.Fraction()) }

// String prints the share in the unit in which it was given.
func (s Share) String() string { return s.value.String() + " " + s.unit }

func perWhole(unit string) Decimal {
	switch unit {
	case "%":
		return whole(100)
	case "mg/kg":
		return whole(1_000_000)
	default:
		return Decimal{}
	}
}

func parseQuantity(text string) (Decimal, string, error) {
	number, unit, ok := strings.Cut(text, " ")
	if !ok {
		return Decimal{}, "", fmt.Errorf("%w: %s is a number without a unit, or without one space before it", ErrUnit, strict.Quote(text))
	}
	value, err := ParseDecimal(number)
	return value, unit, err
}
