// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// company is one company at work: its own bill of materials, its own connector
// with its own store and port, and what its suppliers told it.
type company struct {
	substance.Company
	*dataspace.Member
	register   *substance.Register
	wait       time.Duration // for the answer to one question
	until      time.Time     // the end of the use of its verdicts
	customers  []*company    // those who buy its part
	named      []*company    // those customers that a contract names
	peers      map[string]string
	agreements map[string]string       // by dataset and what was declared of it
	transfers  []string                // those that brought data
	held       substance.Held          // what its suppliers told it
	lent       map[string]sink.Holding // by part, the compositions that its connector keeps
	clock      *dataspace.Clock
	result     substance.Result // its answer to the last question
}

// open starts the connector of a company. Without a corporate number in its file
// it has the one that is given.
func open(ctx context.Context, s *scene, c substance.Company, number string, front func(http.Handler) http.Handler) (*company, error) {
	clock := new(dataspace.Clock)
	p := dataspace.Profile{
		Slug: c.ID, Title: c.Label(), Number: c.CorporateNumber, MadeUp: c.Fictional, Folder: c.ID,
		Identity: s.registrar.Identity(), Front: front, Options: []connector.Option{connector.WithClock(clock.Now)},
	}
	if p.Number == "" {
		p.Number, p.MadeUp = number, true
	}
	m, err := dataspace.Join(ctx, s.home, p)
	if err != nil {
		return nil, err
	}
	return &company{
		Company: c, Member: m, register: s.in.register, wait: s.wait, until: s.today.AddDate(answerYears, 0, 0),
		peers: map[string]string{}, agreements: map[string]string{},
		lent: map[string]sink.Holding{}, clock: clock,
		held: substance.Held{Verdicts: map[string]substance.Verdict{}, Compositions: map[string]substance.Bill{}},
	}, nil
}

// introduce makes a customer and its supplier known to each other. The supplier
// takes down that it delivers to it: nobody proves that to it.
func introduce(ctx context.Context, customer, supplier *company) error {
	supplier.customers = append(supplier.customers, customer)
	customer.peers[supplier.ID], supplier.peers[customer.ID] = supplier.DID, customer.DID
	_, err := supplier.Participant.PutRelation(ctx, trust.Relation{
		Party: trust.RelationParty(trust.Identifier{Scheme: trust.CorporateNumber, Value: customer.Number}),
		Kind:  policy.DirectSupply, Note: "buys " + supplier.Bill.Part,
	})
	return errors.Join(err, customer.Meet(ctx, supplier.Member), supplier.Meet(ctx, customer.Member))
}

// disclose offers the composition to those that a contract names.
func (c *company) disclose(ctx context.Context) error {
	document, err := c.register.EncodeComposition(c.Bill)
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	return c.publish(ctx, compositionID(c.Bill.Part), "Composition: "+c.Bill.Root().Name, "composition.json", document, c.compositionOffers())
}

// answer evaluates what the company knows, and offers the verdict to its
// customers, whoever has been introduced.
func (c *company) answer(ctx context.Context, q substance.Question) error {
	result, err := c.register.Evaluate(c.Bill, q, c.held)
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	c.result = result
	document, err := result.Answer().Encode()
	if err != nil || len(c.customers) == 0 {
		return err
	}
	return c.publish(ctx, verdictID(c.Bill.Part), "Verdict: "+c.Bill.Root().Name, "verdict.json", document, []catalog.Offer{c.verdictOffer(q.List)})
}

func (c *company) publish(ctx context.Context, id, title, name string, document []byte, offers []catalog.Offer) error {
	file := filepath.Join(c.Dir, name)
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return err
	}
	return c.Participant.Publish(ctx, []catalog.Asset{{
		ID: id, Properties: map[string]any{"dct:title": title}, Source: catalog.Source{Type: catalog.SourceFile, Path: file},
	}}, offers)
}
