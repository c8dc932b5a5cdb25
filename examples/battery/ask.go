// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

const format = "HttpData-PULL"

// ask gets the answer of a direct supplier for one child: under the agreement
// that there is, else under a new one.
func (c *company) ask(ctx context.Context, child footprint.Child) error {
	deal, ok := c.contracts[child.Part]
	if !ok {
		agreement, err := c.conclude(ctx, child)
		if err != nil {
			return fmt.Errorf("%s does not answer for %s: %w", child.Supplier, child.Part, err)
		}
		deal = contract{supplier: child.Supplier, agreement: agreement}
		c.contracts[child.Part] = deal
	}
	document, err := c.pull(ctx, deal.agreement)
	if err != nil {
		return fmt.Errorf("%s does not answer for %s: %w", child.Supplier, child.Part, err)
	}
	answer, err := footprint.DecodeAnswer(document)
	if err != nil {
		return fmt.Errorf("the answer of %s is not used: %w", child.Supplier, err)
	}
	if err := child.Accept(answer); err != nil {
		return fmt.Errorf("the answer of %s is not used: %w", child.Supplier, err)
	}
	c.answers[child.Part] = answer
	return nil
}

// conclude finds the footprint of a part in its supplier's catalogue and
// negotiates for it.
func (c *company) conclude(ctx context.Context, child footprint.Child) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	supplier := participantID(child.Supplier)
	found, err := c.participant.Catalog(ctx, supplier)
	if err != nil {
		return "", err
	}
	dataset, err := pick(found.Datasets, datasetID(child.Part))
	if err != nil {
		return "", err
	}
	n, err := c.participant.Negotiate(ctx, negotiation.Proposal{
		Peer: supplier, Dataset: dataset.ID, Snapshot: dataset.Document,
		Terms: negotiation.Terms{OfferID: dataset.Offers[0].ID, Policy: dataset.Offers[0].Policy},
	})
	if err != nil {
		return "", err
	}
	n, err = c.participant.AwaitNegotiation(ctx, n.ID, patience, func(n negotiation.Negotiation) bool {
		return n.State == "FINALIZED" || n.State == "TERMINATED"
	})
	switch {
	case err != nil:
		return "", err
	case n.State != "FINALIZED":
		return "", fmt.Errorf("the negotiation ended: %s", n.TerminatedFor)
	}
	return n.AgreementID, nil
}

func pick(datasets []catalog.Dataset, id string) (catalog.Dataset, error) {
	for _, d := range datasets {
		if d.ID == id && len(d.Offers) > 0 {
			return d, nil
		}
	}
	return catalog.Dataset{}, fmt.Errorf("no offer for %s in its catalogue", id)
}

// pull transfers the data of an agreement.
func (c *company) pull(ctx context.Context, agreement string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, err := c.participant.Request(ctx, transfer.RequestArgs{Agreement: agreement, Format: format})
	if err != nil {
		return nil, err
	}
	p, err = c.participant.AwaitTransfer(ctx, p.ID, patience, func(p transfer.Process) bool {
		return p.State == "STARTED" || p.State == "TERMINATED"
	})
	switch {
	case err != nil:
		return nil, err
	case p.State != "STARTED":
		return nil, fmt.Errorf("the transfer ended: %s", p.StoppedFor)
	}
	body, err := c.participant.Pull(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	document, err := io.ReadAll(io.LimitReader(body, 1<<16))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	_, err = c.participant.ActTransfer(ctx, p.ID, negotiation.Decision{Act: negotiation.Complete})
	return document, err
}
