// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"container/list"
	"slices"
	"sync"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// Bounds of what is kept at hand.
const (
	maxRecent   = 4 << 20 // bytes, as estimated
	maxMessages = 32      // of one process; a longer history is read
)

// recent keeps processes that were committed or loaded lately, as they are in
// the database. It is for a store that is its database's only writer: that
// tells it of each change after its commit and before the caller. What is in
// it is never altered, only replaced; callers get copies. A nil recent keeps
// nothing.
type recent struct {
	mu      sync.Mutex
	kept    map[engine.Change]*list.Element // of *kept
	order   *list.List                      // the latest used first
	size    int
	loading map[engine.Change]*loading
	commits bool // one is under way: the database may be ahead of what is kept
}

// kept is one process. whole says that history is all there is.
type kept struct {
	key     engine.Change
	record  engine.Record // with its outbox
	history []engine.Exchange
	whole   bool
}

// loading is a look at the database that has not ended.
type loading struct{ key engine.Change }

func newRecent() *recent {
	return &recent{kept: map[engine.Change]*list.Element{}, order: list.New(), loading: map[engine.Change]*loading{}}
}

// get returns a process, if it is kept.
func (r *recent) get(key engine.Change) (*kept, bool) {
	if r == nil {
		return nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.kept[key]
	if !ok {
		return nil, false
	}
	r.order.MoveToFront(e)
	return e.Value.(*kept), true
}

// load returns a copy of a process, if it is kept, and whether it has accepted
// the message.
func (r *recent) load(key engine.Change, messageID string) (rec engine.Record, seen, ok bool) {
	k, ok := r.get(key)
	if !ok || !k.whole && messageID != "" {
		return engine.Record{}, false, false
	}
	rec = rule.CloneRecord(k.record)
	rec.Work = slices.Clone(k.record.Work)
	return rec, rule.Accepted(k.history, messageID), true
}

// messages returns a copy of a process's history, if it is kept.
func (r *recent) messages(key engine.Change) ([]engine.Exchange, bool) {
	k, ok := r.get(key)
	if !ok || !k.whole {
		return nil, false
	}
	history := make([]engine.Exchange, len(k.history))
	for i, x := range k.history {
		history[i] = rule.CloneExchange(x)
	}
	return history, true
}

// look begins to read a process from the database. What was read is kept by
// found, unless it may have changed since.
func (r *recent) look(key engine.Change) *loading {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.commits || r.loading[key] != nil {
		return nil
	}
	l := &loading{key}
	r.loading[key] = l
	return l
}

// found ends look; ok says whether rec was read.
func (r *recent) found(l *loading, rec engine.Record, ok bool) {
	if l == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.loading[l.key] != l {
		return // changed meanwhile
	}
	delete(r.loading, l.key)
	if ok {
		k := &kept{key: l.key, record: rule.CloneRecord(rec)}
		k.record.Work = slices.Clone(rec.Work)
		r.put(k)
	}
}

// committing says that changes go to the database now.
func (r *recent) committing() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits = true
}

// change is what a commit did to what is kept; the mutex is held.
type change func(*recent)

// committed applies changes that are in the database, in their order.
func (r *recent) committed(changes []change) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits = false
	for _, c := range changes {
		c(r)
	}
}

// forget drops all, when nobody knows what is in the database.
func (r *recent) forget() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits = false
	r.drop()
}

func (r *recent) drop() {
	clear(r.kept)
	clear(r.loading)
	r.order.Init()
	r.size = 0
}
