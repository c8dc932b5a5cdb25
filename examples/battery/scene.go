// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// show runs the chain and prints what happens: who asked whom, the agreements,
// the total, and the what-ifs of the data.
func show(ctx context.Context, out io.Writer, chain footprint.Chain, home, down string) (err error) {
	if down != "" && !slices.ContainsFunc(chain.Companies, func(c footprint.Company) bool { return c.ID == down }) {
		return fmt.Errorf("-down %s: there is no such company in the data", down)
	}
	s, err := start(ctx, chain, home)
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d companies, each with a connector, a store and a port of its own:\n", len(s.companies))
	for _, c := range s.companies {
		fmt.Fprintf(out, "  %-10s %s makes %s, %s\n", c.ID, c.Label(), c.Part.Name, c.url)
	}
	if down != "" {
		fmt.Fprintf(out, "\n%s is out of reach.\n", down)
		if err := s.stop(ctx, down); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\nWho asked whom, bottom up:")
	result, err := s.round(ctx, out, nil)
	if err != nil {
		return err
	}
	s.print(out, result)
	return s.whatIfs(ctx, out)
}

// scene is all the companies. No company sees more than its own row and the
// answers of its direct suppliers.
type scene struct {
	companies []*company // suppliers before their customers
	byID      map[string]*company
	gone      map[string]bool
}

func start(ctx context.Context, chain footprint.Chain, home string) (*scene, error) {
	s := &scene{byID: map[string]*company{}, gone: map[string]bool{}}
	for _, row := range chain.Companies {
		c, err := open(ctx, row, home)
		if err != nil {
			return s, err
		}
		s.companies = append(s.companies, c)
		s.byID[c.ID] = c
	}
	for _, c := range s.companies {
		for _, supplier := range suppliers(c.Company) {
			if err := introduce(ctx, c, s.byID[supplier]); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// suppliers returns a company's direct suppliers, each once.
func suppliers(c footprint.Company) []string {
	var list []string
	for _, child := range c.Children {
		if child.Bought() && !slices.Contains(list, child.Supplier) {
			list = append(list, child.Supplier)
		}
	}
	return list
}

func (s *scene) final() *company { return s.companies[len(s.companies)-1] }

func (s *scene) stop(ctx context.Context, id string) error {
	s.gone[id] = true
	return s.byID[id].close(ctx)
}

func (s *scene) close(ctx context.Context) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var errs []error
	for _, c := range s.companies {
		if !s.gone[c.ID] {
			errs = append(errs, c.close(end))
		}
	}
	return errors.Join(errs...)
}

// round has every company ask its suppliers, add up, and publish its answer.
// With only set, the companies it does not name have nothing new to say.
func (s *scene) round(ctx context.Context, out io.Writer, only map[string]bool) (footprint.Result, error) {
	var last footprint.Result
	for _, c := range s.companies {
		if s.gone[c.ID] || only != nil && !only[c.ID] {
			continue
		}
		for _, child := range c.Children {
			if !child.Bought() {
				continue
			}
			_, had := c.contracts[child.Part]
			if err := c.ask(ctx, child); err != nil {
				delete(c.answers, child.Part)
				fmt.Fprintf(out, "  %s asked %s about %s: no answer (%v)\n", c.ID, child.Supplier, child.Part, err)
				continue
			}
			how := "new agreement"
			if had {
				how = "same agreement"
			}
			a := c.answers[child.Part]
			fmt.Fprintf(out, "  %s asked %s about %s: %s\n      %s %s\n", c.ID, child.Supplier, child.Part, describe(a), how, c.contracts[child.Part].agreement)
		}
		var err error
		if last, err = c.rollUp(ctx); err != nil {
			return last, err
		}
	}
	return last, nil
}

// describe puts an answer into words; a missing number is not a zero.
func describe(a footprint.Answer) string {
	return fmt.Sprintf("pre-processing %s, main production %s %s (%s)", text(a.Pre), text(a.Main), a.Unit.Declared(), a.Status())
}

func text(v footprint.Value) string {
	d, ok := v.Get()
	switch {
	case ok:
		return d.String()
	case v.IsAbsent():
		return "none"
	}
	return "withheld"
}
