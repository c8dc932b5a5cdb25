// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// aYearLater sets the clock of a company that a contract names to the end of the
// time for which a composition is lent. Its connector deletes it by itself.
func (s *scene) aYearLater(ctx context.Context) error {
	for _, c := range s.companies {
		for _, n := range needs(c.Company) {
			if h, ok := c.lent[n.part]; ok {
				return s.retention(ctx, c, n, h)
			}
		}
	}
	return nil
}

func (s *scene) retention(ctx context.Context, c *company, n need, h sink.Holding) error {
	s.say("\nWhen the year of %s is over, by the clock of %s (the other clocks stand still):\n", contract, c.ID)
	c.clock.Set(h.Due.Sub(c.clock.Now()) + time.Second)
	// It looks every few seconds, and at once when any agreement is ended.
	if _, err := c.Participant.EndAgreement(ctx, c.agreements[compositionID(n.part)], contract+" is over"); err != nil {
		return err
	}
	h, err := c.deleted(ctx, h)
	if err != nil {
		return err
	}
	s.say("  the connector of %s has deleted the composition of %s, %d bytes: %s\n", c.ID, n.part, h.Size, h.Reason)
	s.say("    what stays is the record of it: SHA-256 %s\n", h.SHA256)
	_, err = c.Kept(ctx, h, compositionLimit)
	if !errors.Is(err, sink.ErrRetentionOver) {
		return fmt.Errorf("%s still has the composition: %w", c.ID, err)
	}
	s.say("    %s reads it again: %v\n", c.ID, err)
	s.say("    and its own verdict on %s, which it was allowed to derive\n", c.Bill.Part)
	delete(c.held.Compositions, n.part)
	return nil
}

// deleted waits until what was lent is gone.
func (c *company) deleted(ctx context.Context, h sink.Holding) (sink.Holding, error) {
	ctx, cancel := context.WithTimeout(ctx, dataspace.Settling)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := c.Participant.Holding(ctx, h.ID)
		if err != nil || now.State == sink.Deleted {
			return now, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return now, fmt.Errorf("%s still has %s: %w", c.ID, h.Dataset, ctx.Err())
		}
	}
}
