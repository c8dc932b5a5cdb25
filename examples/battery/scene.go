// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// show runs the chain and prints what happens: who asked whom, the agreements,
// the footprint, and the what-ifs of the data.
func show(ctx context.Context, out io.Writer, chain footprint.Chain, home string, o options) (err error) {
	s, err := start(ctx, chain, home, o)
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if err != nil {
		return err
	}
	s.out = out
	s.introduction()
	if o.down != "" {
		if err := s.takeDown(ctx, o.down); err != nil {
			return err
		}
	}
	s.say("\nEach company asks its direct suppliers, and nobody else:\n")
	if err := s.round(ctx, nil); err != nil {
		return err
	}
	s.printFootprint()
	if err := s.whatIfs(ctx); err != nil {
		return err
	}
	if err := s.turnAway(ctx); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.denials(ctx)
}

// scene is all the companies, suppliers before their customers. No company sees
// more than its own row and the answers of its direct suppliers; only the
// narrator, who prints to out, sees all.
type scene struct {
	out       io.Writer
	registrar *dataspace.Registrar
	companies []*company
	byID      map[string]*company
	outsiders *outsiders // nil: that scene is not played
	down      string     // the company that is out of reach, if any
}

// start starts all connectors, has the registrar admit the companies, and makes
// neighbours known to each other.
func start(ctx context.Context, chain footprint.Chain, home string, o options) (*scene, error) {
	s := &scene{out: io.Discard, byID: map[string]*company{}}
	numbers, register := registered(chain)
	var err error
	s.registrar, err = dataspace.Open(ctx, home, dataspace.Settings{
		Dataspace: "https://dataspace.example/battery", Title: "環礁登録所 (fictional)", Prefix: "B", Register: register, Clock: new(dataspace.Clock),
	})
	if err != nil {
		return s, err
	}
	if o.refused {
		s.outsiders = new(outsiders)
		if err := s.outsiders.longAgo(ctx, home, s.registrar); err != nil {
			return s, err
		}
	}
	if err := s.registrar.PublishTrustList(ctx); err != nil {
		return s, err
	}
	var applicants []*dataspace.Member
	for _, row := range chain.Companies {
		c, err := open(ctx, row, home, o.wait, numbers[row.ID], s.registrar.Identity())
		if err != nil {
			return s, err
		}
		s.companies, s.byID[c.ID] = append(s.companies, c), c
		applicants = append(applicants, c.Member)
	}
	if o.refused {
		if err := s.outsiders.now(ctx, home, s.registrar); err != nil {
			return s, err
		}
		applicants = append(applicants, s.outsiders.revoked)
	}
	if err := s.registrar.Admit(ctx, applicants...); err != nil {
		return s, err
	}
	return s, s.introduceAll(ctx)
}

// registered makes the register of the example, and numbers for the companies of
// the chain whose files have none.
func registered(chain footprint.Chain) (numbers, register map[string]string) {
	var list []dataspace.Company
	for _, p := range []dataspace.Profile{expiredFirm, revokedFirm, mistypedFirm} {
		list = append(list, dataspace.Company{ID: p.Slug, Title: p.Title, Number: p.Number})
	}
	for _, c := range chain.Companies {
		list = append(list, dataspace.Company{ID: c.ID, Title: c.Label(), Number: c.CorporateNumber})
	}
	return dataspace.Registered(list...)
}

func (s *scene) introduceAll(ctx context.Context) error {
	for _, c := range s.companies {
		for _, supplier := range suppliers(c.Company) {
			if err := introduce(ctx, c, s.byID[supplier]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scene) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *scene) introduction() {
	width := 0
	for _, c := range s.companies {
		width = max(width, len(c.ID))
	}
	s.say("%d companies, each with a connector, a database and a port of its own:\n", len(s.companies))
	for _, c := range s.companies {
		s.say("  %-*s  %s makes: %s, at %s\n", width, c.ID, c.Label(), c.Part.Name, c.Endpoint())
		s.say("  %-*s  corporate number %s\n", width, "", c.Numbered())
	}
	s.say("\n%s at %s found each in its register by that number,\n", s.registrar.Title, s.registrar.Base)
	s.say("and issued to it: %s.\n", strings.Join(dataspace.Required, ", "))
}

// final is the company that makes the final product.
func (s *scene) final() *company { return s.companies[len(s.companies)-1] }

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

// mayBeDown checks that somebody asks the company that shall be out of reach.
func mayBeDown(chain footprint.Chain, id string) error {
	var asked []string
	for _, c := range chain.Companies[:len(chain.Companies)-1] {
		asked = append(asked, c.ID)
	}
	switch {
	case id == "" || slices.Contains(asked, id):
		return nil
	case id == chain.Final().ID:
		return errors.New("it makes the final product and nobody asks it; suppliers are: " + strings.Join(asked, ", "))
	}
	return errors.New("there is no such company in the data; suppliers are: " + strings.Join(asked, ", "))
}

func (s *scene) takeDown(ctx context.Context, id string) error {
	s.down = id
	s.say("\n%s is out of reach.\n", id)
	return s.byID[id].Stop(ctx)
}

// settle waits until the transfers have ended on both sides: whoever stops with a
// completion unsent leaves the supplier waiting.
func (s *scene) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dataspace.Settling)
	defer cancel()
	transfers, agreements := 0, 0
	var open []string
	for _, c := range s.companies {
		transfers, agreements = transfers+len(c.transfers), agreements+len(c.agreements)
		for _, id := range c.transfers {
			if err := c.Reaches(ctx, id, dataspace.Completed, c.wait); err != nil {
				open = append(open, fmt.Sprintf("  %s: %v", c.ID, err))
			}
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%d of %d transfers have not ended:\n%s", len(open), transfers, strings.Join(open, "\n"))
	}
	s.say("\nTransfers: %d, all completed. Agreements: %d.\n", transfers, agreements)
	return nil
}

func (s *scene) close(ctx context.Context) error {
	var errs []error
	for _, c := range s.companies {
		if c.ID != s.down {
			errs = append(errs, c.Stop(ctx))
		}
	}
	if s.outsiders != nil {
		for _, m := range s.outsiders.all() {
			errs = append(errs, m.Stop(ctx))
		}
	}
	if s.registrar != nil {
		errs = append(errs, s.registrar.Stop(ctx))
	}
	return errors.Join(errs...)
}
