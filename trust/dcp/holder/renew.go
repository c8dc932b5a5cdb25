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
	// renewAgain is the longest time until a renewal that did not come is asked
	// for once more, shortRenew the shortest.
	renewAgain = day
	shortRenew = 10 * time.Minute
	// graceAfter is how long after its end a credential is still renewed: the
	// connector may have been off.
	graceAfter = 7 * day
)

// renew asks the issuer for a successor when it is time, one at a time. What
// goes wrong is tried again and spoils nothing: the credential is good until
// its end.
func (s *Service) renew(ctx context.Context, own trust.Participant, c Stored) (Stored, error) {
	now := s.cfg.Now()
	if c.RenewAt.IsZero() || now.Before(c.RenewAt) || c.State != Held && c.State != Expired {
		return c, nil
	}
	if now.After(c.ValidUntil.Add(graceAfter)) {
		c.RenewAt = time.Time{}
		return c, nil
	}
	open, err := s.renewing(ctx, own, c.ID)
	if err != nil {
		return c, err
	}
	c.RenewAt = now.Add(renewAgain)
	if left := c.ValidUntil.Sub(now); left > 0 {
		c.RenewAt = now.Add(min(max(left/2, shortRenew), renewAgain))
	}
	if open {
		return c, nil
	}
	object, err := s.successor(ctx, own, c)
	if err != nil {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "credential not renewed", slog.String("participant", own.Context),
			slog.String("credential", c.Credential), slog.String("issuer", c.Issuer), slog.String("error", err.Error()))
		if errors.Is(err, trust.ErrUnavailable) {
			c.RenewAt = now.Add(shortRenew)
		}
		return c, nil
	}
	_, err = s.ask(ctx, own, c.Issuer, []string{object}, c.ID)
	return c, err
}

// renewing reports whether a renewal is under way.
func (s *Service) renewing(ctx context.Context, own trust.Participant, id string) (bool, error) {
	const page, pages = 100, 10
	before := ""
	for range pages {
		list, err := s.cfg.Store.Requests(ctx, own.Context, before, page)
		if err != nil {
			return false, err
		}
		for _, r := range list {
			if r.Renews == id && (r.State == Requested || r.State == Received) {
				return true, nil
			}
			before = r.HolderPID
		}
		if len(list) < page {
			break
		}
	}
	return false, nil
}

// successor finds the credential object that a credential was issued from: by
// the id it was asked for with, or else by type and profile.
func (s *Service) successor(ctx context.Context, own trust.Participant, c Stored) (string, error) {
	m, err := s.Metadata(ctx, c.Issuer)
	if err != nil {
		return "", err
	}
	r, err := s.cfg.Store.Request(ctx, own.Context, c.Request)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	for _, o := range m.Supported { // the very same one, where it is known
		if len(r.Credentials) == 1 && o.ID == r.Credentials[0] {
			return o.ID, nil
		}
	}
	for _, credentialType := range c.Types {
		if object, ok := objectOf(m, credentialType, c.Profile); ok {
			return object, nil
		}
	}
	return "", fmt.Errorf("%w: %s does not issue such a credential any more", ErrInput, c.Issuer)
}
