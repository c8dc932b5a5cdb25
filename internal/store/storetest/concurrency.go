// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

var concurrencies = []contract{
	{"of many writers of one version, one wins", func(b *box) {
		r := b.put()
		var won atomic.Int64
		b.crowd(16, func(i int, p engine.Processes) error {
			for range 20 {
				now, err := p.Load(b.ctx, r.ID)
				if err != nil {
					return err
				}
				c := update(now)
				c.Journal = []engine.Entry{event(now, fmt.Sprintf("e-%d-%d", i, now.Version))}
				switch err := p.Commit(b.ctx, c); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, engine.ErrConflict):
					return err
				}
			}
			return nil
		})
		b.equal("version", b.load(r.ID).Version, won.Load()+1)
		rows := b.journal(owner)
		b.equal("journal", int64(len(rows)), won.Load())
		for i, e := range rows { // in the order of the versions
			var who, version int64
			if _, err := fmt.Sscanf(e.ID, "e-%d-%d", &who, &version); err != nil || version != int64(i+1) {
				b.Fatalf("row %d is %s", i+1, e.ID)
			}
		}
	}},
	{"of many first requests, one makes the process", func(b *box) {
		records := make([]engine.Record, 16)
		for i := range records {
			records[i] = opened(b, "their-pid")
		}
		one := b.race(engine.ErrExists)
		b.crowd(len(records), func(i int, p engine.Processes) error {
			err := one.came(i, p.Commit(b.ctx, insert(records[i], work(records[i], engine.OpDecide, "k"))))
			if err == nil { // either way it is there now
				_, err = p.ByPeer(b.ctx, records[i].Kind, records[i].Peer, "their-pid")
			}
			return err
		})
		one.end()
		b.equal("processes", len(b.list(engine.Query{})), 1)
	}},
	{"of many inbound copies of a message, one is accepted", func(b *box) {
		r := b.put()
		var won atomic.Int64
		b.crowd(16, func(_ int, p engine.Processes) error {
			for {
				now, seen, err := p.LoadFor(b.ctx, r.ID, "m")
				if err != nil || seen {
					return err
				}
				c := update(now)
				c.Exchanges = []engine.Exchange{{Inbound: true, MessageID: "m", At: t0}}
				if err := p.Commit(b.ctx, c); err == nil {
					won.Add(1)
				} else if !errors.Is(err, engine.ErrConflict) {
					return err
				}
			}
		})
		b.equal("won", won.Load(), int64(1))
		b.equal("history", len(b.history(r.ID)), 1)
	}},
	{"no row is claimed twice, and a worker that lost its lease commits nothing", claimants},
}

// crowd runs n goroutines at once, on all the processes that share the store.
func (b *box) crowd(n int, f func(i int, p engine.Processes) error) {
	b.Helper()
	b.together(n, func(i int, s engine.Store) error { return f(i, s.For(owner)) })
}

// claimants do 60 pieces of work that each take three steps. The clock moves
// so fast that leases end under those who hold them.
func claimants(b *box) {
	const pieces, workers = 60, 8
	for i := range pieces {
		r := record(owner, b.id("process"))
		w := work(r, engine.OpSend, "k-1")
		w.Lane = fmt.Sprint("lane", i%5)
		b.commit(insert(r, w))
	}
	var clock, left, lost atomic.Int64
	left.Store(pieces)
	var held sync.Map // process and fence, once claimed
	stores := b.stores()
	b.crowd(workers, func(i int, p engine.Processes) error {
		s := stores[i%len(stores)]
		for left.Load() > 0 {
			now := at(int(clock.Add(1)))
			list, _, err := s.Claim(b.ctx, engine.ClaimRequest{
				Owner: fmt.Sprint("worker", i), Now: now, Lease: 12 * time.Second, Limit: 4, PerLane: 3,
			})
			if err != nil {
				return err
			}
			for _, w := range list {
				if _, twice := held.LoadOrStore(fmt.Sprint(w.Process, w.Fence), true); twice {
					return fmt.Errorf("fence %d of %s was given twice", w.Fence, w.Process)
				}
				if err := b.toil(p, w, &left, &lost); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, r := range b.list(engine.Query{}) {
		b.equal("steps of "+r.ID, r.Version, int64(4))
		b.equal("work of "+r.ID, len(r.Work), 0)
		b.equal("history of "+r.ID, len(b.history(r.ID)), 3)
	}
	b.Logf("%d leases were lost", lost.Load())
}

// toil takes the next step of a process under a lease.
func (b *box) toil(p engine.Processes, w engine.Work, left, lost *atomic.Int64) error {
	r, err := p.Load(b.ctx, w.Process)
	if err != nil {
		return err
	}
	c := update(r)
	c.Held = &w
	c.Exchanges = []engine.Exchange{{MessageID: w.Key, At: t0}}
	c.Journal = []engine.Entry{event(r, w.Process+w.Key)}
	if w.Key == "k-3" {
		c.Remove = []engine.Work{w}
	} else {
		now := w
		now.Key = fmt.Sprint("k-", r.Version+1)
		c.Put = []engine.WorkChange{{Was: w, Now: now}}
	}
	switch err := p.Commit(b.ctx, c); {
	case errors.Is(err, engine.ErrFenced):
		lost.Add(1)
	case errors.Is(err, engine.ErrConflict):
		return fmt.Errorf("a held lease and yet a race: %w", err)
	case err != nil:
		return err
	case w.Key == "k-3":
		left.Add(-1)
	}
	return nil
}
