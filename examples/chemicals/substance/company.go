// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
	"github.com/musubi-ods/musubi/trust"
)

// Company is what one company knows and nobody else sees: the part it makes.
type Company struct {
	ID        string // slug; also its participant context
	Name      string
	Fictional bool // printed with the name, so that no example passes for a fact
	// CorporateNumber is its 法人番号, thirteen digits. Empty: not given.
	CorporateNumber string
	Bill            Bill
}

const maxSuppliers = 1000

// DecodeCompany reads one company's file; examples/chemicals/README.md shows all
// its keys. It checks all that can be checked without knowing other companies
// (ErrBill, and beneath it what DecodeComposition gives).
func (r *Register) DecodeCompany(raw []byte) (Company, error) {
	var c Company
	raw, err := strict.Document(raw, maxFile)
	if err == nil {
		keys := r.billReaders(&c.Bill, true)
		keys["id"] = strict.Parsed(&c.ID, parseSlug)
		keys["name"] = strict.Parsed(&c.Name, parseName)
		keys["fictional"] = strict.Flag(&c.Fictional)
		err = strict.Object(raw, keys, map[string]strict.Reader{
			"corporateNumber": strict.Parsed(&c.CorporateNumber, parseCorporateNumber),
			"ingredients":     c.Bill.readIngredients,
		})
	}
	if err == nil {
		err = c.Bill.check()
	}
	if err != nil {
		return Company{}, fmt.Errorf("%w: %w", ErrBill, err)
	}
	return c, nil
}

func (b *Bill) readIngredients(raw []byte) error {
	var lines []struct{ part, supplier string }
	err := strict.List(&lines, maxSuppliers, func(raw []byte, l *struct{ part, supplier string }) error {
		return strict.Object(raw, map[string]strict.Reader{
			"part":     strict.Parsed(&l.part, parseID),
			"supplier": strict.Parsed(&l.supplier, parseSlug),
		}, nil)
	})(raw)
	b.Ingredients = make(map[string]string)
	for _, l := range lines {
		if _, twice := b.Ingredients[l.part]; twice {
			return fmt.Errorf("%s is listed twice", l.part)
		}
		b.Ingredients[l.part] = l.supplier
	}
	return err
}

// Bought are the nodes that suppliers answer for, ordered by id.
func (c Company) Bought() []Node {
	var bought []Node
	for _, n := range c.Bill.Nodes {
		if n.Bought() {
			bought = append(bought, n)
		}
	}
	slices.SortFunc(bought, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
	return bought
}

// Suppliers are the companies it buys from, ordered, each once.
func (c Company) Suppliers() []string {
	suppliers := slices.Collect(maps.Values(c.Bill.Ingredients))
	for _, n := range c.Bought() {
		suppliers = append(suppliers, n.Supplier)
	}
	slices.Sort(suppliers)
	return slices.Compact(suppliers)
}

// Label is the company's name for people, marked when it does not exist.
func (c Company) Label() string {
	if c.Fictional {
		return c.Name + "（架空）"
	}
	return c.Name
}

// parseCorporateNumber accepts a corporate number as people write it, and returns
// it as it is registered.
func parseCorporateNumber(text string) (string, error) {
	number, err := trust.ParseIdentifier(trust.CorporateNumber, text, false)
	return number.Value, err
}
