// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"github.com/musubi-ods/musubi/internal/engine"
)

var outboxes = []contract{
	{"a Put of an absent row inserts it with Now.Fence", func(b *box) {
		r := b.put()
		c := update(r)
		w := work(r, engine.OpCall, "call")
		w.Fence, w.Lane, w.Due = 7<<20, "their lane", at(5)
		given := w
		given.Claims, given.LeaseUntil, given.Body = 3, at(9), []byte("x") // not the caller's to say
		c.Put = []engine.WorkChange{{Now: given}}
		b.commit(c)
		b.equal("row", b.row(r.ID, engine.OpCall), w)
	}},
	{"a Put of an absent row that has an Owner inserts it as claimed", func(b *box) {
		r := b.put()
		c := update(r)
		w := work(r, engine.OpSend, "message")
		w.Fence, w.Owner, w.LeaseUntil = 7<<20+1, "worker", at(30)
		given := w
		given.Claims = 3 // not the caller's to say
		c.Put = []engine.WorkChange{{Now: given}}
		b.commit(c)
		w.Claims = 1
		b.equal("row", b.row(r.ID, engine.OpSend), w)
		list, next := b.claim(request("other", at(29)))
		b.equal("claimed by another before the lease is over", len(list), 0)
		b.equal("next", next, at(30))
		c = update(b.load(r.ID))
		c.Held, c.Remove = &w, []engine.Work{w}
		b.commit(c) // under the lease
		b.equal("rows", len(b.load(r.ID).Work), 0)
	}},
	{"a Put over an existing row keeps its lease and its fence", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		c := update(r)
		now := work(r, engine.OpSend, held.Key)
		now.Lane, now.Due = "another lane", at(50)
		c.Put = []engine.WorkChange{{Was: held, Now: now}}
		b.commit(c)
		want := held
		want.Lane, want.Due, want.Body = now.Lane, now.Due, nil
		b.equal("row", b.row(r.ID, engine.OpSend), want)
	}},
	{"with a new Key its Claims start at 0 again", func(b *box) {
		r := b.put(engine.OpSend)
		for range 3 {
			b.release(b.claimOne("worker", at(1)))
		}
		was := b.row(r.ID, engine.OpSend)
		b.equal("claims before", was.Claims, 3)
		c := update(r)
		c.Put = []engine.WorkChange{{Was: was, Now: work(r, engine.OpSend, "another")}}
		b.commit(c)
		now := b.row(r.ID, engine.OpSend)
		b.equal("claims", now.Claims, 0)
		b.equal("fence", now.Fence, int64(3))
		b.equal("claims of the new key", b.claimOne("worker", at(1)).Claims, 1)
	}},
	{"a Put of a row that is not as loaded is ErrConflict", func(b *box) {
		disturbed(b, func(r engine.Record, was engine.Work) engine.Commit {
			c := update(r)
			c.Put = []engine.WorkChange{{Was: was, Now: work(r, engine.OpSend, "mine")}}
			return c
		})
	}},
	{"a Remove of a row that is not as loaded is ErrConflict", func(b *box) {
		disturbed(b, func(r engine.Record, was engine.Work) engine.Commit {
			c := update(r)
			c.Remove = []engine.Work{was}
			return c
		})
	}},
	{"a Put of a row that was absent when loaded is ErrConflict if it is there", func(b *box) {
		r := b.put(engine.OpSend)
		c := update(r)
		c.Put = []engine.WorkChange{{Now: work(r, engine.OpSend, "mine")}}
		b.refused(c, engine.ErrConflict)
		b.equal("unchanged", b.load(r.ID), r)
	}},
	{"Remove takes a row away", func(b *box) {
		r := b.put(engine.OpSend, engine.OpCall)
		c := update(r)
		c.Remove = []engine.Work{b.row(r.ID, engine.OpSend)}
		b.commit(c)
		got := b.load(r.ID).Work
		b.equal("rows", len(got), 1)
		b.equal("op", got[0].Op, engine.OpCall)
	}},
	{"a row that was claimed can be removed by who loaded it since", func(b *box) {
		r := b.put(engine.OpSend)
		b.claimOne("worker", at(1))
		c := update(r)
		c.Remove = []engine.Work{b.row(r.ID, engine.OpSend)}
		b.commit(c)
		b.equal("rows", len(b.load(r.ID).Work), 0)
	}},
	{"a row removed and put again has the fence it is given", func(b *box) {
		r := b.put(engine.OpSend)
		old := b.claimOne("worker", at(1))
		c := update(r)
		c.Remove = []engine.Work{old}
		b.commit(c)
		r = b.load(r.ID)
		c = update(r)
		again := work(r, engine.OpSend, old.Key)
		again.Fence = 2 << 20
		c.Put = []engine.WorkChange{{Now: again}}
		b.commit(c)
		now := b.claimOne("worker", at(2))
		b.equal("fence", now.Fence, int64(2<<20+1))
		late := update(b.load(r.ID))
		late.Held = &old
		b.refused(late, engine.ErrFenced)
	}},
}

// disturbed loads a row, changes it in each way that counts, and expects the
// commit that mend makes of the old row to be refused.
func disturbed(b *box, mend func(r engine.Record, was engine.Work) engine.Commit) {
	changes := map[string]func(engine.Record, engine.Work){
		"claimed": func(r engine.Record, _ engine.Work) {
			b.claimOne("worker", at(1))
		},
		"claimed and released": func(engine.Record, engine.Work) {
			b.release(b.claimOne("worker", at(1)))
		},
		"replaced": func(r engine.Record, was engine.Work) {
			c := update(r)
			c.Put = []engine.WorkChange{{Was: was, Now: work(r, engine.OpSend, "other")}}
			b.commit(c)
		},
		"removed": func(r engine.Record, was engine.Work) {
			c := update(r)
			c.Remove = []engine.Work{was}
			b.commit(c)
		},
	}
	for name, change := range changes {
		r := b.put(engine.OpSend)
		was := b.row(r.ID, engine.OpSend)
		change(r, was)
		now := b.load(r.ID) // the version is right, the row is old
		b.refused(mend(now, was), engine.ErrConflict)
		b.equal(name, b.load(r.ID), now)
		c := update(now)
		c.Remove = now.Work // out of the way of the next
		b.commit(c)
	}
}
