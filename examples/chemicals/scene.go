// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
