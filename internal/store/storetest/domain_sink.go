// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// held is data that was stored at t0 and is due 100 s later.
func held(contextID, id string) sink.Holding {
	return sink.Holding{
		Context: contextID, ID: id, Transfer: "urn:uuid:t", Agreement: "agreement", Dataset: "部品 <&>", Peer: "did:web:cell.example",
		Folder: "folder", File: "0190", Size: 1 << 40, SHA256: strings.Repeat("c", 64), Stored: t0, Due: at(100), Rule: "P3Y \"<&>\"",
		UntilEnd: true, State: sink.Open, NextTry: at(100),
	}
}

// told is a row of the journal of this id.
func told(contextID, id string) engine.Entry {
	return engine.Entry{
		Context: contextID, ID: id, Process: "urn:uuid:t", Kind: engine.Transfer, Event: "transfer.data-stored", At: at(1),
		Detail: []byte(`{ "sha256":  "c" }`),
	}
}

func gone(contextID, id string) sink.Deletion {
	return sink.Deletion{At: at(101), Reason: "期限 <&>", Journal: told(contextID, id)}
}

func (b *box) keep(h sink.Holding) sink.Holding {
	b.Helper()
	b.must(b.d().KeepHolding(b.ctx, h, told(h.Context, "stored "+h.ID)))
	return h
}

func (b *box) holding(contextID, id string) sink.Holding {
	b.Helper()
	h, err := b.d().Holding(b.ctx, contextID, id)
	b.must(err)
	return h
}

// dueAt are the ids of what a folder has to delete at a time.
func (b *box) dueAt(folder string, now time.Time, limit int) (ids []string) {
	b.Helper()
	list, err := b.d().DueHoldings(b.ctx, folder, now, limit)
	b.must(err)
	for _, h := range list {
		ids = append(ids, h.Context+"/"+h.ID)
	}
	return ids
}

var holdings = []contract{
	{"a holding comes back as it was kept, with its journal row", func(b *box) {
		h := held(owner, "a")
		h.Stored, h.Due, h.NextTry = fine(1), fine(100), fine(100)
		b.keep(h)
		h.Stored, h.Due, h.NextTry = at(1), at(100), at(100)
		b.equal("kept", b.holding(owner, "a"), h)
		plain := held(owner, "b")
		plain.Due, plain.NextTry, plain.UntilEnd, plain.Size, plain.Dataset, plain.Peer, plain.Rule = time.Time{}, time.Time{}, false, 0, "", "", ""
		b.equal("without an end", b.holding(owner, b.keep(plain).ID), plain)
		rows := b.linked(owner, 2)
		want := told(owner, "stored a")
		want.Position, want.Hash = 1, rows[0].Hash
		b.equal("row", rows[0], want)
	}},
	{"a second holding of an id is ErrExists, and nothing is written", func(b *box) {
		b.keep(held(owner, "a"))
		other := held(owner, "a")
		other.Transfer = "another"
		b.is("second", b.d().KeepHolding(b.ctx, other, told(owner, "second")), sink.ErrExists)
		b.equal("kept", b.holding(owner, "a"), held(owner, "a"))
		b.equal("journal", b.journalIDs(owner), []string{"stored a"})
	}},
	{"a holding that cannot be one is refused, and nothing is written", func(b *box) {
		for name, change := range map[string]func(*sink.Holding, *engine.Entry){
			"no context":       func(h *sink.Holding, _ *engine.Entry) { h.Context = "" },
			"no id":            func(h *sink.Holding, _ *engine.Entry) { h.ID = "" },
			"no transfer":      func(h *sink.Holding, _ *engine.Entry) { h.Transfer = "" },
			"no agreement":     func(h *sink.Holding, _ *engine.Entry) { h.Agreement = "" },
			"no folder":        func(h *sink.Holding, _ *engine.Entry) { h.Folder = "" },
			"no file":          func(h *sink.Holding, _ *engine.Entry) { h.File = "" },
			"size":             func(h *sink.Holding, _ *engine.Entry) { h.Size = -1 },
			"hash":             func(h *sink.Holding, _ *engine.Entry) { h.SHA256 = "c" },
			"time":             func(h *sink.Holding, _ *engine.Entry) { h.Stored = time.Time{} },
			"due, never tried": func(h *sink.Holding, _ *engine.Entry) { h.NextTry = time.Time{} },
			"tried, never due": func(h *sink.Holding, _ *engine.Entry) { h.Due = time.Time{} },
			"due before 1970":  func(h *sink.Holding, _ *engine.Entry) { h.Due = time.Unix(-1, 0) },
			"deleted":          func(h *sink.Holding, _ *engine.Entry) { h.State = sink.Deleted },
			"no state":         func(h *sink.Holding, _ *engine.Entry) { h.State = "" },
			"deleted at":       func(h *sink.Holding, _ *engine.Entry) { h.Deleted = t0 },
			"deleted why":      func(h *sink.Holding, _ *engine.Entry) { h.Reason = "x" },
			"failed":           func(h *sink.Holding, _ *engine.Entry) { h.LastError = "x" },
			"dataset":          func(h *sink.Holding, _ *engine.Entry) { h.Dataset = "a\x00b" },
			"long id":          func(h *sink.Holding, _ *engine.Entry) { h.ID = strings.Repeat("x", rule.MaxID+1) },
			"no journal":       func(_ *sink.Holding, e *engine.Entry) { *e = engine.Entry{} },
			"another journal":  func(_ *sink.Holding, e *engine.Entry) { e.Context = "other" },
		} {
			h, e := held(owner, "a"), told(owner, "e")
			change(&h, &e)
			b.notKept(name, b.d().KeepHolding(b.ctx, h, e))
		}
		_, err := b.d().Holding(b.ctx, owner, "a")
		b.is("kept", err, sink.ErrNotFound)
		b.equal("journal", len(b.journal(owner)), 0)
	}},
	{"Holdings selects by status as the clock has it, by state, transfer and agreement, newest first", func(b *box) {
		var all []sink.Holding
		for i := range 36 {
			h := held(owner, fmt.Sprintf("h%02d", i))
			h.Stored = at(i / 3)
			h.Transfer, h.Agreement = []string{"t1", "t2"}[i%2], []string{"a1", "a2"}[i/2%2]
			h.Due = []time.Time{at(100), at(160), at(161), {}}[i/4%4]
			h.NextTry = h.Due
			b.keep(h)
			switch i % 5 {
			case 0:
				b.must(b.d().DeleteHolding(b.ctx, owner, h.ID, gone(owner, "gone "+h.ID)))
			case 1:
				b.must(b.d().FailHolding(b.ctx, owner, h.ID, "busy", at(300)))
			}
			all = append(all, b.holding(owner, h.ID))
		}
		for _, status := range []sink.Status{"", sink.IsOpen, sink.IsDue, sink.IsDone, sink.IsOverdue, "another"} {
			for _, q := range []sink.Query{{}, {State: sink.Open}, {State: sink.Deleted}, {Transfer: "t1"}, {Agreement: "a2"}, {Transfer: "t2", Agreement: "a1"}} {
				q.Status, q.At = status, fine(160)
				var want, paged []sink.Holding
				for i := range all {
					if h := all[len(all)-1-i]; q.Selects(h) {
						want = append(want, h)
					}
				}
				if len(want) == 0 && status != "another" && q == (sink.Query{Status: status, At: q.At}) {
					b.Fatalf("nothing is %s: the test checks nothing", status)
				}
				got, err := b.d().Holdings(b.ctx, owner, q)
				b.must(err)
				b.equal(fmt.Sprintf("%+v", q), got, want)
				for q.Limit = 2; ; q.Before = paged[len(paged)-1].ID {
					page, err := b.d().Holdings(b.ctx, owner, q)
					b.must(err)
					if paged = append(paged, page...); len(page) < 2 {
						break
					}
				}
				b.equal(fmt.Sprintf("paged %+v", q), paged, want)
			}
		}
		_, err := b.d().Holdings(b.ctx, owner, sink.Query{Before: "unknown"})
		b.is("cursor", err, sink.ErrNotFound)
	}},
	{"DueHoldings returns what a folder has to delete, longest ago first, and NextHolding when the next comes", func(b *box) {
		for i, h := range []sink.Holding{held(owner, "a"), held("other", "a"), held(owner, "b"), held(owner, "c"), held(owner, "d")} {
			h.NextTry = at(104 - i)
			switch h.ID {
			case "c":
				h.Folder = "elsewhere"
			case "d":
				h.Due, h.NextTry, h.UntilEnd = time.Time{}, time.Time{}, false
			}
			b.keep(h)
		}
		b.equal("none", b.dueAt("folder", at(101), 9), []string(nil))
		b.equal("one", b.dueAt("folder", at(102), 9), []string{owner + "/b"})
		b.equal("all", b.dueAt("folder", fine(104), 9), []string{owner + "/b", "other/a", owner + "/a"})
		b.equal("some", b.dueAt("folder", at(104), 1), []string{owner + "/b"})
		b.equal("elsewhere", b.dueAt("elsewhere", at(104), 9), []string{owner + "/c"})
		for folder, want := range map[string]time.Time{"folder": at(102), "elsewhere": at(101), "nowhere": {}} {
			next, bound, err := b.d().NextHolding(b.ctx, folder)
			b.must(err)
			b.equal("next of "+folder, next, want)
			b.equal("bound in "+folder, bound, !want.IsZero())
		}
	}},
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
		var won, late atomic.Int64
		b.domains(16, func(i int, d Domain) error {
			switch err := d.DeleteHolding(b.ctx, owner, "a", gone(owner, fmt.Sprint("e", i))); {
			case err == nil:
				won.Store(int64(i))
			case errors.Is(err, sink.ErrDeleted):
				late.Add(1)
			default:
				return err
			}
			return nil
		})
		b.equal("too late", late.Load(), int64(15))
		b.equal("journal", b.journalIDs(owner), []string{"stored a", fmt.Sprint("e", won.Load())})
	}},
	{"participants may have the same ids, and do not see each other's", func(b *box) {
		for _, c := range []string{"one", "two"} {
			h := held(c, "a")
			h.Dataset = "of " + c
			b.keep(h)
		}
		b.must(b.d().DeleteHolding(b.ctx, "two", "a", gone("two", "e")))
		b.equal("one", b.holding("one", "a").State, sink.Open)
		list, err := b.d().Holdings(b.ctx, "one", sink.Query{})
		b.must(err)
		b.equal("list", len(list), 1)
		b.equal("whose", list[0].Dataset, "of one")
		_, err = b.d().Holding(b.ctx, "", "a")
		b.is("nobody's", err, sink.ErrNotFound)
	}},
	{"holdings are there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		h := b.keep(held(owner, "a"))
		b.Store = b.Restart()
		b.equal("kept", b.holding(owner, "a"), h)
	}},
}
