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
	"time"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// show runs the chain and prints what happens: the contracts, who asked whom,
// the verdicts, what the maker of the final product never sees, and who is
// refused what.
func show(ctx context.Context, out io.Writer, in input, home string, o options) (err error) {
	s, err := start(ctx, in, home, o)
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if err != nil {
		return err
	}
	s.out = out
	if err := s.tell(ctx); err != nil {
		return err
	}
	return s.aYearLater(ctx)
}

// tell plays the scene.
func (s *scene) tell(ctx context.Context) error {
	s.introduction()
	s.printContracts()
	if err := s.disclosures(ctx); err != nil {
		return err
	}
	for _, q := range s.in.questions {
		if err := s.round(ctx, q); err != nil {
			return err
		}
	}
	s.summary()
	s.unseen()
	if err := s.refusals(ctx); err != nil {
		return err
	}
	return s.settle(ctx)
}

// scene is all the companies, suppliers before their customers. No company sees
// more than its own bill and what its direct suppliers tell it; only the
// narrator, who prints to out, sees all.
type scene struct {
	out       io.Writer
	in        input
	home      string
	wait      time.Duration
	today     time.Time
	registrar *dataspace.Registrar
	companies []*company
	byID      map[string]*company
	stranger  *dataspace.Member // nil: the refusals are not shown
	tap       *dataspace.Tap    // what the maker of the final product receives
	told      map[string]bool   // entries whose figures were printed
	answers   []told            // of the maker of the final product
}

// stranger is a member that buys nothing from anybody here.
var stranger = dataspace.Profile{Slug: "stranger", Title: "虚空樹脂（架空）", Number: "3999920000002", MadeUp: true, Folder: "_stranger"}

// start starts all connectors, has the registrar admit the companies, and makes
// neighbours known to each other.
func start(ctx context.Context, in input, home string, o options) (*scene, error) {
	s := &scene{
		out: io.Discard, in: in, home: home, wait: o.wait, byID: map[string]*company{},
		tap: dataspace.NewTap(), told: map[string]bool{},
	}
	clock := new(dataspace.Clock)
	s.today = clock.Now().Truncate(24 * time.Hour)
	list := []dataspace.Company{{ID: stranger.Slug, Title: stranger.Title, Number: stranger.Number}}
	for _, c := range in.chain.Companies {
		list = append(list, dataspace.Company{ID: c.ID, Title: c.Label(), Number: c.CorporateNumber})
	}
	numbers, register := dataspace.Registered(list...)
	var err error
	s.registrar, err = dataspace.Open(ctx, home, dataspace.Settings{
		Dataspace: "https://dataspace.example/chemicals", Title: "環礁登録所（架空）", Prefix: "C",
		Register: register, Clock: clock, Front: s.tap.Asked,
	})
	if err != nil {
		return s, err
	}
	s.tap.NotMe(s.registrar.DID)
	if err := s.registrar.PublishTrustList(ctx); err != nil {
		return s, err
	}
	return s, errors.Join(s.open(ctx, numbers, o.refused), s.introduceAll(ctx))
}

// open starts the companies, and has the registrar admit them.
func (s *scene) open(ctx context.Context, numbers map[string]string, refused bool) error {
	var applicants []*dataspace.Member
	final := s.in.chain.Final()
	for _, one := range s.in.chain.Companies {
		front := s.tap.Asked
		switch {
		case one.ID == final.ID:
			front = s.tap.Mine
		case !slices.Contains(final.Suppliers(), one.ID):
			front = nil
		}
		c, err := open(ctx, s, one, numbers[one.ID], front)
		if err != nil {
			return err
		}
		s.companies, s.byID[c.ID] = append(s.companies, c), c
		applicants = append(applicants, c.Member)
		if c.ID != final.ID {
			s.tap.NotMe(c.DID)
		}
	}
	if refused {
		var err error
		p := stranger
		p.Identity = s.registrar.Identity()
		if s.stranger, err = dataspace.Join(ctx, s.home, p); err != nil {
			return err
		}
		s.tap.NotMe(s.stranger.DID)
		applicants = append(applicants, s.stranger)
	}
	return s.registrar.Admit(ctx, applicants...)
}

func (s *scene) introduceAll(ctx context.Context) error {
	for _, c := range s.companies {
		for _, supplier := range c.Suppliers() {
			if err := introduce(ctx, c, s.byID[supplier]); err != nil {
				return err
			}
		}
	}
	for supplier, customers := range contracts(s.in.chain) {
		for _, customer := range customers {
			s.byID[supplier].named = append(s.byID[supplier].named, s.byID[customer])
		}
	}
	return nil
}

func (s *scene) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *scene) introduction() {
	width := s.width()
	s.say("%d companies, each with a connector, a database and a port of its own:\n", len(s.companies))
	for _, c := range s.companies {
		s.say("  %-*s  %s makes: %s %s, at %s\n", width, c.ID, c.Label(), c.Bill.Root().Name, c.Bill.Part, c.Endpoint())
		s.say("  %-*s  corporate number %s\n", width, "", c.Numbered())
	}
	s.say("\n%s at %s found each in its register by that number,\n", s.registrar.Title, s.registrar.Base)
	s.say("and issued to it: %s.\n", strings.Join(dataspace.Required, ", "))
}

// width is that of the longest company id.
func (s *scene) width() int {
	width := 0
	for _, c := range s.companies {
		width = max(width, len(c.ID))
	}
	return width
}

// final is the company that makes the final product.
func (s *scene) final() *company { return s.companies[len(s.companies)-1] }

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
		errs = append(errs, c.Stop(ctx))
	}
	if s.stranger != nil {
		errs = append(errs, s.stranger.Stop(ctx))
	}
	if s.registrar != nil {
		errs = append(errs, s.registrar.Stop(ctx))
	}
	return errors.Join(errs...)
}
