// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust/policy"
)

// sizeLimit only bounds what is read: footprint.DecodeAnswer is stricter.
const sizeLimit = 1 << 16

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
	return os.WriteFile(filepath.Join(c.Dir, "received-"+child.Part+".json"), document, 0o600)
}

func (c *company) fetch(ctx context.Context, child footprint.Child) ([]byte, error) {
	if c.agreements[child.Part] == "" {
		agreement, err := c.conclude(ctx, child, aggregation)
		if err != nil {
			return nil, err
		}
		c.agreements[child.Part] = agreement
	}
	document, id, err := c.Pull(ctx, c.agreements[child.Part], sizeLimit, c.wait)
	if err == nil {
		c.transfers = append(c.transfers, id)
	}
	return document, err
}

// conclude negotiates for the footprint of a part with its supplier, saying for
// which trade and what purpose. It returns the agreement's id.
func (c *company) conclude(ctx context.Context, child footprint.Child, purpose map[string][]string) (string, error) {
	declare := maps.Clone(purpose)
	declare[policy.LeftTradeID] = []string{trade(c.ID, child.Part)}
	return c.Conclude(ctx, dataspace.Wish{
		Peer: c.peers[child.Supplier], Dataset: datasetID(child.Part), Declare: declare, Wait: c.wait,
	})
}
