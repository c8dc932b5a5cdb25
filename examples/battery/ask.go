// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	format     = "HttpData-PULL"
	sizeLimit  = 1 << 16 // footprint.DecodeAnswer is stricter; this only bounds what is read
	finalized  = "FINALIZED"
	started    = "STARTED"
	completed  = "COMPLETED"
	terminated = "TERMINATED"
)

// ask gets the answer of a direct supplier for one child, under the agreement
// that there is, else under a new one. An error says why there is no answer, or
// none to be used; it takes at most the company's wait.
func (c *company) ask(ctx context.Context, child footprint.Child) error {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	delete(c.answers, child.Part) // what was true before is not an answer now
	document, err := c.fetch(ctx, child)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("nothing came within %s: %w", c.wait, err)
	}
	if err != nil {
		return err
	}
	answer, err := footprint.DecodeAnswer(document)
	if err != nil {
		return err
	}
	if err := child.Accept(answer); err != nil {
		return err
	}
	c.answers[child.Part] = answer
	return os.WriteFile(filepath.Join(c.dir, "received-"+child.Part+".json"), document, 0o600)
}

func (c *company) fetch(ctx context.Context, child footprint.Child) ([]byte, error) {
	if c.agreements[child.Part] == "" {
		agreement, err := c.conclude(ctx, child, aggregation)
		if err != nil {
			return nil, err
		}
		c.agreements[child.Part] = agreement
	}
	return c.pull(ctx, c.agreements[child.Part])
}

// conclude finds the footprint of a part in its supplier's catalogue and
// negotiates for it, saying for which trade and what purpose. It returns the
// agreement's id.
func (c *company) conclude(ctx context.Context, child footprint.Child, purpose map[string][]string) (string, error) {
	supplier := c.peers[child.Supplier]
	found, err := c.participant.Catalog(ctx, supplier)
	if err != nil {
		return "", err
	}
	dataset, err := pick(found.Datasets, datasetID(child.Part))
	if err != nil {
		return "", err
	}
	offer := dataset.Offers[0]
	declare := maps.Clone(purpose)
	declare[policy.LeftTradeID] = []string{trade(c.ID, child.Part)}
	n, err := c.participant.Negotiate(ctx, negotiation.Proposal{
		Peer: supplier, Dataset: dataset.ID, Snapshot: dataset.Document,
		Terms:   negotiation.Terms{OfferID: offer.ID, Policy: offer.Policy},
		Declare: declare,
		// Not to pass an answer on, sell it or take it apart is a promise: no
		// connector can enforce it. The agreement records that it was made.
		AcceptUnenforced: true,
	})
	if err != nil {
		return "", err
	}
	n, err = c.participant.AwaitNegotiation(ctx, n.ID, c.wait, func(n negotiation.Negotiation) bool {
		return n.State == finalized || n.State == terminated
	})
	switch {
	case err != nil && n.LastError != nil:
		return "", fmt.Errorf("%w: %s", err, n.LastError.Reason)
	case err != nil:
		return "", err
	case n.State != finalized:
		return "", fmt.Errorf("the negotiation was terminated: %s", n.TerminatedFor)
	}
	return n.AgreementID, nil
}

func pick(datasets []catalog.Dataset, id string) (catalog.Dataset, error) {
	for _, d := range datasets {
		if d.ID == id && len(d.Offers) > 0 {
			return d, nil
		}
	}
	return catalog.Dataset{}, fmt.Errorf("its catalogue has no offer for %s", id)
}

// pull transfers the data of an agreement.
func (c *company) pull(ctx context.Context, agreement string) ([]byte, error) {
	p, err := c.participant.Request(ctx, transfer.RequestArgs{Agreement: agreement, Format: format})
	if err != nil {
		return nil, err
	}
	if err := c.reaches(ctx, p.ID, started); err != nil {
		return nil, err
	}
	body, err := c.participant.Pull(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	document, err := io.ReadAll(io.LimitReader(body, sizeLimit))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	c.transfers = append(c.transfers, p.ID)
	_, err = c.participant.ActTransfer(ctx, p.ID, negotiation.Decision{Act: negotiation.Complete})
	return document, err
}

// reaches waits until a transfer is in a state, which for completed means that
// the supplier has acknowledged the end. It fails when that cannot happen any more.
func (c *company) reaches(ctx context.Context, id, state string) error {
	p, err := c.participant.AwaitTransfer(ctx, id, c.wait, func(p transfer.Process) bool {
		return p.State == state || p.State == completed || p.State == terminated
	})
	switch {
	case err != nil && p.LastError != nil:
		return fmt.Errorf("%w: %s", err, p.LastError.Reason)
	case err != nil:
		return err
	case p.State != state:
		return fmt.Errorf("transfer %s is %s: %s", id, p.State, p.StoppedFor)
	}
	return nil
}
