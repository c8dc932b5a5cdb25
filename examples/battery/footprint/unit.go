// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrUnit marks an unknown unit, or two units that do not belong together.
var ErrUnit = errors.New("wrong unit")

// Unit is what an amount counts: kg, unit (a piece), and so on. Units are never
// converted: only equal units are multiplied, and nobody guesses a mass per piece.
type Unit string

// Units are those the Ouranos part model knows (amountRequiredUnit), here with
// their usual symbols. PACT calls a unit a piece.
var Units = []Unit{"kg", "unit", "liter", "m3", "m2", "kWh", "MJ", "tkm"}

const perUnit = "kgCO2e/"

// ParseUnit reads a unit such as kg; any text outside Units is ErrUnit.
func ParseUnit(text string) (Unit, error) {
	if !slices.Contains(Units, Unit(text)) {
		return "", fmt.Errorf("%w: %s is not known; known are %v", ErrUnit, strict.Quote(text), Units)
	}
	return Unit(text), nil
}

// ParseDeclaredUnit reads what an emission is declared per: "kgCO2e/kg" gives kg.
func ParseDeclaredUnit(text string) (Unit, error) {
	unit, ok := strings.CutPrefix(text, perUnit)
	if !ok {
		return "", fmt.Errorf("%w: %s does not start with %s", ErrUnit, strict.Quote(text), perUnit)
	}
	return ParseUnit(unit)
}

// Declared is the unit as emissions are declared per it: kgCO2e/kg.
func (u Unit) Declared() string { return perUnit + string(u) }

// matches is the check that stands before every product of amount and emission.
// u is what the emission, an answer or a secondary value, is declared per.
func (u Unit) matches(amount Unit, emission string) error {
	if u != amount {
		return fmt.Errorf("%w: the %s is per %s, the amount is in %s", ErrUnit, emission, u, amount)
	}
	return nil
}
