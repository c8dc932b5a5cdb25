// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

const maxCompanies = 1000

// Chain is a set of companies in which every supplier is present, nobody supplies
// itself, and one company, the last, makes the final product. It exists to start
// an example; no participant ever sees more than its own Company.
type Chain struct {
	Companies []Company // suppliers before their customers
}

// Final is the company that makes the final product.
func (c Chain) Final() Company { return c.Companies[len(c.Companies)-1] }

// LoadChain reads every companies/*.json of a directory, one company each. Errors
// name the file or the company; those of several files are reported together.
func (r *Register) LoadChain(directory fs.FS) (Chain, error) {
	files, err := fs.Glob(directory, "companies/*.json")
	if err != nil {
		return Chain{}, err
	}
	if len(files) == 0 || len(files) > maxCompanies {
		return Chain{}, fmt.Errorf("%d files companies/*.json, expected are 1 to %d, one per company", len(files), maxCompanies)
	}
	var companies []Company
	var faults []error
	for _, file := range files {
		company, err := r.LoadCompany(directory, file)
		if err != nil {
			faults = append(faults, err)
		}
		companies = append(companies, company)
	}
	if err := errors.Join(faults...); err != nil {
		return Chain{}, err
	}
	return NewChain(companies)
}

// LoadCompany reads the file of one company, which is all that this company has.
func (r *Register) LoadCompany(directory fs.FS, file string) (Company, error) {
	raw, err := readFile(directory, file)
	if err != nil {
		return Company{}, err
	}
	company, err := r.DecodeCompany(raw)
	if err != nil {
		return Company{}, fmt.Errorf("%s: %w", path.Base(file), err)
	}
	return company, nil
}

// NewChain orders companies and checks what they say of each other (ErrBill,
// ErrCycle).
func NewChain(companies []Company) (Chain, error) {
	byID := make(map[string]Company)
	suppliers := make(map[string][]string)
	for _, c := range companies {
		if _, twice := byID[c.ID]; twice {
			return Chain{}, fmt.Errorf("%w: company %s is in two files", ErrBill, c.ID)
		}
		byID[c.ID], suppliers[c.ID] = c, c.Suppliers()
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		if err := fits(byID[id], byID); err != nil {
			return Chain{}, fmt.Errorf("%w: %s: %w", ErrBill, id, err)
		}
	}
	order, err := suppliersFirst(suppliers)
	if err != nil {
		return Chain{}, err
	}
	var chain Chain
	for _, id := range order {
		chain.Companies = append(chain.Companies, byID[id])
	}
	return chain, oneFinal(order, suppliers)
}

// fits compares what a company buys with what its suppliers make.
func fits(c Company, byID map[string]Company) error {
	for _, id := range c.Suppliers() {
		if _, ok := byID[id]; !ok {
			return fmt.Errorf("it buys from %s, a company that has no file", id)
		}
	}
	for part, supplier := range c.Bill.Ingredients {
		if made := byID[supplier].Bill.Root(); made.ID != part || made.Kind != Material {
			return fmt.Errorf("material %s is bought from %s, which makes %s %s", part, supplier, made.Kind, made.ID)
		}
	}
	for _, n := range c.Bought() {
		if made := byID[n.Supplier].Bill.Root(); made.ID != n.ID || made.Kind != n.Kind {
			return fmt.Errorf("%s %s is bought from %s, which makes %s %s", n.Kind, n.ID, n.Supplier, made.Kind, made.ID)
		}
	}
	return nil
}

func oneFinal(order []string, suppliers map[string][]string) error {
	supplied := make(map[string]bool)
	for _, list := range suppliers {
		for _, id := range list {
			supplied[id] = true
		}
	}
	final := slices.DeleteFunc(slices.Clone(order), func(id string) bool { return supplied[id] })
	if len(final) != 1 {
		return fmt.Errorf("%w: a chain has one final product, but nobody buys from: %s", ErrBill, strings.Join(final, ", "))
	}
	return nil
}

// suppliersFirst orders companies, and refuses those that supply themselves.
func suppliersFirst(suppliers map[string][]string) ([]string, error) {
	var order, way []string
	done := make(map[string]bool)
	var visit func(id string) error
	visit = func(id string) error {
		if start := slices.Index(way, id); start >= 0 {
			return fmt.Errorf("%w: %s buys from %s", ErrCycle, strings.Join(way[start:], " buys from "), id)
		}
		if done[id] {
			return nil
		}
		way = append(way, id)
		for _, supplier := range suppliers[id] {
			if err := visit(supplier); err != nil {
				return err
			}
		}
		way = way[:len(way)-1]
		done[id], order = true, append(order, id)
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(suppliers)) {
		if err := visit(id); err != nil {
			return nil, err
		}
	}
	return order, nil
}
