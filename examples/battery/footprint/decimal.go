// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Limits of a decimal that is read or sent. The world emits less than 10^14 kg
// of CO2e a year, so 15 digits before the point are beyond any product; 200 after
// it let an exact product of amounts cross some twenty tiers without rounding.
const (
	maxIntegerDigits  = 15
	maxFractionDigits = 200
)

// ErrDecimal marks a text that is not an exact, non-negative decimal in range.
var ErrDecimal = errors.New("bad decimal")

// Decimal is an exact number that is zero or more. The zero value is 0.
// Decimals are immutable; compare them with Equal, not with ==.
type Decimal struct{ rat *big.Rat }

var one = MustDecimal("1")

// ParseDecimal reads digits with an optional point, such as 10.5. It refuses
// signs, exponents, separators, leading zeros and absurd lengths (ErrDecimal).
func ParseDecimal(text string) (Decimal, error) {
	whole, fraction, point := strings.Cut(text, ".")
	switch {
	case strings.HasPrefix(text, "-"):
		return Decimal{}, fmt.Errorf("%w: %s is negative", ErrDecimal, strict.Quote(text))
	case !digits(whole), point && !digits(fraction):
		return Decimal{}, fmt.Errorf("%w: %s is not a number such as 10.5", ErrDecimal, strict.Quote(text))
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

// Add returns d + e, exactly.
func (d Decimal) Add(e Decimal) Decimal { return Decimal{new(big.Rat).Add(d.value(), e.value())} }

// Mul returns d × e, exactly.
func (d Decimal) Mul(e Decimal) Decimal { return Decimal{new(big.Rat).Mul(d.value(), e.value())} }

// QuoRound returns d ÷ e rounded once, half up, to the given number of decimals.
// It is the only operation that rounds. It panics when e is zero.
func (d Decimal) QuoRound(e Decimal, decimals int) Decimal {
	quotient := new(big.Rat).Quo(d.value(), e.value())
	rounded, _ := new(big.Rat).SetString(quotient.FloatString(decimals))
	return Decimal{rounded}
}

// Equal reports whether both are the same number: 1.50 equals 1.5.
func (d Decimal) Equal(e Decimal) bool { return d.value().Cmp(e.value()) == 0 }

// IsZero reports whether d is 0.
func (d Decimal) IsZero() bool { return d.value().Sign() == 0 }

// String prints all digits and no more: 4000, 0.13333, 3839.488.
func (d Decimal) String() string { return d.Pad(0) }

// Pad prints all digits, and zeros up to the given number of decimals: with two,
// 4000 prints as 4000.00 and 3839.488 as it is. It never rounds.
func (d Decimal) Pad(decimals int) string {
	exact, _ := d.value().FloatPrec() // sums and products of decimals end
	return d.value().FloatString(max(exact, decimals))
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
