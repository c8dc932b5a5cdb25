// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Company is what one company knows and nobody else sees: its row of the chain.
type Company struct {
	ID        string // slug; also its participant context
	Name      string
	Fictional bool // printed with the name, so that no example passes for a fact
	// CorporateNumber is its 法人番号 (iso6523:0188), thirteen digits. Empty: not given.
	CorporateNumber string
	Part            Part
	Own             Stages    // its own emissions, per declared unit of Part
	Children        []Child   // what goes into one declared unit of Part
	Withhold        bool      // it answers, but does not tell its totals
	Energy          *Energy   // final product only, and there optional
	WhatIf          []Changed // own emissions to try instead
}

// Part is what a company makes.
type Part struct {
	ID   string // slug; an answer names nothing else
	Name string
	Unit Unit // emissions are declared per this unit
}

// Child is one line of a bill of materials. Either a Supplier is asked for it, or
// its emissions are a value of the company's own database (Secondary).
type Child struct {
	Part     string // the supplier's part id, or the material's name
	Supplier string // company id, empty for secondary data
	Amount   Decimal
	Unit     Unit // of Amount

	Secondary     Stages // Pre and Main
	SecondaryUnit Unit   // the secondary value is per this unit
}

// Bought reports whether a supplier is asked.
func (c Child) Bought() bool { return c.Supplier != "" }

// Energy is the service a battery gives over its life, the denominator of its
// declared footprint: usable capacity × full cycles per year × years, in kWh
// (draft delegated act under Regulation (EU) 2023/1542, Article 7).
type Energy struct{ CapacityKWh, CyclesPerYear, Years Decimal }

// Lifetime is the total energy in kWh, exactly.
func (e Energy) Lifetime() Decimal { return e.CapacityKWh.Mul(e.CyclesPerYear).Mul(e.Years) }

// Changed is one own emission set to another value.
type Changed struct {
	Stage Stage
	Value Value
}

// With returns the company after a change; the receiver stays as it was.
func (c Company) With(change Changed) Company {
	c.Own[change.Stage] = change.Value // Own is an array: this writes the copy
	return c
}

// Label is the company's name for people, marked when it does not exist.
func (c Company) Label() string {
	if c.Fictional {
		return c.Name + " (fictional)"
	}
	return c.Name
}

const (
	maxFile     = 1 << 20
	maxChildren = 1000
	maxWhatIf   = 100
)

// DecodeCompany reads one company's file; examples/battery/README.md shows all
// its keys. It checks all that can be checked without knowing other companies.
func DecodeCompany(raw []byte) (Company, error) {
	raw, err := strict.Document(raw, maxFile)
	if err != nil {
		return Company{}, err
	}
	var c Company
	err = strict.Object(raw, map[string]strict.Reader{
		"id":        strict.Parsed(&c.ID, parseID),
		"name":      strict.Parsed(&c.Name, parseName),
		"fictional": strict.Flag(&c.Fictional),
		"part":      c.Part.read,
		"own":       func(raw []byte) error { return readOwn(raw, &c.Own) },
	}, map[string]strict.Reader{
		"corporateNumber": strict.Parsed(&c.CorporateNumber, parseCorporateNumber),

		"children": strict.List(&c.Children, maxChildren, readChild),
		"withhold": strict.Flag(&c.Withhold),
		"energy":   func(raw []byte) error { return readEnergy(raw, &c.Energy) },
		"whatIf":   strict.List(&c.WhatIf, maxWhatIf, readChanged),
	})
	if err != nil {
		return Company{}, err
	}
	return c, c.check()
}

// check compares the parts of a company's file with each other.
func (c Company) check() error {
	lines := make(map[string]bool)
	for _, child := range c.Children {
		if lines[child.Part] {
			return fmt.Errorf("children: %s is listed twice; give one line its whole amount", child.Part)
		}
		lines[child.Part] = true
		if child.Bought() {
			continue // the unit is checked when the supplier answers
		}
		if err := child.SecondaryUnit.matches(child.Unit, "secondary value"); err != nil {
			return fmt.Errorf("children: %s: %w", child.Part, err)
		}
	}
	for _, change := range c.WhatIf {
		if change.Value.IsWithheld() {
			return errors.New("whatIf: a value to try cannot be null")
		}
		if c.Own[change.Stage].IsAbsent() {
			return fmt.Errorf("whatIf: there are no own emissions in stage %s to change", change.Stage)
		}
	}
	return nil
}

func (p *Part) read(raw []byte) error {
	return strict.Object(raw, map[string]strict.Reader{
		"id":           strict.Parsed(&p.ID, parseID),
		"name":         strict.Parsed(&p.Name, parseName),
		"declaredUnit": strict.Parsed(&p.Unit, ParseDeclaredUnit),
	}, nil)
}

func readOwn(raw []byte, own *Stages) error {
	return strict.Object(raw,
		map[string]strict.Reader{"pre": value(&own[Pre]), "main": value(&own[Main])},
		map[string]strict.Reader{"distribution": value(&own[Distribution]), "endOfLife": value(&own[EndOfLife])})
}

func readChanged(raw []byte, c *Changed) error {
	return strict.Object(raw, map[string]strict.Reader{"stage": strict.Parsed(&c.Stage, ParseStage), "value": value(&c.Value)}, nil)
}
