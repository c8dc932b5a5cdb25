// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Totals go into the journal when a transfer comes to rest: it was suspended,
// completed or terminated, and a moment has passed in which bodies that were
// under way could be counted. What comes later makes another row.
const (
	restless  = time.Second      // between a process's last step and the row
	sealEvery = time.Second      // looks, while something moves here
	sealIdle  = 30 * time.Second // and while nothing does: another replica may have died
	sealPage  = 100
)

// seals is when to look.
type seals struct {
	mu     sync.Mutex
	looked time.Time
	moved  time.Time // when something was last kept, or found
}

func (s *seals) busy(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = now
}

// due returns when the next look is.
func (s *seals) due(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked.IsZero() || s.looked.After(now) {
		return now
	}
	if now.Sub(s.moved) < 2*sealIdle {
		return s.looked.Add(sealEvery)
	}
	return s.looked.Add(sealIdle)
}

func (s *seals) look(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = now
}

// seal writes what has come to rest into the journal.
func (r *Recorder) seal(ctx context.Context) (next time.Time, err error) {
	now := r.cfg.Now()
	if due := r.seals.due(now); due.After(now) {
		return due, nil
	}
	r.seals.look(now)
	for after := (engine.Change{}); ; {
		page, err := r.cfg.Store.UnsealedEvidence(ctx, now.Add(-restless), after, sealPage)
		if err != nil {
			return time.Time{}, err
		}
		for _, c := range page {
			if err := r.sealOne(ctx, c, now); err != nil {
				return time.Time{}, err
			}
			after = c
		}
		if len(page) < sealPage {
			return r.seals.due(now), nil
		}
	}
}

// rested is what the journal says of a transfer.
type rested struct {
	Agreement   string  `json:"agreement,omitempty"`
	Dataset     string  `json:"dataset,omitempty"`
	Peer        string  `json:"peer,omitempty"`
	ProviderPID string  `json:"providerPid,omitempty"`
	ConsumerPID string  `json:"consumerPid,omitempty"`
	State       string  `json:"state,omitempty"`
	Sent        *Totals `json:"sent,omitempty"`
	Received    *Totals `json:"received,omitempty"`
}

func (r *Recorder) sealOne(ctx context.Context, c engine.Change, now time.Time) error {
	p, err := r.process(ctx, c.Context, c.Process)
	if err != nil {
		return err
	}
	said := rested{Agreement: p.Agreement, Dataset: p.Dataset, Peer: p.Peer, State: p.State}
	said.ProviderPID, said.ConsumerPID = pids(p)
	wrote, err := r.cfg.Store.SealEvidence(ctx, c.Context, c.Process, func(parts []Part) (engine.Entry, error) {
		said.Sent, said.Received = sum(parts)
		return r.entry(c.Context, c.Process, "transfer.data-totals", now, said)
	})
	if wrote && r.cfg.Journaled != nil {
		r.cfg.Journaled(c.Context)
	}
	return err
}
