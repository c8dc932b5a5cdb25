// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
)

func (s *Service) load(ctx context.Context, contextID, id string) (engine.Record, error) {
	r, err := s.Store.For(contextID).Load(ctx, id)
	if err == nil && r.Kind != engine.Negotiation {
		return r, engine.ErrNotFound
	}
	return r, err
}

// Get returns a negotiation with its history.
func (s *Service) Get(ctx context.Context, contextID, id string) (Negotiation, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Negotiation{}, err
	}
	n, err := view(r)
	if err != nil {
		return n, err
	}
	n.History, err = s.History(ctx, contextID, id)
	return n, err
}

// History returns the messages of both sides of a negotiation, in order.
func (s *Service) History(ctx context.Context, contextID, id string) ([]Exchange, error) {
	history, err := s.Store.For(contextID).History(ctx, id)
	return Exchanges(history), err
}

// Of returns the negotiation that a record holds, without its history.
func Of(r engine.Record) (Negotiation, error) {
	if r.Kind != engine.Negotiation {
		return Negotiation{}, engine.ErrNotFound
	}
	return view(r)
}

// Filter selects negotiations; empty fields select all.
type Filter struct {
	Role, State, Peer, Dataset string
	Open                       bool   // only those not at their end
	Before                     string // the id of the last one seen
	Limit                      int    // default 100, at most 1000
}

// List returns negotiations, newest first, without their histories.
func (s *Service) List(ctx context.Context, contextID string, f Filter) ([]Negotiation, error) {
	records, err := s.Store.For(contextID).List(ctx, engine.Query{
		Kind: engine.Negotiation, Role: engine.Role(f.Role), State: engine.State(f.State), Peer: f.Peer,
		Subject: f.Dataset, Open: f.Open, Before: f.Before, Limit: Page(f.Limit),
	})
	if err != nil {
		return nil, err
	}
	out := make([]Negotiation, 0, len(records))
	for _, r := range records {
		n, err := view(r)
		if err != nil {
			return nil, fmt.Errorf("negotiation %s: %w", r.ID, err)
		}
		out = append(out, n)
	}
	return out, nil
}

// Page bounds the length of a list.
func Page(limit int) int {
	if limit <= 0 {
		return 100
	}
	return min(limit, 1000)
}

// IsNotFound reports whether an error says that there is no such thing.
func IsNotFound(err error) bool {
	return errors.Is(err, engine.ErrNotFound) || errors.Is(err, ErrNoAgreement)
}
