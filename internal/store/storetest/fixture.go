// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-ods/musubi/internal/engine"
)

// t0 is the time of the tests.
var t0 = time.Date(2026, 3, 1, 10, 0, 0, 123456000, time.UTC)

func at(seconds int) time.Time { return t0.Add(time.Duration(seconds) * time.Second) }

// id mints a fresh id.
func (b *box) id(prefix string) string {
	b.ids++
	return fmt.Sprintf("urn:example:%s:%04d", prefix, b.ids)
}

// record returns a process of ours before its first commit.
func record(context, id string) engine.Record {
	return engine.Record{
		Context: context, ID: id, Kind: engine.Negotiation, Role: engine.Consumer, Peer: "did:web:oem.example",
		Version: 1, State: "REQUESTED", Subject: "dataset-1", Created: t0, Updated: t0,
	}
}

// next returns the record for the commit after the one that stored r.
func next(r engine.Record) engine.Record {
	r.Version++
	r.Work = nil
	return r
}

// work returns a row of the outbox of r.
func work(r engine.Record, op engine.Op, key string) engine.Work {
	return engine.Work{Context: r.Context, Process: r.ID, Op: op, Key: key, Lane: "lane", Due: t0}
}

// insert is the first commit of r, which owes w.
func insert(r engine.Record, w ...engine.Work) engine.Commit {
	c := engine.Commit{Record: r}
	for _, row := range w {
		c.Put = append(c.Put, engine.WorkChange{Now: row})
	}
	return c
}

// update is the commit of r after the one it was loaded from.
func update(r engine.Record) engine.Commit {
	return engine.Commit{Record: next(r), Expect: r.Version}
}

func (b *box) commit(c engine.Commit) {
	b.Helper()
	if err := b.Store.For(c.Record.Context).Commit(b.ctx, c); err != nil {
		b.Fatalf("commit: %v", err)
	}
}

// refused checks the error of a commit.
func (b *box) refused(c engine.Commit, want error) {
	b.Helper()
	if err := b.Store.For(owner).Commit(b.ctx, c); !errors.Is(err, want) {
		b.Fatalf("commit: got error %v, want %v", err, want)
	}
}

// put stores a fresh process that owes rows of these operations.
func (b *box) put(ops ...engine.Op) engine.Record {
	b.Helper()
	r := record(owner, b.id("process"))
	var rows []engine.Work
	for _, op := range ops {
		rows = append(rows, work(r, op, b.id("key")))
	}
	b.commit(insert(r, rows...))
	return b.load(r.ID)
}

func (b *box) load(id string) engine.Record {
	b.Helper()
	r, err := b.p.Load(b.ctx, id)
	if err != nil {
		b.Fatalf("load: %v", err)
	}
	return r
}

func (b *box) row(id string, op engine.Op) engine.Work {
	b.Helper()
	for _, w := range b.load(id).Work {
		if w.Op == op {
			return w
		}
	}
	b.Fatalf("no %s row", op)
	return engine.Work{}
}

func (b *box) history(id string) []engine.Exchange {
	b.Helper()
	list, err := b.p.History(b.ctx, id)
	if err != nil {
		b.Fatalf("history: %v", err)
	}
	return list
}

// request is a claim of everything by one owner.
func request(who string, now time.Time) engine.ClaimRequest {
	return engine.ClaimRequest{Owner: who, Now: now, Lease: 30 * time.Second, Limit: 1000}
}

func (b *box) claim(req engine.ClaimRequest) ([]engine.Work, time.Time) {
	b.Helper()
	list, next, err := b.Store.Claim(b.ctx, req)
	if err != nil {
		b.Fatalf("claim: %v", err)
	}
	return list, next
}

// claimOne claims what must be the only row to claim.
func (b *box) claimOne(who string, now time.Time) engine.Work {
	b.Helper()
	list, _ := b.claim(request(who, now))
	if len(list) != 1 {
		b.Fatalf("claimed %d rows, want 1", len(list))
	}
	return list[0]
}

func (b *box) release(w engine.Work) {
	b.Helper()
	if err := b.Store.Release(b.ctx, w); err != nil {
		b.Fatalf("release: %v", err)
	}
}

// equal compares, an empty slice being none.
func (b *box) equal(what string, got, want any) {
	b.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// event returns a journal row about r.
func event(r engine.Record, id string) engine.Entry {
	return engine.Entry{
		Context: r.Context, ID: id, Process: r.ID, Kind: r.Kind, Event: "negotiation.REQUESTED", At: t0,
		Detail: []byte(`{ "spaces":  "stay" }`),
	}
}

// journal returns all rows of a participant after giving them positions.
func (b *box) journal(context string) []engine.Entry {
	b.Helper()
	b.sequence()
	list, err := b.Store.For(context).Journal(b.ctx, 0, 0)
	if err != nil {
		b.Fatalf("journal: %v", err)
	}
	return list
}

// sequence runs the sequencer until it has nothing to do.
func (b *box) sequence() {
	b.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = b.Store.Sequence(b.ctx, "sequencer", t0, 100); err != nil {
			b.Fatalf("sequence: %v", err)
		}
	}
}
