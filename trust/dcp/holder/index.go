// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// index makes a row of a credential that came now.
func (s *Service) index(c vc.Credential) (Stored, error) {
	now, end := s.cfg.Now(), c.Ends()
	if !end.IsZero() && !now.Before(end) {
		return Stored{}, fmt.Errorf("it has expired")
	}
	return Stored{
		ID:         s.cfg.NewID(),
		Credential: c.ID,
		Issuer:     c.Issuer,
		Types:      c.Types,
		Profile:    string(c.Profile),
		Raw:        c.Raw,
		ValidFrom:  c.ValidFrom,
		ValidUntil: end,
		Status:     c.Status,
		Received:   now,
		State:      Held,
		NextCheck:  now,
		RenewAt:    renewAt(now, c.ValidFrom, end),
	}, nil
}

const (
	// maxRenewLead is the longest time before its end at which a credential is
	// asked for anew.
	maxRenewLead = 30 * day
	// minRemaining is what must be left of a credential to think of renewal:
	// whoever issues for minutes must not keep us asking.
	minRemaining = 2 * shortRenew
)

// renewAt returns when a credential is to be asked for anew: a tenth of its
// life, but at least a day, before its end, and not in the first half of what
// is left of it. The last keeps an issuer that always names the same end from
// being asked again and again. Zero: never.
func renewAt(now, from, end time.Time) time.Time {
	left := end.Sub(now)
	if end.IsZero() || left < minRemaining {
		return time.Time{}
	}
	lead := min(max(end.Sub(from)/10, day), maxRenewLead)
	at := end.Add(-lead)
	if middle := now.Add(left / 2); at.Before(middle) {
		at = middle
	}
	return at
}
