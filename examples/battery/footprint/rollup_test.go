// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// One supplier down: the total is partial, each company names only whom it asked
// itself, and nobody further away learns more than a count.
func TestOneSupplierDown(t *testing.T) {
	done := walk(t, load(t, data.FiveCompanies()), "precursor")
	for id, gap := range map[string]string{
		"cathode": "pcam: no answer from precursor",
		"cell":    "cam: cathode answers in part, missing behind it: 1",
		"pack":    "cell: cell answers in part, missing behind it: 1",
		"oem":     "pack: pack answers in part, missing behind it: 1",
	} {
		result := done[id]
		if result.Status() != footprint.StatusPartial || len(result.Gaps) != 1 || result.Gaps[0].String() != gap {
			t.Errorf("%s is %s, gaps %v; want %q", id, result.Status(), result.Gaps, gap)
		}
	}
	wantValue(t, "total", done["oem"].Total(), "3277.696") // 4000 − 192 × 0.55 × 0.95 × 7.20
}

// A supplier that withholds is a gap, and the gap is not filled with a zero; one
// whose emissions are zero is none.
func TestWithheldIsNotZero(t *testing.T) {
	withheld := walk(t, fiveCompanies(t, func(c companies) {
		precursor := c["precursor"]
		precursor.Withhold = true
		c["precursor"] = precursor
	}))
	zero := walk(t, fiveCompanies(t, func(c companies) {
		c["precursor"] = c["precursor"].With(footprint.Changed{Stage: footprint.Pre, Value: number("0")})
	}))
	wantValue(t, "withheld", withheld["oem"].Total(), "3277.696")
	wantValue(t, "zero", zero["oem"].Total(), "3277.696")
	if got := withheld["oem"].Status(); got != footprint.StatusPartial {
		t.Errorf("with a withheld answer the total is %s", got)
	}
	if got := zero["oem"].Status(); got != footprint.StatusComplete {
		t.Errorf("with an answer of zero the total is %s", got)
	}
	if got := withheld["cathode"].Gaps[0].String(); got != "pcam: precursor withholds its totals" {
		t.Errorf("the cathode maker sees %q", got)
	}
	if _, known := withheld["precursor"].Total().Get(); !known {
		t.Error("the precursor maker does not know its own total")
	}
}

// Where nothing above zero is known, there is no figure: not even "partial, 0".
func TestMissingIsNeverZero(t *testing.T) {
	trader := footprint.Company{
		ID: "trader", Part: footprint.Part{ID: "part", Unit: "kg"},
		Own:      footprint.Stages{number("0"), number("0")},
		Children: []footprint.Child{{Part: "bought", Supplier: "maker", Amount: footprint.MustDecimal("1"), Unit: "kg"}},
	}
	result, err := footprint.RollUp(trader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !result.Total().IsWithheld() || result.Status() != footprint.StatusWithheld || result.Missing() != 1 {
		t.Errorf("total %v, %s, missing %d", result.Total(), result.Status(), result.Missing())
	}
	want := `{"part":"part","declaredUnit":"kgCO2e/kg","pre":null,"main":null,"status":"withheld","missing":1}`
	if got := string(encode(t, trader.Answer(result))); got != want {
		t.Errorf("answer %s\nwant   %s", got, want)
	}
}

func TestUnknownOwnEmissionsAreAGap(t *testing.T) {
	done := walk(t, fiveCompanies(t, func(c companies) {
		c["pack"] = c["pack"].With(footprint.Changed{Stage: footprint.Main, Value: footprint.Withheld()})
	}))
	wantValue(t, "total", done["oem"].Total(), "3903.60")
	if got := done["pack"].Gaps[0].String(); got != "main: own emissions are not known" {
		t.Errorf("the pack maker sees %q", got)
	}
}

// Counts add up over every path, so that "missing" cannot shrink on its way.
func TestMissingCountsAddUp(t *testing.T) {
	chain := fiveCompanies(t, func(c companies) {
		for _, material := range []string{"graphite", "copper foil"} {
			c["cell"] = setChild(c["cell"], material, func(line *footprint.Child) { line.Secondary[footprint.Pre] = footprint.Withheld() })
		}
	})
	if got := walk(t, chain, "precursor")["oem"].Missing(); got != 3 {
		t.Errorf("missing %d, want 3", got)
	}
}

func TestRollUpRefusesForeignAnswers(t *testing.T) {
	cathode := fiveCompanies(t, func(companies) {}).Companies[1]
	good := footprint.Answer{Part: "pcam", Unit: "kg", Pre: number("7.20"), Main: number("0")}
	other := good
	other.Part = "cam"
	for name, answers := range map[string]map[string]footprint.Answer{
		"for another part":      {"pcam": other},
		"nobody asked for":      {"pcam": good, "cell": good},
		"for secondary data":    {"lithium hydroxide": good},
		"filed under the wrong": {"cam": good},
	} {
		if result, err := footprint.RollUp(cathode, answers); !errors.Is(err, footprint.ErrAnswer) {
			t.Errorf("an answer %s: %v, %v", name, result.Total(), err)
		}
	}
	if _, err := footprint.RollUp(cathode, map[string]footprint.Answer{"pcam": good}); err != nil {
		t.Errorf("the good answer: %v", err)
	}
}

// What leaves a company is its answer, and in it nothing internal.
func TestAnswerCarriesNothingInternal(t *testing.T) {
	chain := load(t, data.FiveCompanies())
	done := walk(t, chain)
	cell := chain.Companies[2]
	got := string(encode(t, cell.Answer(done["cell"])))
	want := `{"part":"cell","declaredUnit":"kgCO2e/unit","pre":"10.81","main":"6.85","status":"complete","missing":0}`
	if got != want {
		t.Errorf("answer %s\nwant   %s", got, want)
	}
	want = `{"part":"pcam","declaredUnit":"kgCO2e/kg","pre":"7.2","main":"0","status":"complete","missing":0}`
	if got := string(encode(t, chain.Companies[0].Answer(done["precursor"]))); got != want {
		t.Errorf("answer %s\nwant   %s", got, want) // also no hint of how precisely 7.20 was written down
	}
	for _, child := range cell.Children {
		if strings.Contains(got, strconv.Quote(child.Part)) || child.Bought() && strings.Contains(got, child.Supplier) {
			t.Errorf("it names %s", child.Part)
		}
	}
}
