// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// slot is what is known of one participant's list. Readers load held; only
// who is in the flight replaces it.
type slot struct {
	held   atomic.Pointer[held]
	flight chan struct{} // one place
}

// held is the outcome of a look.
type held struct {
	from dcp.TrustListSource
	list *inUse // newest that was ever accepted; nil: none
	err  error  // why it could not be made newer
	next time.Time
}

// inUse is a list with its index.
type inUse struct {
	List
	byID map[string]dcp.TrustedIssuer
}

func index(l List) *inUse {
	u := &inUse{List: l, byID: make(map[string]dcp.TrustedIssuer, len(l.Issuers))}
	for _, i := range l.Issuers {
		u.byID[i.ID] = i
	}
	return u
}

// inForce returns the list unless it is past its end and grace.
func (h *held) inForce(now time.Time) (*inUse, error) {
	switch {
	case h.list != nil && !h.list.over(now, time.Duration(h.from.Grace)):
		return h.list, nil
	case h.err != nil && errors.Is(h.err, trust.ErrUnavailable):
		return nil, fmt.Errorf("%w: %w", ErrNone, h.err)
	case h.list != nil:
		return nil, fmt.Errorf("%w: %w on %s", ErrNone, ErrEnded, h.list.ValidUntil.Format(time.RFC3339))
	case h.err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNone, h.err)
	}
	return nil, ErrNone
}

// retry is how soon a look that failed is repeated, at most.
const retry = 30 * time.Second

// look fetches the list, keeps it in the store, and takes into use the newest
// that the store knows: another replica may have been faster.
func (s *Source) look(ctx context.Context, contextID string, from dcp.TrustListSource, slot *slot) *held {
	h := &held{from: from}
	if old := slot.held.Load(); old != nil && old.from.Authority == from.Authority {
		h.list = old.list
	}
	h.err = s.fetch(ctx, contextID, from)
	if err := s.newest(ctx, contextID, from, h); err != nil && h.err == nil {
		h.err = err
	}
	now := s.cfg.Now()
	h.next = now.Add(s.cfg.MaxAge)
	if h.err != nil {
		h.next = now.Add(min(s.cfg.MaxAge, retry))
		s.log(contextID, "the trust list was not taken", h.err)
	}
	if h.err != nil && ctx.Err() != nil {
		return h // the caller went away; the next one looks itself
	}
	slot.held.Store(h)
	return h
}

// newest takes the store's list into use where it is newer than ours.
func (s *Source) newest(ctx context.Context, contextID string, from dcp.TrustListSource, h *held) error {
	sequence, raw, err := s.cfg.Store.TrustList(ctx, contextID, from.Authority)
	switch {
	case errors.Is(err, ErrNone):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	case h.list != nil && h.list.Sequence >= sequence:
		return nil
	}
	l, err := known(raw)
	if err != nil {
		return err
	}
	h.list = index(l)
	s.log(contextID, fmt.Sprintf("trust list %d is in use", l.Sequence), nil)
	return nil
}

func (s *Source) log(contextID, text string, err error) {
	if s.cfg.Log != nil {
		s.cfg.Log(contextID, text, err)
	}
}
