// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

var commits = []contract{
	{"Expect 0 inserts the process", func(b *box) {
		r := record(owner, "p")
		b.commit(insert(r))
		b.equal("loaded", b.load("p"), r)
	}},
	{"inserting a process again is ErrExists", func(b *box) {
		r := b.put(engine.OpSend)
		again := record(owner, r.ID)
		again.Subject = "another"
		b.refused(insert(again), engine.ErrExists)
		b.refused(insert(again, work(again, engine.OpCall, "k")), engine.ErrExists)
		b.equal("unchanged", b.load(r.ID), r)
	}},
	{"a peer's first request makes one process", func(b *box) {
		first := opened(b, "their-pid")
		b.commit(insert(first))
		b.refused(insert(opened(b, "their-pid")), engine.ErrExists)

		for _, change := range []func(*engine.Record){
			func(r *engine.Record) { r.Kind = engine.Transfer },
			func(r *engine.Record) { r.Peer = "did:web:another.example" },
			func(r *engine.Record) { r.PeerPID = "another" },
			func(r *engine.Record) { r.OpenedByPeer = false },
			func(r *engine.Record) { r.Context = "other" },
		} {
			r := opened(b, "their-pid")
			change(&r)
			b.commit(insert(r))
		}
	}},
	{"processes of ours may have the same peer pid", func(b *box) {
		for range 2 {
			r := record(owner, b.id("process"))
			r.PeerPID = "their-pid"
			b.commit(insert(r))
		}
	}},
	{"Expect is the version that must be stored now, else ErrConflict", func(b *box) {
		r := b.put()
		b.commit(update(r))
		b.refused(update(r), engine.ErrConflict) // the same step again
		ahead := next(next(r))
		b.refused(update(ahead), engine.ErrConflict)
		absent := record(owner, "absent")
		b.refused(update(absent), engine.ErrConflict)
		b.equal("version", b.load(r.ID).Version, int64(2))
	}},
	{"what a process is from its first commit on does not change", func(b *box) {
		r := b.put()
		for _, change := range []func(*engine.Record){
			func(r *engine.Record) { r.Kind = engine.Transfer },
			func(r *engine.Record) { r.Role = engine.Provider },
			func(r *engine.Record) { r.Peer = "did:web:another.example" },
			func(r *engine.Record) { r.OpenedByPeer, r.PeerPID = true, "p" },
			func(r *engine.Record) { r.Created = at(1) },
		} {
			other := r
			change(&other)
			b.refused(update(other), engine.ErrConflict)
		}
		b.equal("unchanged", b.load(r.ID), r)
	}},
	{"a peer's pid that opened a process does not change, and a final process stays final", func(b *box) {
		r := opened(b, "their-pid")
		r.Final = true
		b.commit(insert(r))
		for _, change := range []func(*engine.Record){
			func(r *engine.Record) { r.PeerPID = "another" },
			func(r *engine.Record) { r.Final = false },
		} {
			other := r
			change(&other)
			b.refused(update(other), engine.ErrConflict)
		}
		r.State = "TERMINATED" // as a crossing termination may make it
		b.commit(update(r))
	}},
	{"a commit is done whole or not at all", whole},
	{"a commit that contradicts itself is refused", contradictions},
	{"a row of a type that the store does not know is refused", func(b *box) {
		r := b.put()
		c := update(r)
		c.Writes = []any{struct{ Unknown string }{"x"}}
		b.refused(c, rule.ErrUnknownWrite)
		b.equal("unchanged", b.load(r.ID), r)
	}},
}

// whole makes one part of a rich commit fail at a time, and finds nothing of
// the others.
func whole(b *box) {
	faults := []struct {
		name  string
		want  error
		fault func(*engine.Commit)
	}{
		{"version", engine.ErrConflict, func(c *engine.Commit) { c.Expect, c.Record.Version = 5, 6 }},
		{"put", engine.ErrConflict, func(c *engine.Commit) { c.Put[0].Was.Fence += 7 }},
		{"put of an absent row", engine.ErrConflict, func(c *engine.Commit) { c.Put[1].Was = work(c.Record, engine.OpDecide, "x") }},
		{"remove", engine.ErrConflict, func(c *engine.Commit) { c.Remove[0].Key = "x" }},
		{"lease", engine.ErrFenced, func(c *engine.Commit) { c.Held.Fence++ }},
		{"message of theirs again", engine.ErrConflict, func(c *engine.Commit) { c.Exchanges[0].MessageID = "in-0" }},
		{"message of ours again", rule.ErrInvalid, func(c *engine.Commit) { c.Exchanges[1].MessageID = "out-0" }},
		{"outcome of no message", rule.ErrInvalid, func(c *engine.Commit) { c.Outcomes[0].MessageID = "x" }},
		{"write", rule.ErrUnknownWrite, func(c *engine.Commit) { c.Writes = []any{1} }},
	}
	r, held := rich(b)
	loaded, rows := b.load(r.ID), len(b.journal(owner))
	for _, f := range faults {
		c := richStep(loaded, held)
		f.fault(&c)
		b.refused(c, f.want)
		b.equal(f.name+": record and outbox", b.load(r.ID), loaded)
		b.equal(f.name+": history", len(b.history(r.ID)), 2)
		b.equal(f.name+": outcome", b.history(r.ID)[1].Outcome, "")
		b.equal(f.name+": journal", len(b.journal(owner)), rows)
	}
	b.commit(richStep(loaded, held)) // without a fault it is good
	b.equal("history", len(b.history(r.ID)), 4)
	b.equal("journal", len(b.journal(owner)), rows+1)
	b.equal("rows", len(b.load(r.ID).Work), 2)
}

// rich returns a process with two rows, of which one is leased, and history.
func rich(b *box) (engine.Record, engine.Work) {
	r := record(owner, b.id("process"))
	send, call := work(r, engine.OpSend, "out-0"), work(r, engine.OpCall, "call-0")
	call.Due = at(1000)
	c := insert(r, send, call)
	c.Exchanges = []engine.Exchange{
		{Inbound: true, MessageID: "in-0", At: t0, Body: []byte("in")},
		{MessageID: "out-0", At: t0, Body: []byte("out")},
	}
	c.Journal = []engine.Entry{event(r, "e-0")}
	b.commit(c)
	return r, b.claimOne("worker", at(1))
}

// richStep changes everything that a commit can change.
func richStep(r engine.Record, held engine.Work) engine.Commit {
	c := update(r)
	now := work(r, engine.OpSend, "out-1")
	c.Put = []engine.WorkChange{
		{Was: held, Now: now},
		{Now: work(r, engine.OpDecide, "decide-1")},
	}
	for _, w := range r.Work {
		if w.Op == engine.OpCall {
			c.Remove = []engine.Work{w}
		}
	}
	c.Held = &held
	c.Exchanges = []engine.Exchange{
		{Inbound: true, MessageID: "in-1", At: t0},
		{MessageID: "out-1", At: t0, Body: []byte("out")},
	}
	c.Outcomes = []engine.Outcome{{MessageID: "out-0", Outcome: "acknowledged"}}
	c.Journal = []engine.Entry{event(r, "e-1")}
	return c
}

func contradictions(b *box) {
	r, held := rich(b)
	loaded := b.load(r.ID)
	faults := map[string]func(*engine.Commit){
		"version does not follow":      func(c *engine.Commit) { c.Record.Version++ },
		"expects less than nothing":    func(c *engine.Commit) { c.Expect, c.Record.Version = -1, 0 },
		"no id":                        func(c *engine.Commit) { c.Record.ID = "" },
		"unknown kind":                 func(c *engine.Commit) { c.Record.Kind = "x" },
		"unknown role":                 func(c *engine.Commit) { c.Record.Role = "x" },
		"final, yet to be decided":     func(c *engine.Commit) { c.Record.Final, c.Record.Decide = true, true },
		"final, yet waits for someone": func(c *engine.Commit) { c.Record.Final, c.Record.Person = true, true },
		"final without a state":        func(c *engine.Commit) { c.Record.Final, c.Record.State = true, "" },
		"tentative pid without a pid":  func(c *engine.Commit) { c.Record.PeerPIDTentative = true },
		"row without a key":            func(c *engine.Commit) { c.Put[0].Now.Key = "" },
		"row of an unknown operation":  func(c *engine.Commit) { c.Put[1].Now.Op = "x" },
		"row of another process":       func(c *engine.Commit) { c.Put[1].Now.Process = "x" },
		"row put twice":                func(c *engine.Commit) { c.Put = append(c.Put, c.Put[1]) },
		"row put and removed":          func(c *engine.Commit) { c.Remove[0].Op = engine.OpSend },
		"row put over another":         func(c *engine.Commit) { c.Put[0].Was.Op = engine.OpCall },
		"fence below zero":             func(c *engine.Commit) { c.Put[1].Now.Fence = -1 },
		"lease without an owner":       func(c *engine.Commit) { c.Held.Owner = "" },
		"lease of another process":     func(c *engine.Commit) { c.Held.Process = "x" },
		"our message without an id":    func(c *engine.Commit) { c.Exchanges[1].MessageID = "" },
		"outcome of their message":     func(c *engine.Commit) { c.Exchanges[0].Outcome = "dropped" },
		"unknown outcome":              func(c *engine.Commit) { c.Outcomes[0].Outcome = "x" },
		"empty outcome":                func(c *engine.Commit) { c.Outcomes[0].Outcome = "" },
		"journal row without an id":    func(c *engine.Commit) { c.Journal[0].ID = "" },
		"journal row without an event": func(c *engine.Commit) { c.Journal[0].Event = "" },
		"journal row with a position":  func(c *engine.Commit) { c.Journal[0].Position = 1 },
		"peer's pid with a zero byte":  func(c *engine.Commit) { c.Record.PeerPID = "a\x00b" },
		"peer's pid that is no text":   func(c *engine.Commit) { c.Record.PeerPID = "a\xffb" },
		"peer's pid too long":          func(c *engine.Commit) { c.Record.PeerPID = strings.Repeat("x", rule.MaxID+1) },
		"message id too long":          func(c *engine.Commit) { c.Exchanges[0].MessageID = strings.Repeat("x", rule.MaxID+1) },
	}
	for name, fault := range faults {
		copyOfHeld := held
		c := richStep(loaded, copyOfHeld)
		fault(&c)
		if err := b.p.Commit(b.ctx, c); err == nil {
			b.Fatalf("%s: accepted", name)
		}
		b.refused(c, rule.ErrInvalid)
		b.equal(name, b.load(r.ID), loaded)
	}
	b.longest()
}

// longest stores ids of the greatest length that Check lets pass, of bytes
// that do not compress.
func (b *box) longest() {
	long := func(seed int) string {
		var s strings.Builder
		for x := uint32(seed); s.Len() < rule.MaxID; {
			x = x*1664525 + 1013904223
			s.WriteByte(33 + byte(x>>24)%90)
		}
		return s.String()
	}
	r := record(owner, long(1))
	r.OpenedByPeer, r.Peer, r.PeerPID, r.Subject = true, long(2), long(3), long(4)
	w := work(r, engine.OpSend, long(5))
	w.Lane = long(6)
	c := insert(r, w)
	c.Exchanges = []engine.Exchange{{MessageID: long(5), At: t0}}
	e := event(r, long(7))
	c.Journal = []engine.Entry{e}
	b.commit(c)
	b.equal("peer's pid", b.load(r.ID).PeerPID, r.PeerPID)
}
