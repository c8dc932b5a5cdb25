// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"errors"
	"fmt"
)

// ErrIncomplete refuses to declare a footprint from which something is missing.
var ErrIncomplete = errors.New("incomplete footprint cannot be declared")

// perKWhDecimals is the precision in which figures per kWh are published.
const perKWhDecimals = 5

// Declaration is the footprint of a battery in the terms of Regulation (EU)
// 2023/1542, Article 7: kgCO2e per kWh of the energy it provides over its life,
// in all and by stage. The method of the delegated act is a draft.
type Declaration struct {
	TotalKg   Decimal // per battery, exact
	EnergyKWh Decimal
	PerKWh    Decimal
	Stages    []DeclaredStage
}

// DeclaredStage is one stage's share. Each figure per kWh, also the total, is
// rounded once (half up) from the exact number; so rounded shares need not add up
// to the rounded total.
type DeclaredStage struct {
	Stage  Stage
	Kg     Decimal
	PerKWh Decimal
}

// Declare divides a complete result by the lifetime energy; a result that is not
// complete is refused (ErrIncomplete).
func Declare(r Result, energy Energy) (Declaration, error) {
	total, ok := r.Total().Get()
	if !ok || r.Status() != StatusComplete {
		return Declaration{}, fmt.Errorf("%w: %s is %s, missing: %d", ErrIncomplete, r.Part.ID, r.Status(), r.Missing())
	}
	kWh := energy.Lifetime()
	if kWh.IsZero() {
		return Declaration{}, errors.New("the lifetime energy is zero")
	}
	d := Declaration{TotalKg: total, EnergyKWh: kWh, PerKWh: total.QuoRound(kWh, perKWhDecimals)}
	for stage, emission := range r.Totals {
		if kg, ok := emission.Get(); ok {
			d.Stages = append(d.Stages, DeclaredStage{Stage(stage), kg, kg.QuoRound(kWh, perKWhDecimals)})
		}
	}
	return d, nil
}
