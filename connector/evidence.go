// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

// leastEvidence is for how long bodies are kept at least: both sides compare
// them.
const leastEvidence = 24 * time.Hour

func (c Config) checkEvidence() error {
	if c.Evidence.Bodies != 0 && c.Evidence.Bodies < leastEvidence {
		return fmt.Errorf("evidence.bodies %s: write at least %s, or leave it out", c.Evidence.Bodies, leastEvidence)
	}
	return nil
}

// newEvidence builds the record of what is moved.
func (c *Connector) newEvidence() *evidence.Recorder {
	return evidence.New(evidence.Config{
		Store: c.store, Transfers: c.transfers, Journaled: c.runner.Journaled, Now: c.now, NewID: newID, Log: c.log,
	})
}

// keeping is the chore that writes it down.
func (c *Connector) keeping() []chore {
	chores := []chore{{name: "evidence of what was moved", do: c.evidence.Work, wake: c.evidence.Wake()}}
	if c.cfg.Evidence.Bodies > 0 {
		chores = append(chores, chore{name: "evidence of single bodies that is old enough", do: c.dropBodies})
	}
	return chores
}

// dropBodies forgets single bodies of long ago.
func (c *Connector) dropBodies(ctx context.Context) (time.Time, error) {
	n, err := c.store.DropBodies(ctx, c.now().Add(-c.cfg.Evidence.Bodies), dropBatch)
	if n == dropBatch {
		return c.now(), err
	}
	return c.now().Add(time.Minute), err
}

// lastEvidence keeps what nobody has kept yet, after the last byte was sent. It
// has a moment for that even where Stop is out of time.
func (c *Connector) lastEvidence(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoment)
	defer cancel()
	return c.evidence.Flush(ctx)
}

const lastMoment = 5 * time.Second

// Evidence is what we say of a transfer of ours, in either role: how many
// bodies and bytes were moved, with a digest that the peer comes to as well, and
// at most limit of the large ones, behind the one whose id is after. What was
// moved within the last second may be missing.
func (p *Participant) Evidence(ctx context.Context, transferID, after string, limit int) (evidence.Declaration, error) {
	return p.c.evidence.Declare(ctx, p.context, transferID, after, limit)
}

// EvidenceList lists what we say of transfers in which something was moved,
// newest first, without single bodies.
func (p *Participant) EvidenceList(ctx context.Context, q evidence.Query) ([]evidence.Declaration, error) {
	return p.c.evidence.List(ctx, p.context, q)
}
