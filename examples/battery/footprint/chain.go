// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// ErrCycle marks companies that, over some tiers, supply themselves.
var ErrCycle = errors.New("supply cycle")

const maxCompanies = 1000

// Chain is a set of companies in which every supplier is present, nobody
// supplies itself, and one company, the last, makes the final product. It exists
// to start an example; no participant ever sees more than its own Company.
type Chain struct {
	Companies []Company // suppliers before their customers
}

// Final is the company that makes the final product.
func (c Chain) Final() Company { return c.Companies[len(c.Companies)-1] }

// Load reads every *.json file of a directory, one company each. Errors name the
// file or the company; those of several files are reported together.
func Load(directory fs.FS) (Chain, error) {
	files, err := fs.Glob(directory, "*.json")
	if err != nil {
		return Chain{}, err
	}
	if len(files) == 0 || len(files) > maxCompanies {
		return Chain{}, fmt.Errorf("%d *.json files, expected are 1 to %d, one per company", len(files), maxCompanies)
	}
	companies := make(map[string]Company)
	var faults []error
	for _, file := range files {
		company, err := loadCompany(directory, file)
		if _, twice := companies[company.ID]; err == nil && twice {
			err = fmt.Errorf("id: company %s is in another file too", company.ID)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path.Base(file), err))
		}
		companies[company.ID] = company
	}
	if err := errors.Join(faults...); err != nil {
		return Chain{}, err
	}
	return NewChain(slices.Collect(maps.Values(companies)))
}

func loadCompany(directory fs.FS, name string) (Company, error) {
	file, err := directory.Open(name)
	if err != nil {
		return Company{}, err
	}
	defer func() { _ = file.Close() }()                     // only read
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1)) // one more, so that DecodeCompany sees it is too long
	if err != nil {
		return Company{}, err
	}
	return DecodeCompany(raw)
}

// NewChain orders companies with distinct ids and checks what they say of each
// other. Units are not compared here: nobody knows a supplier's before it answers.
func NewChain(companies []Company) (Chain, error) {
	byID := make(map[string]Company)
	numbers := make(map[string]string)
	for _, company := range companies {
		byID[company.ID] = company
		number := company.CorporateNumber
		if other, taken := numbers[number]; taken && number != "" {
			return Chain{}, fmt.Errorf("corporateNumber: %s is given for %s and for %s", number, min(other, company.ID), max(other, company.ID))
		}
		numbers[number] = company.ID
	}
	sorter := sorter{byID: byID, done: make(map[string]bool)}
	supplied := make(map[string]bool)
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		if err := sorter.visit(id); err != nil {
			return Chain{}, err
		}
		for _, child := range byID[id].Children {
			supplied[child.Supplier] = true
		}
	}
	return finish(sorter.order, supplied)
}

// finish checks that one product is the end of the chain, and that only its
// company has what no answer carries.
func finish(order []Company, supplied map[string]bool) (Chain, error) {
	var final []string
	for _, company := range order {
		if !supplied[company.ID] {
			final = append(final, company.ID)
			continue
		}
		own := company.Own
		if company.Energy != nil || !own[Distribution].IsAbsent() || !own[EndOfLife].IsAbsent() {
			return Chain{}, fmt.Errorf("%s: energy, distribution and endOfLife belong to the final product; an answer carries pre and main", company.ID)
		}
	}
	if len(final) != 1 {
		return Chain{}, fmt.Errorf("a chain has one final product, but nobody buys from: %s", strings.Join(final, ", "))
	}
	return Chain{order}, nil
}

// sorter puts suppliers before customers, depth first.
type sorter struct {
	byID  map[string]Company
	done  map[string]bool
	path  []string // from where the walk began to where it is
	order []Company
}

func (s *sorter) visit(id string) error {
	if start := slices.Index(s.path, id); start >= 0 {
		return fmt.Errorf("%w: %s buys from %s", ErrCycle, strings.Join(s.path[start:], " buys from "), id)
	}
	if s.done[id] {
		return nil
	}
	company := s.byID[id]
	s.path = append(s.path, id)
	for _, child := range company.Children {
		if !child.Bought() {
			continue
		}
		supplier, ok := s.byID[child.Supplier]
		if !ok {
			return fmt.Errorf("%s: %s is bought from %s, a company that has no file", id, child.Part, child.Supplier)
		}
		if supplier.Part.ID != child.Part {
			return fmt.Errorf("%s: %s is bought from %s, which makes %s", id, child.Part, child.Supplier, supplier.Part.ID)
		}
		if err := s.visit(child.Supplier); err != nil {
			return err
		}
	}
	s.path = s.path[:len(s.path)-1]
	s.done[id] = true
	s.order = append(s.order, company)
	return nil
}
