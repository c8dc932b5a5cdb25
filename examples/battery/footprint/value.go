// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Value is a number that may be missing. The zero Value is absent: nobody has
// such a number, and nothing is added. A withheld Value (null in JSON) exists but
// is not known here, so every total it belongs to is incomplete. Neither is 0.
type Value struct {
	number Decimal
	state  valueState
}

type valueState uint8

const (
	absent valueState = iota
	withheld
	known
)

// Known returns the Value d.
func Known(d Decimal) Value { return Value{d, known} }

// Withheld returns the Value that is not told, null in JSON.
func Withheld() Value { return Value{state: withheld} }

// Get returns the number, and whether there is one to return.
func (v Value) Get() (Decimal, bool) { return v.number, v.state == known }

// IsWithheld reports whether the number exists but is not known here.
func (v Value) IsWithheld() bool { return v.state == withheld }

// IsAbsent reports whether there is no such number anywhere.
func (v Value) IsAbsent() bool { return v.state == absent }

// Equal reports whether both are the same number, both withheld or both absent.
func (v Value) Equal(w Value) bool { return v.state == w.state && v.number.Equal(w.number) }

// String prints the number with at least two decimals, or says why there is none.
func (v Value) String() string {
	switch v.state {
	case known:
		return v.number.Pad(2)
	case withheld:
		return "withheld"
	default:
		return "-"
	}
}

// MarshalJSON writes a decimal string or null. Numbers travel as strings because
// most JSON readers would turn them into binary floats.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.state != known {
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, "%q", v.number), nil
}

// Stage is a life-cycle stage of Regulation (EU) 2023/1542, Annex II; the use of
// the battery is not one.
type Stage int

// The stages. Pre and Main travel along the chain; the other two are known only
// to the company that brings the final product to the market.
const (
	Pre          Stage = iota // raw materials and pre-processing, up to the cell's components
	Main                      // production of the cells and of the battery
	Distribution              // transport to the customer
	EndOfLife                 // collection and recycling
	stageCount
)

var stageNames = [stageCount]string{"pre", "main", "distribution", "endOfLife"}

// String is the stage's name in the data files.
func (s Stage) String() string { return stageNames[s] }

// ParseStage reads a stage's name.
func ParseStage(text string) (Stage, error) {
	for s, name := range stageNames {
		if name == text {
			return Stage(s), nil
		}
	}
	return 0, fmt.Errorf("stage %s is not known; known are %v", strict.Quote(text), stageNames)
}

// Stages holds one Value per stage, in kgCO2e per declared unit.
type Stages [stageCount]Value
