// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer/sink"
)

func gone(contextID, id string) sink.Deletion {
	return sink.Deletion{At: at(101), Reason: "期限 <&>", Journal: told(contextID, id)}
}

var deletions = []contract{
	{"a holding is deleted once: the second deletion is ErrDeleted, and nothing is written", func(b *box) {
		b.keep(held(owner, "a"))
		b.must(b.d().FailHolding(b.ctx, owner, "a", "busy", at(200)))
		d := gone(owner, "first")
		d.At = fine(101)
		b.must(b.d().DeleteHolding(b.ctx, owner, "a", d))
		want := held(owner, "a")
		want.State, want.Deleted, want.Reason, want.NextTry = sink.Deleted, at(101), d.Reason, time.Time{}
		b.equal("deleted", b.holding(owner, "a"), want)
		again := gone(owner, "second")
		again.At = at(500)
		b.is("second", b.d().DeleteHolding(b.ctx, owner, "a", again), sink.ErrDeleted)
		b.is("failure", b.d().FailHolding(b.ctx, owner, "a", "busy", at(300)), sink.ErrDeleted)
		b.equal("kept", b.holding(owner, "a"), want)
		b.equal("journal", b.journalIDs(owner), []string{"stored a", "first"})
		b.equal("due", b.dueAt("folder", at(1000), 9), []string(nil))
		next, bound, err := b.d().NextHolding(b.ctx, "folder")
		b.must(err)
		b.equal("next", fmt.Sprint(next.IsZero(), bound), "true false")
	}},
	{"what is not kept can be neither deleted nor fail", func(b *box) {
		b.keep(held("other", "a"))
		b.is("deletion", b.d().DeleteHolding(b.ctx, owner, "a", gone(owner, "e")), sink.ErrNotFound)
		b.is("failure", b.d().FailHolding(b.ctx, owner, "a", "busy", at(1)), sink.ErrNotFound)
		b.equal("journal", len(b.journal(owner)), 0)
		b.equal("another's", b.holding("other", "a"), held("other", "a"))
	}},
	{"a deletion or failure that cannot be one is refused, and nothing is written", func(b *box) {
		b.keep(held(owner, "a"))
		for name, change := range map[string]func(*sink.Deletion){
			"no time":         func(d *sink.Deletion) { d.At = time.Time{} },
			"reason":          func(d *sink.Deletion) { d.Reason = "a\x00b" },
			"no journal":      func(d *sink.Deletion) { d.Journal = engine.Entry{} },
			"another journal": func(d *sink.Deletion) { d.Journal.Context = "other" },
		} {
			d := gone(owner, "e")
			change(&d)
			b.notKept(name, b.d().DeleteHolding(b.ctx, owner, "a", d))
		}
		b.notKept("no problem", b.d().FailHolding(b.ctx, owner, "a", "", at(1)))
		b.notKept("no time", b.d().FailHolding(b.ctx, owner, "a", "busy", time.Unix(-1, 0)))
		_, err := b.d().ExpireHoldings(b.ctx, "why", time.Time{})
		b.notKept("expiry", err)
		b.equal("kept", b.holding(owner, "a"), held(owner, "a"))
	}},
	{"a failure is kept, and moves the next try only if it says when", func(b *box) {
		b.keep(held(owner, "a"))
		want := held(owner, "a")
		want.LastError = "読めない"
		b.must(b.d().FailHolding(b.ctx, owner, "a", want.LastError, time.Time{}))
		b.equal("noted", b.holding(owner, "a"), want)
		want.LastError, want.NextTry = "busy", at(107)
		b.must(b.d().FailHolding(b.ctx, owner, "a", "busy", fine(107)))
		b.equal("put off", b.holding(owner, "a"), want)
	}},
	{"ExpireHoldings makes due what an ended agreement lent, and nothing else", func(b *box) {
		for _, c := range []string{owner, "other"} {
			b.must(errors.Join(b.d().PutAgreement(b.ctx, agreement(c, "agreement")), b.d().PutAgreement(b.ctx, agreement(c, "in force"))))
		}
		lent, early, free, force, done, forever := held(owner, "lent"), held(owner, "early"), held(owner, "free"), held(owner, "force"), held(owner, "done"), held(owner, "forever")
		early.Due, early.NextTry = at(59), at(59)
		free.UntilEnd, force.Agreement = false, "in force"
		forever.Due, forever.NextTry = time.Time{}, time.Time{}
		all := []sink.Holding{lent, early, free, force, done, forever, held("other", "lent")}
		for _, h := range all {
			b.keep(h)
		}
		b.must(b.d().DeleteHolding(b.ctx, owner, "done", gone(owner, "gone")))
		done = b.holding(owner, "done")
		expired := func() int {
			n, err := b.d().ExpireHoldings(b.ctx, "解約", fine(70))
			b.must(err)
			return n
		}
		b.equal("before the end", expired(), 0)
		b.must(b.d().EndAgreement(b.ctx, owner, "agreement", ending(owner, "end")))
		b.equal("after it", expired(), 2)
		b.equal("again", expired(), 0)
		for _, h := range []*sink.Holding{&lent, &forever} {
			h.Due, h.NextTry, h.Rule = at(60), at(70), "解約"
		}
		for _, want := range []sink.Holding{lent, early, free, force, done, forever, held("other", "lent")} {
			b.equal(want.ID, b.holding(want.Context, want.ID), want)
		}
	}},
	{"of many that delete one at the same time, one does", func(b *box) {
		b.keep(held(owner, "a"))
		one := b.race(sink.ErrDeleted)
		b.domains(16, func(i int, d Domain) error {
			return one.came(i, d.DeleteHolding(b.ctx, owner, "a", gone(owner, fmt.Sprint("e", i))))
		})
		b.equal("journal", b.journalIDs(owner), []string{"stored a", fmt.Sprint("e", one.end())})
	}},
}
