// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

func TestTutorial(t *testing.T) {
	done := walk(t, load(t, data.Tutorial()))
	wantValue(t, "pre", done["a"].Totals[footprint.Pre], "10.5")
	wantValue(t, "main", done["a"].Totals[footprint.Main], "70")
}

// The two public sums of the Ouranos CFP application, amount × pre / main each. A
// dash is a missing number: the sums agree, and here they also say "partial".
func TestPublicSums(t *testing.T) {
	for _, test := range []struct {
		name, pre, main string
		rows            [][3]string
		missing         int
	}{
		{"missing numbers", "1120.5", "11205", [][3]string{
			{"1", "100", "1000"}, {"2", "10", "100"}, {"0.5", "1", "10"}, {"1", "1000", "-"}, {"1", "-", "10000"}, {"1000", "-", "-"},
		}, 3},
		{"not a binary float", "0.6", "4.2", [][3]string{{"3", "0.1", "0.7"}, {"3", "0.1", "0.7"}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			company := footprint.Company{ID: "public", Own: footprint.Stages{number("0"), number("0")}}
			for _, row := range test.rows {
				child := footprint.Child{Amount: footprint.MustDecimal(row[0]), Unit: "kg", SecondaryUnit: "kg"}
				for stage, text := range row[1:] {
					child.Secondary[stage] = footprint.Withheld()
					if text != "-" {
						child.Secondary[stage] = number(text)
					}
				}
				company.Children = append(company.Children, child)
			}
			result, err := footprint.RollUp(company, nil)
			if err != nil || result.Missing() != test.missing {
				t.Errorf("missing %d, %v", result.Missing(), err)
			}
			wantValue(t, "pre", result.Totals[footprint.Pre], test.pre)
			wantValue(t, "main", result.Totals[footprint.Main], test.main)
		})
	}
}
