// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

var journals = []contract{
	{"a sequenced row is as it was committed, with position and chained hash", func(b *box) {
		r := b.put()
		c := update(r)
		e := event(r, "e")
		e.At = t0.Add(789)
		c.Journal = []engine.Entry{e}
		b.commit(c)
		e.Position, e.At = 1, t0
		e.Hash = engine.Chain("", e)
		b.equal("journal", b.journal(owner), []engine.Entry{e})
	}},
	{"a row may have no detail and no process", func(b *box) {
		c := update(b.put())
		c.Journal = []engine.Entry{{Context: owner, ID: "e", Event: "keys.rotated", At: t0}}
		b.commit(c)
		got := b.journal(owner)[0]
		b.equal("hash", got.Hash, engine.Chain("", engine.Entry{Context: owner, Position: 1, ID: "e", Event: "keys.rotated", At: t0}))
	}},
	{"positions count from 1 without a gap, per participant, in commit order", func(b *box) {
		rows := map[string]int{}
		for i := range 40 {
			context := []string{owner, "other"}[i%2]
			r := record(context, fmt.Sprint("p", i))
			c := insert(r)
			for j := range 1 + i%3 {
				c.Journal = append(c.Journal, event(r, fmt.Sprintf("e-%03d-%d", i, j)))
				rows[context]++
			}
			b.commit(c)
			if i%7 == 0 {
				b.sequence()
			}
			lost := update(record(context, "absent")) // leaves no gap
			lost.Journal = []engine.Entry{event(r, fmt.Sprint("lost", i))}
			if err := b.Store.For(context).Commit(b.ctx, lost); !errors.Is(err, engine.ErrConflict) {
				b.Fatal(err)
			}
		}
		for _, context := range []string{owner, "other"} {
			b.chained(context, rows[context])
		}
	}},
	{"Journal returns rows after a position, in order, at most limit", func(b *box) {
		r := b.put()
		c := update(r)
		for i := range 9 {
			c.Journal = append(c.Journal, event(r, fmt.Sprint("e", i)))
		}
		b.commit(c)
		all := b.journal(owner)
		for _, q := range []struct {
			after       int64
			limit, n, i int
		}{{0, 4, 4, 0}, {4, 4, 4, 4}, {8, 4, 1, 8}, {9, 4, 0, 9}, {100, 4, 0, 9}, {2, 0, 7, 2}, {-5, 1, 1, 0}} {
			got, err := b.p.Journal(b.ctx, q.after, q.limit)
			if err != nil {
				b.Fatal(err)
			}
			b.equal(fmt.Sprintf("%+v", q), got, all[q.i:q.i+q.n])
		}
	}},
	{"rows without a position are not seen by anybody", func(b *box) {
		c := update(b.put())
		c.Journal = []engine.Entry{event(c.Record, "e")}
		b.commit(c)
		before, err := b.p.Journal(b.ctx, 0, 0)
		if err != nil {
			b.Fatal(err)
		}
		heads, err := b.Store.Heads(b.ctx)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range before { // only where the writer sequences in the commit
			if e.Position == 0 || e.Hash == "" {
				b.Fatalf("seen: %+v", e)
			}
		}
		b.equal("heads", len(heads), len(before))
		n, err := b.Store.Sequence(b.ctx, "sequencer", t0, 10)
		if err != nil {
			b.Fatal(err)
		}
		b.equal("sequenced", n+len(before), 1)
	}},
	{"Sequence gives positions to at most limit rows at a time", func(b *box) {
		c := update(b.put())
		for i := range 5 {
			c.Journal = append(c.Journal, event(c.Record, fmt.Sprint("e", i)))
		}
		b.commit(c)
		for total := 0; total < 5; {
			n, err := b.Store.Sequence(b.ctx, "sequencer", t0, 2)
			if err != nil {
				b.Fatal(err)
			}
			if n == 0 {
				break // the writer did it
			}
			if n > 2 {
				b.Fatalf("%d rows", n)
			}
			total += n
		}
		b.chained(owner, 5)
	}},
	{"Heads names the end of each journal that grew since its last signed head", heads},
	{"a head that names no row of the journal is refused", func(b *box) {
		c := update(b.put())
		c.Journal = []engine.Entry{event(c.Record, "e")}
		b.commit(c)
		end := b.journal(owner)[0]
		for _, h := range []engine.Head{
			{Context: owner, Position: 2, Hash: end.Hash},
			{Context: owner, Position: 0, Hash: end.Hash},
			{Context: owner, Position: 1, Hash: end.Hash[1:] + "0"},
			{Context: "other", Position: 1, Hash: end.Hash},
		} {
			if err := b.Store.PutHead(b.ctx, h); !errors.Is(err, rule.ErrInvalid) {
				b.Fatalf("%+v: got %v", h, err)
			}
		}
	}},
}

// chained verifies a journal of n rows, the ids of which grow, as an auditor
// would.
func (b *box) chained(context string, n int) {
	b.Helper()
	id := ""
	for _, e := range b.linked(context, n) {
		if e.ID <= id {
			b.Fatalf("row %s after %s", e.ID, id)
		}
		id = e.ID
	}
}

// linked is chained where the rows come in any order.
func (b *box) linked(context string, n int) []engine.Entry {
	b.Helper()
	list, prev := b.journal(context), ""
	b.equal("rows of "+context, len(list), n)
	for i, e := range list {
		if e.Position != int64(i+1) || e.Prev != prev || e.Hash != engine.Chain(prev, e) {
			b.Fatalf("row %d does not follow: %+v", i+1, e)
		}
		prev = e.Hash
	}
	return list
}

func heads(b *box) {
	grow := func(context, id string) {
		r := record(context, id)
		c := insert(r)
		c.Journal = []engine.Entry{event(r, id+"-1"), event(r, id+"-2")}
		b.commit(c)
		b.sequence()
	}
	pending := func() []engine.Head {
		list, err := b.Store.Heads(b.ctx)
		if err != nil {
			b.Fatal(err)
		}
		return list
	}
	if _, err := b.p.LastHead(b.ctx); !errors.Is(err, engine.ErrNotFound) {
		b.Fatalf("LastHead of nothing: %v", err)
	}
	b.equal("at first", pending(), []engine.Head(nil))
	grow(owner, "a")
	grow("other", "b")
	end := func(context string) engine.Head {
		rows := b.journal(context)
		last := rows[len(rows)-1]
		return engine.Head{Context: context, Position: last.Position, Hash: last.Hash}
	}
	b.equal("both grew", pending(), []engine.Head{end("other"), end(owner)})

	h := end(owner)
	h.At, h.KeyID, h.Signature = t0, "key-1", []byte{1, 2, 0}
	for range 2 { // two replicas may sign the same
		if err := b.Store.PutHead(b.ctx, h); err != nil {
			b.Fatal(err)
		}
	}
	got, err := b.p.LastHead(b.ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.equal("signed", got, h)
	b.equal("one is left", pending(), []engine.Head{end("other")})

	grow(owner, "c")
	b.equal("grew again", pending(), []engine.Head{end("other"), end(owner)})
	newer := end(owner)
	newer.At, newer.KeyID, newer.Signature = t0.Add(time.Hour), "key-1", []byte{3}
	if err := b.Store.PutHead(b.ctx, newer); err != nil {
		b.Fatal(err)
	}
	if err := b.Store.PutHead(b.ctx, h); err != nil { // late
		b.Fatal(err)
	}
	if got, err = b.p.LastHead(b.ctx); err != nil {
		b.Fatal(err)
	}
	b.equal("newest", got, newer)
}
