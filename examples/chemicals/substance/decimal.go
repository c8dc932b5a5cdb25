// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Limits of a decimal that is read: beyond any mass in grams or content.
const (
	maxIntegerDigits  = 15
	maxFractionDigits = 40
)

// ErrDecimal marks a text that is not an exact, non-negative decimal in range.
var ErrDecimal = errors.New("bad decimal")

// Decimal is an exact number: never a binary float, never rounded by arithmetic.
// The zero value is 0. Decimals are immutable; compare them with Cmp or Equal.
type Decimal struct{ rat *big.Rat }

// ParseDecimal reads digits with an optional point, such as 0.1. It refuses
// signs, exponents, separators, leading zeros and absurd lengths (ErrDecimal).
func ParseDecimal(text string) (Decimal, error) {
	whole, fraction, point := strings.Cut(text, ".")
	switch {
	case !digits(whole), point && !digits(fraction):
		return Decimal{}, fmt.Errorf("%w: %s is not a number such as 0.1", ErrDecimal, strict.Quote(text))
	case len(whole) > 1 && whole[0] == '0':
		return Decimal{}, fmt.Errorf("%w: %s starts with a zero too many", ErrDecimal, strict.Quote(text))
	case len(whole) > maxIntegerDigits, len(fraction) > maxFractionDigits:
		return Decimal{}, fmt.Errorf("%w: %s has more than %d digits before or %d after the point",
			ErrDecimal, strict.Quote(text), maxIntegerDigits, maxFractionDigits)
	}
	rat, _ := new(big.Rat).SetString(text)
	return Decimal{rat}, nil
}

// MustDecimal is ParseDecimal for constants; it panics on a bad text.
func MustDecimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

func whole(n int) Decimal { return Decimal{big.NewRat(int64(n), 1)} }

// Add returns d + e.
func (d Decimal) Add(e Decimal) Decimal { return Decimal{new(big.Rat).Add(d.value(), e.value())} }

// Sub returns d − e.
func (d Decimal) Sub(e Decimal) Decimal { return Decimal{new(big.Rat).Sub(d.value(), e.value())} }

// Mul returns d × e.
func (d Decimal) Mul(e Decimal) Decimal { return Decimal{new(big.Rat).Mul(d.value(), e.value())} }

// Quo returns d ÷ e, exactly, also where the digits do not end. It panics when e is zero.
func (d Decimal) Quo(e Decimal) Decimal { return Decimal{new(big.Rat).Quo(d.value(), e.value())} }

// Cmp is negative, zero or positive as d is less than, equal to or more than e.
func (d Decimal) Cmp(e Decimal) int { return d.value().Cmp(e.value()) }

// Equal reports whether both are the same number: 1.50 equals 1.5.
func (d Decimal) Equal(e Decimal) bool { return d.Cmp(e) == 0 }

// IsZero reports whether d is 0.
func (d Decimal) IsZero() bool { return d.value().Sign() == 0 }

// Round prints d with so many decimals, half up. It is for showing only: what is
// compared with a threshold is never rounded.
func (d Decimal) Round(decimals int) string { return d.value().FloatString(decimals) }

// String prints all digits and no more; where they do not end, the first 12.
func (d Decimal) String() string {
	const shown = 12
	if places, exact := d.value().FloatPrec(); exact {
		return d.value().FloatString(places)
	}
	return d.value().FloatString(shown)
}

// floor is the whole part, for numbers that fit an int.
func (d Decimal) floor() int {
	return int(new(big.Int).Quo(d.value().Num(), d.value().Denom()).Int64())
}

func (d Decimal) min(e Decimal) Decimal {
	if e.Cmp(d) < 0 {
		return e
	}
	return d
}

func (d Decimal) max(e Decimal) Decimal {
	if e.Cmp(d) > 0 {
		return e
	}
	return d
}

func (d Decimal) value() *big.Rat {
	if d.rat == nil {
		return new(big.Rat)
	}
	return d.rat
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
