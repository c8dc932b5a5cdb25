// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust/policy"
)

// refusals shows who is refused what, what it is told, and what the company
// that refuses it knows alone.
func (s *scene) refusals(ctx context.Context) error {
	supplier := s.companies[0]
	if s.stranger == nil || len(supplier.customers) == 0 {
		return nil
	}
	for _, c := range s.companies {
		if len(c.named) > 0 {
			supplier = c
			break
		}
	}
	s.say("\nWho is refused what, and by which rule:\n")
	// What is on offer is the answer to the last question; now it is that to the
	// one on the release that changed the list.
	if err := s.quietly(func() error { return s.round(ctx, s.in.changed()) }); err != nil {
		return err
	}
	return errors.Join(s.notACustomer(ctx, supplier), s.notNamed(ctx, supplier), s.wrongWords(ctx, supplier))
}

// notACustomer: any member may ask for the catalogue. What it does not buy is not
// in it.
func (s *scene) notACustomer(ctx context.Context, supplier *company) error {
	m := s.stranger
	if err := m.Meet(ctx, supplier.Member); err != nil {
		return err
	}
	s.say("  %s is a member, and no customer of %s: it asks for the verdict on %s\n", m.Title, supplier.ID, supplier.Bill.Part)
	return s.hidden(ctx, m, supplier, verdictID(supplier.Bill.Part))
}

// notNamed: the maker of the final product has found out who makes a part, and
// asks for its composition.
func (s *scene) notNamed(ctx context.Context, supplier *company) error {
	final := s.final()
	if len(supplier.named) == 0 {
		return nil
	}
	if err := final.Meet(ctx, supplier.Member); err != nil {
		return err
	}
	id := compositionID(supplier.Bill.Part)
	s.say("  %s has heard of %s, and asks for the composition of %s\n", final.ID, supplier.ID, supplier.Bill.Part)
	if err := s.hidden(ctx, final.Member, supplier, id); err != nil {
		return err
	}
	// It has a copy of somebody else's contract, too, and asks by that.
	found, err := supplier.named[0].Participant.Dataset(ctx, supplier.DID, id)
	if err != nil {
		return err
	}
	wish := dataspace.Wish{Peer: supplier.DID, Dataset: id, Wait: s.wait, Declare: forComposition(need{}).declare}
	_, err = final.Negotiate(ctx, wish, found)
	if err == nil {
		return fmt.Errorf("%s agreed to it", supplier.ID)
	}
	s.say("    it asks by the very terms that %s was offered, and is told:\n      %v\n", supplier.named[0].ID, err)
	return nil
}

// hidden has a member look for a dataset that it may not see.
func (s *scene) hidden(ctx context.Context, m *dataspace.Member, supplier *company, id string) error {
	found, err := m.Participant.Catalog(ctx, supplier.DID)
	if err != nil {
		return err
	}
	for _, d := range found.Datasets {
		if d.ID == id {
			return fmt.Errorf("%s sees %s", m.Slug, id)
		}
	}
	_, told := m.Participant.Dataset(ctx, supplier.DID, id)
	if told == nil {
		return fmt.Errorf("%s got %s", m.Slug, id)
	}
	s.say("    it sees %d datasets, and is told of this one:\n      %v\n", len(found.Datasets), told)
	e, err := supplier.Participant.Explain(ctx, explain.Query{Asset: id, Counterparty: m.DID})
	if err != nil {
		return err
	}
	if e.Visible.Yes {
		return fmt.Errorf("%s would show %s to %s", supplier.ID, id, m.Slug)
	}
	s.say("    %s alone knows why:\n      %s\n", supplier.ID, plain(e.Visible.Reason))
	return nil
}

// wrongWords: a customer that may have something asks for it in a way that the
// terms forbid.
func (s *scene) wrongWords(ctx context.Context, supplier *company) error {
	q := s.in.changed()
	composition := forComposition(need{supplier.Bill.Part, supplier.ID})
	verdict := forVerdict(composition.need, q, policy.PurposeRegulatoryCompliance)
	type wrong struct {
		customer *company
		says     string
		request  request
		declare  map[string][]string
	}
	var list []wrong
	for _, c := range supplier.named[:min(1, len(supplier.named))] {
		list = append(list,
			wrong{c, "asks for the composition, for " + short(policy.PurposeProductImitation), composition, map[string][]string{
				policy.LeftPurpose: {policy.PurposeProductImitation}, policy.LeftContractReference: {contract},
			}},
			wrong{c, "asks for the composition, and names no contract", composition, map[string][]string{
				policy.LeftPurpose: {policy.PurposeRegulatoryCompliance},
			}})
	}
	list = append(list, wrong{supplier.customers[0], "asks for the verdict by " + s.in.older(q) + ", when " + q.List + " is out", verdict, map[string][]string{
		policy.LeftPurpose: {policy.PurposeRegulatoryCompliance}, policy.LeftListVersion: {s.in.older(q)},
	}})
	for _, w := range list {
		s.say("  %s %s\n", w.customer.ID, w.says)
		w.request.declare = w.declare
		agreement, err := w.customer.Conclude(ctx, w.customer.wish(w.request))
		if err == nil {
			return fmt.Errorf("%s agreed to it: %s", supplier.ID, agreement)
		}
		s.say("    no agreement: %s\n", plain(err.Error()))
		reason, err := supplier.Denial(ctx, w.customer.DID)
		if err != nil {
			return err
		}
		s.say("    %s alone knows why:\n      %s\n", supplier.ID, plain(reason))
	}
	return nil
}

func (s *scene) quietly(do func() error) error {
	out, told := s.out, s.answers
	s.out = io.Discard
	defer func() { s.out, s.answers = out, told }()
	return do()
}
