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
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

const (
	// soon is when a status is asked for again that could not be had.
	soon = time.Minute
	// keepExpired is how long a credential is kept past its end.
	keepExpired = 90 * day
	// The verdicts of a status list (docs/trust.md).
	checkRevoked   = "V80"
	checkSuspended = "V81"
)

// workCredential looks after one credential and returns when it is due again.
// down are the issuers whose status lists cannot be had now: a hundred
// credentials of one must not wait for it a hundred times.
func (s *Service) workCredential(ctx context.Context, contextID string, c Stored, down map[string]bool) (time.Time, error) {
	own, settings, err := s.participant(ctx, contextID)
	if errors.Is(err, ErrOff) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	if !c.ValidUntil.IsZero() && s.cfg.Now().After(c.ValidUntil.Add(keepExpired)) {
		return time.Time{}, s.forget(ctx, own, c)
	}
	before := c.State
	c, err = s.judge(ctx, own, settings, c, down)
	if err == nil {
		c, err = s.renew(ctx, own, c)
	}
	if err != nil || ctx.Err() != nil {
		return time.Time{}, errors.Join(err, ctx.Err())
	}
	c.Checked = s.cfg.Now()
	c.NextCheck = s.nextCheck(c)
	// It may have been replaced or deleted while others were asked.
	now, err := s.cfg.Store.Credential(ctx, contextID, c.ID)
	if errors.Is(err, ErrNotFound) || err == nil && now.Raw != c.Raw {
		return time.Time{}, nil
	}
	if err == nil {
		err = s.cfg.Store.MarkCredential(ctx, contextID, c)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return time.Time{}, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	if c.State != before {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "credential changed", slog.String("participant", contextID),
			slog.String("credential", c.Credential), slog.String("issuer", c.Issuer),
			slog.String("before", before), slog.String("state", c.State))
	}
	return c.NextCheck, nil
}

// forget removes a credential that nobody has any use for.
func (s *Service) forget(ctx context.Context, own trust.Participant, c Stored) error {
	err := s.cfg.Store.DeleteCredential(ctx, own.Context, c.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("credential %s: %w", c.ID, err)
	}
	s.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "credential removed, long expired", slog.String("participant", own.Context),
		slog.String("credential", c.Credential), slog.Time("end", c.ValidUntil))
	return nil
}

// judge finds out the state of a credential. What cannot be found out leaves
// it as it is, to be tried again soon.
func (s *Service) judge(ctx context.Context, own trust.Participant, settings dcp.Settings, c Stored, down map[string]bool) (Stored, error) {
	now := s.cfg.Now()
	c.NextCheck = now.Add(s.cfg.CheckEvery)
	if !c.ValidUntil.IsZero() && !now.Before(c.ValidUntil) {
		c.State, c.NextCheck = Expired, now.Add(day)
		return c, nil
	}
	if len(c.Status) == 0 || s.cfg.Status == nil {
		c.State, c.NextCheck = Held, now.Add(day)
		return c, nil
	}
	if down[c.Issuer] {
		c.NextCheck = now.Add(soon)
		return c, nil
	}
	conformance, err := s.conformance(ctx, own, settings, c.Issuer)
	if err != nil {
		return c, err
	}
	err = s.cfg.Status.Check(ctx, status.Entry{
		Credential: c.Credential, Issuer: c.Issuer, Entries: c.Status, Conformance: conformance,
	})
	state, known := stateOf(err)
	if known {
		c.State = state
	} else { // no list, or none that says anything about us
		if _, verdict := errors.AsType[*trust.Refusal](err); !verdict {
			c.NextCheck, down[c.Issuer] = now.Add(soon), true
		}
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "credential status unknown", slog.String("participant", own.Context),
			slog.String("credential", c.Credential), slog.String("error", err.Error()))
	}
	return c, nil
}

// stateOf reads what a status list says. A refusal may stand behind another
// that is about all entries together.
func stateOf(err error) (state string, known bool) {
	if err == nil {
		return Held, true
	}
	for {
		refusal, ok := errors.AsType[*trust.Refusal](err)
		switch {
		case !ok:
			return "", false
		case refusal.Check == checkRevoked:
			return Revoked, true
		case refusal.Check == checkSuspended:
			return Suspended, true
		}
		err = refusal.Err
	}
}

// nextCheck is when status was to be asked for, or when the credential ends or
// is to be renewed, if that is earlier.
func (s *Service) nextCheck(c Stored) time.Time {
	next, now := c.NextCheck, s.cfg.Now()
	for _, at := range []time.Time{c.ValidUntil, c.RenewAt} {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}
