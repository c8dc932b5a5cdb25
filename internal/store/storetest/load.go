// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

var loads = []contract{
	{"Load returns a process with its outbox", func(b *box) {
		r := b.put(engine.OpSend, engine.OpCall)
		want := record(owner, r.ID)
		for _, op := range []engine.Op{engine.OpCall, engine.OpSend} {
			want.Work = append(want.Work, work(want, op, b.row(r.ID, op).Key))
		}
		b.equal("loaded", r, want)
	}},
	{"Load returns every field as it was committed", func(b *box) {
		r := full(b, record(owner, b.id("process")))
		b.commit(insert(r))
		b.equal("loaded", b.load(r.ID), rounded(r))

		r.State, r.Subject, r.Person = "AGREED", "another", true
		b.commit(update(r))
		b.equal("loaded again", b.load(r.ID), rounded(next(r)))

		pid := r.PeerPID
		r = next(next(record(owner, r.ID)))
		r.OpenedByPeer, r.PeerPID = true, pid
		b.commit(engine.Commit{Record: r, Expect: 2})
		b.equal("emptied", b.load(r.ID), rounded(r))
	}},
	{"the peer's pid of a process of ours may become known, and change", func(b *box) {
		r := b.put()
		for _, pid := range []string{"tentative", "acknowledged"} {
			r.PeerPID, r.PeerPIDTentative = pid, pid == "tentative"
			b.commit(update(r))
			r = next(r)
			b.equal("loaded", b.load(r.ID), r)
		}
	}},
	{"times come back in UTC, as whole microseconds", func(b *box) {
		r := record(owner, b.id("process"))
		r.Updated = time.Date(2026, 3, 1, 19, 0, 0, 1999, time.FixedZone("JST", 9*3600))
		b.commit(insert(r))
		if got, want := b.load(r.ID).Updated, time.Date(2026, 3, 1, 10, 0, 0, 1000, time.UTC); got != want {
			b.Fatalf("got %v, want %v", got, want)
		}
	}},
	{"Load of an unknown process is ErrNotFound", func(b *box) {
		if _, err := b.p.Load(b.ctx, "urn:example:none"); !errors.Is(err, engine.ErrNotFound) {
			b.Fatalf("got %v", err)
		}
		if _, _, err := b.p.LoadFor(b.ctx, "urn:example:none", "m"); !errors.Is(err, engine.ErrNotFound) {
			b.Fatalf("got %v", err)
		}
	}},
	{"no argument names another participant's row", anothers},
	{"one id in two participants is two processes", func(b *box) {
		mine, theirs := record(owner, "same"), record("other", "same")
		theirs.Subject = "theirs"
		b.commit(insert(mine, work(mine, engine.OpSend, "k")))
		b.commit(insert(theirs))
		b.equal("mine", b.load("same").Subject, mine.Subject)
		got, err := b.Store.For("other").Load(b.ctx, "same")
		if err != nil {
			b.Fatal(err)
		}
		b.equal("theirs", got, theirs)
	}},
	{"nothing is shared with the store", shared},
	{"LoadFor tells whether an inbound message was accepted for the process", func(b *box) {
		r, other := b.put(), b.put()
		c := update(r)
		c.Exchanges = []engine.Exchange{
			{Inbound: true, MessageID: "theirs", At: t0},
			{Inbound: true, At: t0},
			{MessageID: "ours", At: t0},
		}
		b.commit(c)
		for _, q := range []struct {
			process, message string
			want             bool
		}{
			{r.ID, "theirs", true},
			{r.ID, "ours", false},
			{r.ID, "", false},
			{r.ID, "THEIRS", false},
			{other.ID, "theirs", false},
		} {
			got, seen, err := b.p.LoadFor(b.ctx, q.process, q.message)
			if err != nil || seen != q.want || got.ID != q.process {
				b.Fatalf("%+v: seen %v, error %v", q, seen, err)
			}
		}
	}},
	{"ByPeer finds the process that a peer opened with its own pid", func(b *box) {
		theirs := opened(b, "their-pid")
		b.commit(insert(theirs, work(theirs, engine.OpDecide, "k")))
		ours := record(owner, b.id("process"))
		ours.Kind, ours.PeerPID = engine.Transfer, "their-pid"
		b.commit(insert(ours))

		got, err := b.p.ByPeer(b.ctx, theirs.Kind, theirs.Peer, "their-pid")
		if err != nil {
			b.Fatal(err)
		}
		b.equal("found", got, b.load(theirs.ID))
		for _, q := range []struct {
			kind      engine.Kind
			peer, pid string
		}{
			{engine.Transfer, theirs.Peer, "their-pid"}, // ours, not opened by the peer
			{theirs.Kind, "did:web:stranger.example", "their-pid"},
			{theirs.Kind, theirs.Peer, "another"},
		} {
			if _, err := b.p.ByPeer(b.ctx, q.kind, q.peer, q.pid); !errors.Is(err, engine.ErrNotFound) {
				b.Fatalf("%+v: got %v", q, err)
			}
		}
	}},
}

// opened returns a process opened by a peer under its own pid.
func opened(b *box, pid string) engine.Record {
	r := record(owner, b.id("process"))
	r.Role, r.OpenedByPeer, r.PeerPID = engine.Provider, true, pid
	return r
}

func anothers(b *box) {
	r := opened(b, "their-pid")
	c := insert(r, work(r, engine.OpSend, "m"))
	c.Exchanges = []engine.Exchange{{MessageID: "m", Body: []byte("secret"), At: t0}}
	c.Journal = []engine.Entry{event(r, "e")}
	b.commit(c)
	b.sequence()

	spy := b.Store.For("spy")
	if _, err := spy.Load(b.ctx, r.ID); !errors.Is(err, engine.ErrNotFound) {
		b.Fatalf("Load: %v", err)
	}
	if _, _, err := spy.LoadFor(b.ctx, r.ID, "m"); !errors.Is(err, engine.ErrNotFound) {
		b.Fatalf("LoadFor: %v", err)
	}
	if _, err := spy.ByPeer(b.ctx, r.Kind, r.Peer, r.PeerPID); !errors.Is(err, engine.ErrNotFound) {
		b.Fatalf("ByPeer: %v", err)
	}
	if list, err := spy.History(b.ctx, r.ID); err != nil || len(list) > 0 {
		b.Fatalf("History: %v, %v", list, err)
	}
	if list, err := spy.List(b.ctx, engine.Query{}); err != nil || len(list) > 0 {
		b.Fatalf("List: %v, %v", list, err)
	}
	if list, err := spy.Journal(b.ctx, 0, 0); err != nil || len(list) > 0 {
		b.Fatalf("Journal: %v, %v", list, err)
	}
	if err := spy.Commit(b.ctx, update(r)); !errors.Is(err, rule.ErrInvalid) {
		b.Fatalf("Commit of its record: %v", err)
	}
	stolen := record("spy", "spy's")
	for name, c := range map[string]engine.Commit{
		"put":     insert(stolen, work(r, engine.OpCall, "k")),
		"remove":  {Record: stolen, Remove: []engine.Work{work(r, engine.OpSend, "m")}},
		"journal": {Record: stolen, Journal: []engine.Entry{event(r, "f")}},
	} {
		if err := spy.Commit(b.ctx, c); !errors.Is(err, rule.ErrInvalid) {
			b.Fatalf("Commit with its %s: %v", name, err)
		}
	}
	b.equal("left alone", b.load(r.ID).Version, int64(1))
}

// shared alters what it gave and what it got, and looks again.
func shared(b *box) {
	given := full(b, record(owner, b.id("process")))
	want := rounded(given)
	body, detail := []byte("body"), []byte(`{"a":1}`)
	c := insert(given, work(given, engine.OpSend, "m"))
	c.Exchanges = []engine.Exchange{{MessageID: "m", Body: body, At: t0}}
	c.Journal = []engine.Entry{event(given, "e")}
	c.Journal[0].Detail = detail
	b.commit(c)
	want.Work = []engine.Work{work(given, engine.OpSend, "m")}

	id := given.ID
	body[0], detail[0] = 'X', 'X'
	scribble(&given)
	b.equal("after altering what was given", b.load(id), want)
	got := b.load(id)
	scribble(&got)
	b.history(id)[0].Body[0] = 'X'
	b.journal(owner)[0].Detail[0] = 'X'
	b.claimOne("w", at(1)).Body[0] = 'X'
	got = b.load(id)
	got.Work = want.Work
	b.equal("after altering what was got", got, want)
	b.equal("body", string(b.history(id)[0].Body), "body")
	b.equal("detail", string(b.journal(owner)[0].Detail), `{"a":1}`)
}
