// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// recentFor is how long a participant is believed to be as it was read. What
// another replica decides, such as to trust an issuer no longer, counts here
// after that time; what this one decides counts at once.
const recentFor = time.Second

// recent remembers our participants for a moment: a message needs one several
// times. Settings are read anew only where their text is another.
type recent struct {
	store interface {
		Participant(ctx context.Context, contextID string) (trust.Participant, error)
	}
	now  func() time.Time
	rows memo[trust.Participant] // of participants that exist alone

	mu   sync.Mutex
	read map[string]readSettings // by context
}

type readSettings struct {
	id, text string
	settings dcp.Settings
	err      error
}

// participant returns one of ours. trust.ErrUnknownParticipant.
func (r *recent) participant(ctx context.Context, contextID string) (trust.Participant, error) {
	now := r.now()
	return r.rows.get(contextID, "", now, func() (trust.Participant, time.Time, error) {
		p, err := r.store.Participant(ctx, contextID)
		return p, now.Add(recentFor), err
	})
}

// settings is dcp.ReadSettings of a participant of the store. Nobody changes
// what it returns.
func (r *recent) settings(p trust.Participant) (dcp.Settings, error) {
	r.mu.Lock()
	known, ok := r.read[p.Context]
	r.mu.Unlock()
	if ok && known.id == p.ID && known.text == string(p.Settings) {
		return known.settings, known.err
	}
	known = readSettings{id: p.ID, text: string(p.Settings)}
	known.settings, known.err = dcp.ReadSettings(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read == nil {
		r.read = map[string]readSettings{}
	}
	r.read[p.Context] = known
	return known.settings, known.err
}

// Participant is participant, for package web.
func (r *recent) Participant(ctx context.Context, contextID string) (trust.Participant, error) {
	return r.participant(ctx, contextID)
}

// forget has a participant read again: it was changed.
func (r *recent) forget(contextID string) { r.rows.forget(contextID) }
