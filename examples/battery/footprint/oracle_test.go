// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// The four-tier table: every subtotal, every company's answer, the declaration.
func TestFiveCompanies(t *testing.T) {
	done := walk(t, load(t, data.FiveCompanies()))
	for id, want := range map[string][2]string{
		"precursor": {"7.20", "0"},
		"cathode":   {"13.72", "0"},
		"cell":      {"10.81", "6.85"},
		"pack":      {"2468.77", "1411.60"},
		"oem":       {"2468.77", "1411.60"},
	} {
		wantValue(t, id+" pre", done[id].Totals[footprint.Pre], want[0])
		wantValue(t, id+" main", done[id].Totals[footprint.Main], want[1])
		if got := done[id].Status(); got != footprint.StatusComplete {
			t.Errorf("%s is %s", id, got)
		}
	}
	wantValue(t, "pack", done["pack"].Total(), "3880.37")
	if got := done["oem"].Total().String(); got != "4000.00" {
		t.Errorf("total prints as %s", got)
	}
}

func TestDeclaration(t *testing.T) {
	chain := load(t, data.FiveCompanies())
	declared, err := footprint.Declare(walk(t, chain)["oem"], *chain.Final().Energy)
	if err != nil {
		t.Fatal(err)
	}
	if got := declared.EnergyKWh.String(); got != "30000" {
		t.Errorf("lifetime energy %s kWh", got)
	}
	if got := declared.PerKWh.String(); got != "0.13333" {
		t.Errorf("%s kgCO2e/kWh", got)
	}
	var got []string
	for _, s := range declared.Stages {
		got = append(got, s.Stage.String()+" "+s.Kg.Pad(2)+" "+s.PerKWh.Pad(5))
	}
	want := "pre 2468.77 0.08229, main 1411.60 0.04705, distribution 41.23 0.00137, endOfLife 78.40 0.00261"
	if strings.Join(got, ", ") != want {
		t.Errorf("stages %v\nwant   %s", got, want)
	}
}

// The denominator decides the figure: these are what the usual mistakes give.
func TestDeclarationDependsOnEnergy(t *testing.T) {
	chain := load(t, data.FiveCompanies())
	result := walk(t, chain)["oem"]
	for _, test := range []struct{ name, cycles, years, want string }{
		{"as declared", "60", "8", "0.13333"},
		{"ten years", "60", "10", "0.10667"},
		{"heavy vehicles", "250", "8", "0.03200"},
		{"per kWh of capacity", "1", "1", "64.00000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			declared, err := footprint.Declare(result, footprint.Energy{
				CapacityKWh:   footprint.MustDecimal("62.5"),
				CyclesPerYear: footprint.MustDecimal(test.cycles),
				Years:         footprint.MustDecimal(test.years),
			})
			if err != nil || declared.PerKWh.Pad(5) != test.want {
				t.Errorf("%s, %v; want %s", declared.PerKWh.Pad(5), err, test.want)
			}
		})
	}
	if _, err := footprint.Declare(result, footprint.Energy{}); err == nil {
		t.Error("no energy at all was accepted")
	}
}

func Test204Cells(t *testing.T) {
	chain := fiveCompanies(t, func(c companies) {
		c["pack"] = setChild(c["pack"], "cell", func(line *footprint.Child) { line.Amount = footprint.MustDecimal("204") })
	})
	wantChain(t, chain, "2598.49", "1493.80", "4211.92", "0.14040")
}

func TestWhatIfPrecursor(t *testing.T) {
	chain := fiveCompanies(t, func(c companies) {
		tries := c["precursor"].WhatIf
		if len(tries) != 1 {
			t.Fatalf("the precursor's file has %d what-ifs", len(tries))
		}
		c["precursor"] = c["precursor"].With(tries[0])
	})
	done := walk(t, chain)
	wantValue(t, "precursor", done["precursor"].Total(), "5.60")
	wantValue(t, "cathode", done["cathode"].Total(), "12.20")
	wantValue(t, "cell pre", done["cell"].Totals[footprint.Pre], "9.974")
	wantChain(t, chain, "2308.258", "1411.60", "3839.488", "0.12798")
	wantChain(t, load(t, data.FiveCompanies()), "2468.77", "1411.60", "4000", "0.13333") // With left it as it was
}

func wantChain(t *testing.T, chain footprint.Chain, pre, main, total, perKWh string) {
	t.Helper()
	result := walk(t, chain)["oem"]
	wantValue(t, "pre", result.Totals[footprint.Pre], pre)
	wantValue(t, "main", result.Totals[footprint.Main], main)
	wantValue(t, "total", result.Total(), total)
	declared, err := footprint.Declare(result, *chain.Final().Energy)
	if err != nil || declared.PerKWh.Pad(5) != perKWh {
		t.Errorf("%s kgCO2e/kWh, %v; want %s", declared.PerKWh.Pad(5), err, perKWh)
	}
}

// Nobody knows the lithium hydroxide: 399.168 kg are missing, the total says so,
// and it cannot be declared.
func TestLithiumHydroxideUnanswered(t *testing.T) {
	whole := walk(t, load(t, data.FiveCompanies()))
	chain := fiveCompanies(t, func(c companies) {
		c["cathode"] = setChild(c["cathode"], "lithium hydroxide", func(line *footprint.Child) {
			line.Secondary[footprint.Pre] = footprint.Withheld()
		})
	})
	done := walk(t, chain)
	wantValue(t, "total", done["oem"].Total(), "3600.832")
	for id, status := range map[string]footprint.Status{
		"precursor": footprint.StatusComplete, "cathode": footprint.StatusPartial,
		"cell": footprint.StatusPartial, "pack": footprint.StatusPartial, "oem": footprint.StatusPartial,
	} {
		if done[id].Status() != status {
			t.Errorf("%s is %s, want %s", id, done[id].Status(), status)
		}
	}
	if got := done["cathode"].Gaps[0].String(); got != "lithium hydroxide: no value is known" {
		t.Errorf("the cathode maker sees %q", got)
	}
	if got := done["oem"].Gaps[0].String(); got != "pack: pack answers in part, missing behind it: 1" {
		t.Errorf("the vehicle maker sees %q", got)
	}
	if _, err := footprint.Declare(done["oem"], *chain.Final().Energy); !errors.Is(err, footprint.ErrIncomplete) {
		t.Errorf("declared: %v", err)
	}

	lioh := footprint.MustDecimal("0.42").Mul(footprint.MustDecimal("9.00"))
	partial, _ := done["cathode"].Total().Get()
	full, _ := whole["cathode"].Total().Get()
	if !partial.Add(lioh).Equal(full) {
		t.Errorf("%s + %s is not %s", partial, lioh, full)
	}
	if got := lioh.Mul(footprint.MustDecimal("100")).QuoRound(full, 2).String(); got != "27.55" {
		t.Errorf("%s %% of the cathode material are missing", got)
	}
}

// The case maker answers 338.0 per unit, the pack maker counts kg. Summed, that
// would give 13115.77 and look like a result.
func TestCaseAnsweredPerUnitIsRefused(t *testing.T) {
	pack := fiveCompanies(t, func(companies) {}).Companies[3]
	pack = setChild(pack, "aluminium case", func(line *footprint.Child) {
		*line = footprint.Child{Part: "case", Supplier: "case-maker", Amount: line.Amount, Unit: line.Unit}
	})
	answers := map[string]footprint.Answer{
		"cell": {Part: "cell", Unit: "unit", Pre: number("10.81"), Main: number("6.85")},
		"case": {Part: "case", Unit: "unit", Pre: number("338.0"), Main: number("0")},
	}
	result, err := footprint.RollUp(pack, answers)
	if !errors.Is(err, footprint.ErrUnit) || !strings.Contains(err.Error(), "case: wrong unit: the answer is per unit, the amount is in kg") {
		t.Errorf("error %v", err)
	}
	if !result.Total().IsAbsent() {
		t.Errorf("summed to %v", result.Total())
	}

	answers["case"] = footprint.Answer{Part: "case", Unit: "kg", Pre: number("10.40"), Main: number("0")}
	if result, err = footprint.RollUp(pack, answers); err != nil {
		t.Fatal(err)
	}
	wantValue(t, "the same case per kg", result.Totals[footprint.Pre], "2468.77")
}
