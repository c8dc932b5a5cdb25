// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Source answers whom a participant believes.
type Source struct {
	cfg Config

	mu    sync.Mutex
	slots map[string]*slot // by participant context
}

// Config is what Source needs.
type Config struct {
	Store    Store
	DIDs     did.Resolver
	HTTP     did.Doer // safehttp.Clients.Operator: the URL is from our settings
	Now      func() time.Time
	Settings func(ctx context.Context, contextID string) (dcp.Settings, error)
	// MaxAge is how long a list is used before it is fetched again; default
	// 5 min.
	MaxAge time.Duration
	// Log is told of each list that is taken or refused; may be nil.
	Log func(contextID, text string, err error)
}

// NewSource makes a source.
func NewSource(c Config) *Source {
	if c.MaxAge <= 0 {
		c.MaxAge = 5 * time.Minute
	}
	return &Source{cfg: c, slots: map[string]*slot{}}
}

// Trusts reports whether a participant believes an issuer for a type, how
// strictly it is judged, and by which list: 0 for the participant's own
// decision, else the sequence. A list that cannot be fetched is used until its
// end and grace. Without a list in force the answer is no; where none is in
// force because none could be fetched, the error wraps trust.ErrUnavailable:
// that is no verdict on the issuer.
func (s *Source) Trusts(ctx context.Context, contextID, issuer, credentialType string) (trusted bool, c trust.Conformance, sequence int64, err error) {
	settings, err := s.cfg.Settings(ctx, contextID)
	if err != nil {
		return false, "", 0, fmt.Errorf("%w: settings: %w", trust.ErrUnavailable, err)
	}
	for _, i := range settings.TrustedIssuers {
		if i.ID == issuer && trusts(i, credentialType) {
			return true, i.Conformance, 0, nil
		}
	}
	if settings.TrustList == nil {
		return false, "", 0, nil
	}
	l, err := s.list(ctx, contextID, *settings.TrustList)
	if err != nil {
		return false, "", 0, outage(err)
	}
	i, ok := l.byID[issuer]
	return ok && trusts(i, credentialType), i.Conformance, l.Sequence, nil
}

// outage keeps an error only if it says that something is out of reach: that
// there is no list in force is an answer.
func outage(err error) error {
	if errors.Is(err, trust.ErrUnavailable) {
		return err
	}
	return nil
}

// Current returns the list in use, for people. ErrNone where there is none to
// be used or none is configured.
func (s *Source) Current(ctx context.Context, contextID string) (List, error) {
	settings, err := s.cfg.Settings(ctx, contextID)
	if err != nil {
		return List{}, err
	}
	if settings.TrustList == nil {
		return List{}, ErrNone
	}
	l, err := s.list(ctx, contextID, *settings.TrustList)
	if err != nil {
		return List{}, err
	}
	return l.List, nil
}

// list returns the list in force, from memory where it was looked for lately.
func (s *Source) list(ctx context.Context, contextID string, from dcp.TrustListSource) (*inUse, error) {
	slot := s.slot(contextID)
	now := s.cfg.Now()
	held := slot.held.Load()
	if held != nil && held.from == from && now.Before(held.next) {
		return held.inForce(now)
	}
	usable := held != nil && held.from == from && held.list != nil && !held.list.over(now, time.Duration(from.Grace))
	if usable {
		select {
		case slot.flight <- struct{}{}:
		default:
			return held.list, nil // somebody is looking; this one is good
		}
	} else {
		select {
		case slot.flight <- struct{}{}:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", trust.ErrUnavailable, ctx.Err())
		}
	}
	defer func() { <-slot.flight }()
	// Whoever was before us in the flight may have found it.
	if again := slot.held.Load(); again != held && again.from == from && s.cfg.Now().Before(again.next) {
		return again.inForce(s.cfg.Now())
	}
	return s.look(ctx, contextID, from, slot).inForce(s.cfg.Now())
}

func (s *Source) slot(contextID string) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.slots[contextID]
	if !ok {
		found = &slot{flight: make(chan struct{}, 1)}
		s.slots[contextID] = found
	}
	return found
}
