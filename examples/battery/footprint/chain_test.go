// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

func TestLoadOrdersSuppliersFirst(t *testing.T) {
	var got []string
	for _, c := range load(t, data.FiveCompanies()).Companies {
		got = append(got, c.ID)
		if !strings.HasSuffix(c.Label(), " (fictional)") {
			t.Errorf("%s is not marked as fictional", c.Label())
		}
	}
	if want := "precursor cathode cell pack oem"; strings.Join(got, " ") != want {
		t.Errorf("order %v, want %s", got, want)
	}
}

// Each case is the five companies with one edit; the error names file and fault.
func TestLoadRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, old, now, reason string }{
		{"bad decimal", "pack.json", `"192"`, `"1,92"`, `pack.json: children: entry 1: amount: bad decimal: "1,92" is not a number such as 10.5`},
		{"JSON number", "pack.json", `"192"`, `192`, "decimals too are written in quotes"},
		{"negative", "cell.json", `"6.85"`, `"-6.85"`, "cell.json: own: main: bad decimal"},
		{"zero amount", "pack.json", `"192"`, `"0"`, "amount: must be more than zero"},
		{"null amount", "pack.json", `"192"`, `null`, "is not a string"},
		{"no cycles", "oem.json", `"60"`, `"0.0"`, "cyclesPerYear: must be more than zero"},
		{"unknown unit", "pack.json", `"unit": "kg"`, `"unit": "g"`, `wrong unit: "g" is not known; known are [kg unit`},
		{"unit of secondary data", "pack.json", `"unit": "kg"`, `"unit": "unit"`, "the secondary value is per kg, the amount is in unit"},
		{"unknown supplier", "pack.json", `"supplier": "cell"`, `"supplier": "sell"`, "cell is bought from sell, a company that has no file"},
		{"wrong part", "pack.json", `"part": "cell"`, `"part": "cells"`, "cells is bought from cell, which makes cell"},
		{"misspelt key", "cell.json", `"main": "6.85"`, `"mian": "6.85"`, `own: "mian" is unknown`},
		{"absent key", "cell.json", `"main": "6.85"`, `"distribution": "6.85"`, `own: ["main"] must be given`},
		{"not marked", "oem.json", `"fictional": true,`, ``, `["fictional"] must be given`},
		{"check digit", "oem.json", `4999900000005`, `5999900000005`, "oem.json: corporateNumber: not a valid identifier: corporate number 5999900000005: the check digit is wrong"},
		{"short number", "oem.json", `4999900000005`, `499990000005`, "oem.json: corporateNumber: not a valid identifier"},
		{"no number", "oem.json", `"4999900000005"`, `""`, "oem.json: corporateNumber: not a valid identifier"},
		{"number twice", "oem.json", `4999900000005`, `5999900000004`, "corporateNumber: 5999900000004 is given for oem and for pack"},
		{"null mark", "oem.json", `true`, `null`, "true or false"},
		{"supplier and secondary", "pack.json", `"supplier": "cell"`, `"supplier": "cell", "secondary": {}`, "a line has part and supplier, or name and secondary"},
		{"neither", "pack.json", `"supplier": "cell", `, ``, "a line has part and supplier, or name and secondary"},
		{"line twice", "pack.json", `"battery management system"`, `"aluminium case"`, "aluminium case is listed twice"},
		{"not JSON", "cell.json", `"own":`, `own:`, "cell.json: line 7: not JSON"},
		{"duplicate company", "cell.json", `"id": "cell",`, `"id": "pack",`, "pack.json: id: company pack is in another file too"},
		{"id", "cell.json", `"id": "cell",`, `"id": "Cell/1",`, `"Cell/1" is not an id`},
		{"escape in name", "cell.json", `白露`, `\u001b[2J`, "printable"},
		{"end of life of a cell", "cell.json", `"main": "6.85"`, `"main": "6.85", "endOfLife": "1"`, "cell: energy, distribution and endOfLife belong to the final product"},
		{"transport of a cell", "cell.json", `"main": "6.85"`, `"main": "6.85", "distribution": null`, "cell: energy, distribution and endOfLife belong to the final product"},
		{"energy of a cell", "cell.json", `"children"`, `"energy": {"capacityKWh": "1", "cyclesPerYear": "1", "years": "1"}, "children"`, "cell: energy, distribution"},
		{"maker of another part", "oem.json", `"supplier": "pack"`, `"supplier": "cell"`, "pack is bought from cell, which makes cell"},
		{"what-if of null", "precursor.json", `"5.60"`, `null`, "cannot be null"},
		{"what-if of a stage", "precursor.json", `"stage": "pre"`, `"stage": "use"`, `stage "use" is not known`},
		{"what-if of an absent stage", "precursor.json", `"stage": "pre"`, `"stage": "distribution"`, "no own emissions in stage distribution"},
		{"huge file", "cell.json", `{`, `{` + strings.Repeat(" ", 1<<20), "cell.json: longer than 1048576 bytes"},
		{"long list", "oem.json", `"children": [`, `"children": [` + strings.Repeat("{},", 1000), "1001 entries, more than 1000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := copied(t)
			text := string(files[test.file].Data)
			edited := strings.Replace(text, test.old, test.now, 1)
			if edited == text {
				t.Fatal("the case changes nothing")
			}
			files[test.file].Data = []byte(edited)
			wantLoadError(t, files, test.reason)
		})
	}
}

func TestLoadRefusesFolders(t *testing.T) {
	wantLoadError(t, fstest.MapFS{}, "0 *.json files, expected are 1 to 1000")

	alone := copied(t)
	delete(alone, "oem.json")
	alone["trader.json"] = &fstest.MapFile{Data: []byte(`{"id": "trader", "name": "B社", "fictional": true,
		"part": {"id": "x", "name": "x", "declaredUnit": "kgCO2e/kg"}, "own": {"pre": "1", "main": "1"}}`)}
	wantLoadError(t, alone, "one final product, but nobody buys from: pack, trader")

	two := copied(t)
	two["cell.json"].Data, two["pack.json"].Data = []byte("{"), []byte("{")
	wantLoadError(t, two, "cell.json: line 1: not JSON: unexpected end of JSON input\npack.json: line 1")
}

// Scrap that returns to the cathode maker closes a circle over three companies.
func TestLoadRefusesCycle(t *testing.T) {
	for name, test := range map[string]struct{ part, supplier, path string }{
		"over three": {"cell", "cell", "cathode buys from precursor buys from cell buys from cathode"},
		"itself":     {"pcam", "precursor", "precursor buys from precursor"},
		"all of it":  {"vehicle-battery", "oem", "cathode buys from precursor buys from oem buys from pack buys from cell buys from cathode"},
	} {
		t.Run(name, func(t *testing.T) {
			files := copied(t)
			line := `"children": [{"part": "` + test.part + `", "supplier": "` + test.supplier + `", "amount": "0.01", "unit": "unit"}], "whatIf"`
			files["precursor.json"].Data = []byte(strings.Replace(string(files["precursor.json"].Data), `"whatIf"`, line, 1))
			if err := wantLoadError(t, files, "supply cycle: "+test.path); !errors.Is(err, footprint.ErrCycle) {
				t.Errorf("%v is not ErrCycle", err)
			}
		})
	}
}

func TestLoadAcceptsByteOrderMark(t *testing.T) {
	files := copied(t)
	files["cell.json"].Data = append([]byte("\ufeff"), files["cell.json"].Data...)
	load(t, files)
}

// A number may be written as people do, and may be left out.
func TestLoadReadsCorporateNumbers(t *testing.T) {
	for name, test := range map[string]struct{ now, want string }{
		"full width": {`"corporateNumber": "４９９９９ ００００-０００５",`, "4999900000005"},
		"left out":   {``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := copied(t)
			files["oem.json"].Data = []byte(strings.Replace(string(files["oem.json"].Data), `"corporateNumber": "4999900000005",`, test.now, 1))
			if got := load(t, files).Final().CorporateNumber; got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func copied(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(data.FiveCompanies(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(data.FiveCompanies(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: raw}
	}
	return files
}

func wantLoadError(t *testing.T, files fs.FS, reason string) error {
	t.Helper()
	_, err := footprint.Load(files)
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("error %v\nwant  %s", err, reason)
	}
	return err
}

// Whatever a file says, it is refused or its company can be rolled up, alone and
// without a single answer.
func FuzzDecodeCompany(f *testing.F) {
	for _, from := range []fs.FS{data.FiveCompanies(), data.Tutorial()} {
		names, _ := fs.Glob(from, "*.json")
		for _, name := range names {
			raw, _ := fs.ReadFile(from, name)
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		company, err := footprint.DecodeCompany(raw)
		if err != nil {
			return
		}
		result, err := footprint.RollUp(company, nil)
		if err != nil {
			t.Fatal(err)
		}
		bought := 0
		for _, child := range company.Children {
			if child.Bought() {
				bought++
			}
		}
		if result.Missing() < bought {
			t.Fatalf("%d suppliers gave no answer, missing are %d", bought, result.Missing())
		}
		_, _ = footprint.NewChain([]footprint.Company{company})
	})
}
