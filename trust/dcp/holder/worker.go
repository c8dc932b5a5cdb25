// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

const (
	// lease is how long a row is ours alone. A pass stops at half of it, so
	// that what was claimed is not worked on by two.
	lease = 2 * time.Minute
	// batch is how many rows one pass claims of each kind.
	batch = 20
)

// Work does what is due now: it sends requests and asks how they are, looks
// after status and end of credentials, and asks for their renewal. It returns
// when it is to be called next; Wake may come before that. Several replicas
// may work at the same time. An error tells what could not be written; the
// rest is done, and the next pass comes all the same.
func (s *Service) Work(ctx context.Context) (time.Time, error) {
	p := &pass{start: s.cfg.Now()}
	p.next = p.start.Add(s.cfg.Pause)
	requests, err := s.cfg.Store.ClaimRequests(ctx, p.start, lease, batch)
	p.note(err)
	for _, o := range requests {
		if p.over(ctx, s.cfg.Now()) {
			break
		}
		at, err := s.workRequest(ctx, o.Context, o.Row)
		p.done(at, err)
	}
	// The clock has moved, and the requests may have used up the time.
	p.start = s.cfg.Now()
	credentials, err := s.cfg.Store.ClaimCredentials(ctx, p.start, lease, batch)
	p.note(err)
	down := map[string]bool{} // issuers whose status cannot be had in this pass
	for _, o := range credentials {
		if p.over(ctx, s.cfg.Now()) {
			break
		}
		at, err := s.workCredential(ctx, o.Context, o.Row, down)
		p.done(at, err)
	}
	if len(requests) == batch || len(credentials) == batch {
		p.next = p.start // there may be more
	}
	return p.next, errors.Join(p.errs...)
}

// pass is one run of Work.
type pass struct {
	start, next time.Time
	errs        []error
}

func (p *pass) over(ctx context.Context, now time.Time) bool {
	return ctx.Err() != nil || now.Sub(p.start) > lease/2
}

func (p *pass) note(err error) {
	if err != nil {
		p.errs = append(p.errs, err)
	}
}

func (p *pass) done(at time.Time, err error) {
	p.note(err)
	if !at.IsZero() && at.Before(p.next) {
		p.next = at
	}
}

// workRequest takes one request a step further and returns when it is due
// again.
func (s *Service) workRequest(ctx context.Context, contextID string, r Request) (time.Time, error) {
	own, _, err := s.participant(ctx, contextID)
	if errors.Is(err, ErrOff) {
		return time.Time{}, nil // it is looked at again when the lease is over
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("request %s: %w", r.HolderPID, err)
	}
	before := r.State
	switch {
	case r.State != Requested && r.State != Received:
		r.NextTry = time.Time{}
	case !s.cfg.Now().Before(r.Deadline):
		r = expired(r)
	case r.State == Requested:
		r = s.send(ctx, own, r)
	default:
		r = s.look(ctx, own, r)
	}
	if err := ctx.Err(); err != nil {
		return time.Time{}, err // we stop: the attempt does not count
	}
	r.Updated = s.cfg.Now()
	if _, err := s.cfg.Store.SaveRequest(ctx, contextID, r); err != nil {
		if errors.Is(err, ErrClosed) {
			return time.Time{}, nil // the issuer has delivered meanwhile
		}
		return time.Time{}, fmt.Errorf("request %s: %w", r.HolderPID, err)
	}
	s.logRequest(ctx, own, before, r)
	return r.NextTry, nil
}

func (s *Service) logRequest(ctx context.Context, own trust.Participant, before string, r Request) {
	level := slog.LevelDebug
	if r.State != before || r.Reason != "" {
		level = slog.LevelInfo
	}
	s.cfg.Log.LogAttrs(ctx, level, "credential request", slog.String("participant", own.Context),
		slog.String("issuer", r.Issuer), slog.String("request", r.HolderPID), slog.String("state", r.State),
		slog.String("reason", r.Reason), slog.Int("tries", r.Tries), slog.Time("next", r.NextTry))
}
