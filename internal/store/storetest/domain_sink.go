// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"
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
