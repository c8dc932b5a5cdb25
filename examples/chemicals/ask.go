// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust/policy"
)

// What is read at most. The decoders are stricter; this only bounds what comes in.
const (
	verdictLimit     = 1 << 16
	compositionLimit = 5 << 20
)

// request is one for a document of a supplier.
type request struct {
	need
	dataset string
	declare map[string][]string
	key     string // the agreement that covers it
	limit   int64
	lent    bool // the connector keeps it, and deletes it in time
}

// forVerdict says by which release the customer asks, and why.
func forVerdict(n need, q substance.Question, purpose string) request {
	return request{n, verdictID(n.part), map[string][]string{
		policy.LeftPurpose: {purpose}, policy.LeftListVersion: {q.List},
	}, verdictID(n.part) + " " + q.List, verdictLimit, false}
}

// forComposition names the contract.
func forComposition(n need) request {
	return request{n, compositionID(n.part), map[string][]string{
		policy.LeftPurpose: {policy.PurposeRegulatoryCompliance}, policy.LeftContractReference: {contract},
	}, compositionID(n.part), compositionLimit, true}
}

// wish is what the request asks of the connector.
func (c *company) wish(r request) dataspace.Wish {
	return dataspace.Wish{Peer: c.peers[r.supplier], Dataset: r.dataset, Declare: r.declare, Wait: c.wait}
}

// fetch gets a document, under the agreement that there is, else under a new
// one. An error says why there is none; it takes at most the company's wait.
func (c *company) fetch(ctx context.Context, r request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	document, err := c.conclude(ctx, r)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("nothing came within %s: %w", c.wait, err)
	}
	return document, err
}

func (c *company) conclude(ctx context.Context, r request) ([]byte, error) {
	if c.agreements[r.key] == "" {
		agreement, err := c.Conclude(ctx, c.wish(r))
		if err != nil {
			return nil, err
		}
		c.agreements[r.key] = agreement
	}
	if r.lent {
		return c.borrow(ctx, r)
	}
	document, id, err := c.Pull(ctx, c.agreements[r.key], r.limit, c.wait)
	if err == nil {
		c.transfers = append(c.transfers, id)
	}
	return document, err
}

// borrow has the connector keep a document for as long as its terms say.
func (c *company) borrow(ctx context.Context, r request) ([]byte, error) {
	h, id, err := c.Download(ctx, c.agreements[r.key], c.wait)
	if err != nil {
		return nil, err
	}
	c.transfers = append(c.transfers, id)
	c.lent[r.part] = h
	return c.Kept(ctx, h, r.limit)
}

// askVerdict gets a supplier's verdict. One that does not answer the question is
// none.
func (c *company) askVerdict(ctx context.Context, r request, q substance.Question) (substance.Verdict, error) {
	delete(c.held.Verdicts, r.part) // it answers another question
	document, err := c.fetch(ctx, r)
	if err != nil {
		return substance.Verdict{}, err
	}
	v, err := substance.DecodeVerdict(document)
	if err != nil {
		return v, err
	}
	alone := substance.Held{Verdicts: map[string]substance.Verdict{r.part: v}}
	if _, err := c.register.Evaluate(c.Bill, q, alone); err != nil {
		return v, err
	}
	c.held.Verdicts[r.part] = v
	return v, os.WriteFile(filepath.Join(c.Dir, "received-"+r.part+".json"), document, 0o600)
}

// askComposition gets the composition of a part. One that does not fit the own
// bill is none.
func (c *company) askComposition(ctx context.Context, r request) (substance.Bill, error) {
	document, err := c.fetch(ctx, r)
	if err != nil {
		return substance.Bill{}, err
	}
	b, err := c.register.DecodeComposition(document)
	if err != nil {
		return b, err
	}
	if _, err := c.Bill.Resolve(map[string]substance.Bill{r.part: b}); err != nil {
		return b, err
	}
	c.held.Compositions[r.part] = b
	return b, nil
}
