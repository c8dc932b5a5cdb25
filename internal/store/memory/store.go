// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"sync"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// Store is an engine.Store in memory. One process has it to itself.
type Store struct {
	mu    sync.Mutex
	parts map[string]*part
	owed  map[*process]bool // those with rows in the outbox
	signaling.Memory
}

// New returns an empty store.
func New() *Store {
	return &Store{parts: map[string]*part{}, owed: map[*process]bool{}}
}

// Close does nothing: there is nothing to give back.
func (s *Store) Close() error { return nil }

// Ready implements engine.Store.
func (s *Store) Ready(context.Context) error { return nil }

// part is what one participant owns.
type part struct {
	processes map[string]*process
	byPeer    map[peerKey]string // first requests of peers, to our pid
	journal   []engine.Entry
	heads     []engine.Head
	domain
}

type peerKey struct {
	kind    engine.Kind
	peer    string
	peerPID string
}

// process is one process with its outbox, ordered by operation, and history.
type process struct {
	record  engine.Record
	work    []engine.Work
	history []engine.Exchange
	seen    map[string]bool // ids of inbound messages
}

func (p *process) row(op engine.Op) *engine.Work {
	for i := range p.work {
		if p.work[i].Op == op {
			return &p.work[i]
		}
	}
	return nil
}

// For implements engine.Store.
func (s *Store) For(context string) engine.Processes {
	return &processes{store: s, context: context}
}

// part returns the participant's part; the mutex is held.
func (s *Store) part(context string) *part {
	p := s.parts[context]
	if p == nil {
		p = &part{processes: map[string]*process{}, byPeer: map[peerKey]string{}}
		s.parts[context] = p
	}
	return p
}

// Notify implements engine.Store: there is no other process to tell.
func (s *Store) Notify(context.Context, []engine.Change) error { return nil }

// Listen implements engine.Store: nobody else commits here.
func (s *Store) Listen(ctx context.Context, _ func(engine.Change)) error {
	<-ctx.Done()
	return nil
}
