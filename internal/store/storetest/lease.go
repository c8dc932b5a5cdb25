// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

var leases = []contract{
	{"a commit under a lease gives it back", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		c := update(r)
		c.Held = &held
		b.commit(c) // without a word about the row
		b.free(r.ID, held)

		held = b.claimOne("worker", at(2))
		c = update(b.load(r.ID))
		c.Held, c.Put = &held, []engine.WorkChange{{Was: held, Now: work(r, engine.OpSend, held.Key)}}
		b.commit(c) // with the row put again
		b.free(r.ID, held)

		held = b.claimOne("worker", at(3))
		c = update(b.load(r.ID))
		c.Held, c.Put = &held, []engine.WorkChange{{Was: held, Now: work(r, engine.OpSend, "new key")}}
		b.commit(c) // with the row replaced
		b.equal("claims of the new key", b.row(r.ID, engine.OpSend).Claims, 0)
		b.equal("owner", b.row(r.ID, engine.OpSend).Owner, "")

		held = b.claimOne("worker", at(4))
		c = update(b.load(r.ID))
		c.Held, c.Remove = &held, []engine.Work{held}
		b.commit(c) // with the row removed
		b.equal("rows", len(b.load(r.ID).Work), 0)
	}},
	{"a commit under a lease leaves other leases of the process alone", func(b *box) {
		r := b.put(engine.OpSend, engine.OpCall)
		list, _ := b.claim(request("worker", at(1)))
		c := update(r)
		c.Held = &list[0]
		b.commit(c)
		b.equal("owner of the other", b.row(r.ID, list[1].Op).Owner, "worker")
	}},
	{"a lease that is no longer held is ErrFenced", fenced},
	{"Unpark ends leases that end late, and no others", func(b *box) {
		b.put(engine.OpSend)
		now := b.claimOne("worker", at(1))
		r := b.put(engine.OpCall)
		wrong := request("ahead", at(1))
		wrong.Lease = 365 * 24 * time.Hour
		ahead := first(b.claim(wrong))[0]
		b.equal("the late one", ahead.Process, r.ID)
		b.must(b.Store.Unpark(b.ctx, now.LeaseUntil))
		b.equal("owner of the other", b.row(now.Process, now.Op).Owner, "worker")
		b.free(r.ID, ahead)
		c := update(r)
		c.Held = &ahead
		b.refused(c, engine.ErrFenced)
	}},
	{"a lease that is over but that nobody took is held", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		b.equal("nothing to claim before", len(first(b.claim(request("other", held.LeaseUntil.Add(-1000))))), 0)
		c := update(r)
		c.Held = &held
		b.commit(c)
	}},
	{"a lease whose row was replaced is held, by Owner and Fence", func(b *box) {
		r, held := replaced(b)
		c := update(b.load(r.ID))
		c.Held = &held
		b.commit(c)
		b.equal("owner", b.row(r.ID, engine.OpSend).Owner, "")
	}},
	{"under a held lease a lost race is ErrConflict", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		b.commit(update(r))
		late := update(r)
		late.Held = &held
		b.refused(late, engine.ErrConflict)
		b.equal("still held", b.row(r.ID, engine.OpSend).Owner, "worker")
	}},
	{"Release gives a lease back without any change of the process", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		b.release(held)
		b.free(r.ID, held)
		got := b.load(r.ID)
		got.Work = r.Work
		b.equal("process", got, r)
		b.claimOne("other", at(1))
	}},
	{"Release gives it back also where the row was replaced", func(b *box) {
		r, held := replaced(b)
		b.release(held)
		b.equal("owner", b.row(r.ID, engine.OpSend).Owner, "")
	}},
	{"Release of a lease that is no longer held is no error and does nothing", func(b *box) {
		r := b.put(engine.OpSend)
		old := b.claimOne("worker", at(1))
		b.claimOne("other", at(100))
		want := b.load(r.ID)
		b.release(old)
		stranger := b.row(r.ID, engine.OpSend)
		stranger.Owner = "stranger"
		b.release(stranger)
		b.equal("row", b.load(r.ID), want)
		b.release(work(record(owner, "absent"), engine.OpSend, "k"))
	}},
	{"TakeOver ends every lease where the store can have only one process", func(b *box) {
		r := b.put(engine.OpSend, engine.OpCall)
		b.claim(request("the process before", at(1)))
		if err := b.Store.TakeOver(b.ctx); err != nil {
			b.Fatal(err)
		}
		again, _ := b.claim(request("the process after", at(1)))
		if b.Exclusive {
			b.equal("claimed again", len(again), 2)
			b.equal("claims", again[0].Claims, 2)
			return
		}
		b.equal("claimed again", len(again), 0)
		b.equal("owner", b.load(r.ID).Work[0].Owner, "the process before")
	}},
}

func first(list []engine.Work, _ any) []engine.Work { return list }

// free checks that the row of held is as claimed, but without a lease.
func (b *box) free(id string, held engine.Work) {
	b.Helper()
	want := held
	want.Owner, want.LeaseUntil, want.Body = "", time.Time{}, nil
	b.equal("row", b.row(id, held.Op), want)
}

// replaced returns a process whose row got another key while it was leased,
// and that lease.
func replaced(b *box) (engine.Record, engine.Work) {
	r := b.put(engine.OpSend)
	held := b.claimOne("worker", at(1))
	c := update(r)
	c.Put = []engine.WorkChange{{Was: held, Now: work(r, engine.OpSend, "another")}}
	b.commit(c)
	b.equal("owner", b.row(r.ID, engine.OpSend).Owner, "worker")
	return r, held
}

// fenced loses a lease in every way and commits under it in every way.
func fenced(b *box) {
	losses := map[string]func(engine.Work){
		"released":         func(w engine.Work) { b.release(w) },
		"claimed by other": func(engine.Work) { b.claimOne("other", at(1000)) },
		"claimed by itself": func(w engine.Work) {
			b.claimOne(w.Owner, at(1000))
		},
		"removed": func(w engine.Work) {
			c := update(b.load(w.Process))
			c.Remove = []engine.Work{w}
			b.commit(c)
		},
	}
	for name, lose := range losses {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		lose(held)
		now := b.load(r.ID)
		for _, c := range under(now, held) {
			c.Held = &held
			b.refused(c, engine.ErrFenced)
		}
		b.equal(name, b.load(r.ID), now)
		c := update(now)
		c.Remove = now.Work
		b.commit(c)
	}
}

// under returns commits of every shape that a worker may make.
func under(r engine.Record, held engine.Work) []engine.Commit {
	plain, late, put, remove, fresh := update(r), update(r), update(r), update(r), update(r)
	late.Expect, late.Record.Version = 100, 101 // a lost race as well
	was := held
	for _, w := range r.Work {
		was = w // as it is now
	}
	put.Put = []engine.WorkChange{{Was: was, Now: work(r, engine.OpSend, "new")}}
	remove.Remove = []engine.Work{was}
	fresh.Put = []engine.WorkChange{{Now: work(r, engine.OpSend, "new")}}
	return []engine.Commit{plain, late, put, remove, fresh}
}
