// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// processes implements engine.Processes for one participant.
type processes struct {
	store   *Store
	context string
}

// read calls f with the participant's part, under the mutex.
func (ps *processes) read(f func(*part) error) error {
	ps.store.mu.Lock()
	defer ps.store.mu.Unlock()
	return f(ps.store.part(ps.context))
}

// load returns a copy of p with its outbox.
func (p *process) load() engine.Record {
	r := rule.CloneRecord(p.record)
	r.Work = slices.Clone(p.work)
	return r
}

// Load implements engine.Processes.
func (ps *processes) Load(ctx context.Context, id string) (engine.Record, error) {
	r, _, err := ps.LoadFor(ctx, id, "")
	return r, err
}

// LoadFor implements engine.Processes.
func (ps *processes) LoadFor(_ context.Context, id, messageID string) (r engine.Record, seen bool, err error) {
	err = ps.read(func(pt *part) error {
		p := pt.processes[id]
		if p == nil {
			return engine.ErrNotFound
		}
		r, seen = p.load(), p.seen[messageID]
		return nil
	})
	return r, seen, err
}

// ByPeer implements engine.Processes.
func (ps *processes) ByPeer(_ context.Context, kind engine.Kind, peer, peerPID string) (r engine.Record, err error) {
	err = ps.read(func(pt *part) error {
		id, ok := pt.byPeer[peerKey{kind, peer, peerPID}]
		if !ok {
			return engine.ErrNotFound
		}
		r = pt.processes[id].load()
		return nil
	})
	return r, err
}

// History implements engine.Processes.
func (ps *processes) History(_ context.Context, id string) (list []engine.Exchange, err error) {
	err = ps.read(func(pt *part) error {
		p := pt.processes[id]
		if p == nil {
			return nil
		}
		for _, x := range p.history {
			list = append(list, rule.CloneExchange(x))
		}
		return nil
	})
	return list, err
}

// List implements engine.Processes.
func (ps *processes) List(_ context.Context, q engine.Query) (list []engine.Record, err error) {
	err = ps.read(func(pt *part) error {
		var from *process
		if q.Before != "" {
			if from = pt.processes[q.Before]; from == nil {
				return fmt.Errorf("cursor: %w", engine.ErrNotFound)
			}
		}
		var found []*process
		for _, p := range pt.processes {
			if selects(q, p) && (from == nil || newestFirst(from, p) < 0) {
				found = append(found, p)
			}
		}
		slices.SortFunc(found, newestFirst)
		if q.Limit > 0 && len(found) > q.Limit {
			found = found[:q.Limit]
		}
		for _, p := range found {
			list = append(list, p.load())
		}
		return nil
	})
	return list, err
}

func newestFirst(a, b *process) int {
	if c := b.record.Created.Compare(a.record.Created); c != 0 {
		return c
	}
	return strings.Compare(b.record.ID, a.record.ID)
}

func selects(q engine.Query, p *process) bool {
	r := &p.record
	return (q.Kind == "" || q.Kind == r.Kind) &&
		(q.Role == "" || q.Role == r.Role) &&
		(q.State == "" || q.State == r.State) &&
		(q.Peer == "" || q.Peer == r.Peer) &&
		(q.Subject == "" || q.Subject == r.Subject) &&
		(!q.Open || !r.Final || len(p.work) > 0)
}

// Journal implements engine.Processes.
func (ps *processes) Journal(_ context.Context, after int64, limit int) (list []engine.Entry, err error) {
	err = ps.read(func(pt *part) error {
		for i := max(after, 0); i < int64(len(pt.journal)) && (limit <= 0 || len(list) < limit); i++ {
			list = append(list, cloneEntry(pt.journal[i]))
		}
		return nil
	})
	return list, err
}
