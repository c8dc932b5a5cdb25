// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
)

// toy is a protocol of three messages: hello opens, work goes either way any
// number of times, bye ends. Its data counts what it saw.
type toy struct {
	decide func(engine.Record) (engine.Decision, error)
	call   func(engine.Call) error
	verb   string // Prepare of "work"
}

var toyTable = &engine.Table{
	Kind: engine.Negotiation, Final: []engine.State{"DONE", "ENDED"}, Terminate: "bye", Terminated: "ENDED",
	Rows: []engine.Transition{
		{From: "", Message: "hello", By: engine.Consumer, To: "OPEN"},
		{From: "", Message: "work", By: engine.Provider, To: "BUSY"}, // opens as well
		{From: "OPEN", Message: "work", By: engine.Provider, To: "BUSY"},
		{From: "BUSY", Message: "work", By: engine.Consumer, To: "OPEN"},
		{From: "BUSY", Message: "done", By: engine.Consumer, To: "DONE"},
		{From: "BUSY", Message: "grant", By: engine.Provider, To: "GRANTED"}, // once
		{From: "GRANTED", Message: "bye", By: engine.Consumer, To: "ENDED"},
		{From: "OPEN", Message: "bye", By: engine.Consumer, To: "ENDED"},
		{From: "OPEN", Message: "bye", By: engine.Provider, To: "ENDED"},
		{From: "BUSY", Message: "bye", By: engine.Consumer, To: "ENDED"},
		{From: "BUSY", Message: "bye", By: engine.Provider, To: "ENDED"},
	},
}

func (*toy) Table() *engine.Table { return toyTable }
func (*toy) Receive(r *engine.Record, in engine.Inbound, _ engine.Env) (engine.Effects, error) {
	if string(in.Body) == "bad" {
		return engine.Effects{}, engine.Refusef("bad", "the content is bad")
	}
	r.Data = append(slices.Clip(r.Data), []byte("<"+in.Message)...)
	return engine.Effects{}, nil
}

func (t *toy) Prepare(_ engine.Record, a engine.Act) string {
	if a.Message == "work" {
		return t.verb
	}
	return ""
}

func (*toy) Compose(r *engine.Record, a engine.Act, _ json.RawMessage, id string, _ engine.Env) (engine.Outgoing, engine.Effects, error) {
	if a.Reason == "bad" {
		return engine.Outgoing{}, engine.Effects{}, engine.Refusef("bad", "the act is bad")
	}
	return engine.Outgoing{Path: "/" + r.PeerPID, Body: []byte(id + " " + string(a.Message))}, engine.Effects{}, nil
}

func (*toy) Settled(*engine.Record, engine.Pending, engine.Env) (engine.Effects, error) {
	return engine.Effects{}, nil
}
func (*toy) Ended(*engine.Record, engine.Env) engine.Effects { return engine.Effects{} }
func (*toy) Keep(*engine.Record) error                       { return nil }
func (*toy) Prompt(engine.Record) (engine.Decision, bool)    { return engine.Decision{}, false }
func (t *toy) Decide(_ context.Context, r engine.Record, _ []engine.Exchange) (engine.Decision, error) {
	if t.decide == nil {
		return engine.Decision{}, nil
	}
	return t.decide(r)
}

func (t *toy) Do(_ context.Context, _ engine.Record, c engine.Call) (json.RawMessage, error) {
	if t.call == nil {
		return nil, nil
	}
	return nil, t.call(c)
}

func (*toy) ReadAnswer(r engine.Record, m engine.Message, body []byte) (engine.Acknowledgement, error) {
	if string(body) == "nonsense" {
		return engine.Acknowledgement{}, errors.New("nonsense")
	}
	if m == "" {
		return engine.Acknowledgement{State: engine.State(body)}, nil
	}
	return engine.Acknowledgement{PeerPID: "their-pid"}, nil
}

// bench is a Core over the in-memory store with a clock and a network that
// the test moves by hand.
type bench struct {
	t      *testing.T
	core   *engine.Core
	store  *memory.Store
	domain *toy
	now    time.Time
	ids    int
	posts  []string // bodies that were sent
	looks  int
	answer func(n int) engine.Answer // to the n-th post
	look   engine.Answer
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, store: memory.New(), domain: &toy{}, now: time.Unix(1_800_000_000, 0).UTC()}
	b.answer = func(int) engine.Answer { return engine.Answer{Status: 201} }
	b.core = engine.New(engine.Config{
		Store: b.store, Domains: map[engine.Kind]engine.Domain{engine.Negotiation: b.domain}, Sender: b, Waiter: b,
		Now: func() time.Time { return b.now }, Jitter: func() float64 { return 0.5 },
		NewID: func() string { b.ids++; return fmt.Sprintf("id-%d", b.ids) },
	})
	return b
}

func (b *bench) Send(_ context.Context, d engine.Delivery) engine.Answer {
	b.posts = append(b.posts, string(d.Body))
	return b.answer(len(b.posts))
}

func (b *bench) Look(context.Context, engine.Delivery) engine.Answer { b.looks++; return b.look }

func (b *bench) Wait(context.Context, engine.Change, int64, time.Time) bool { return false }

// open starts a process of ours as the role given.
func (b *bench) open() engine.Record {
	b.t.Helper()
	r, err := b.core.Open(b.t.Context(), engine.Record{
		Context: "acme", ID: "ours", Kind: engine.Negotiation, Role: engine.Consumer, Peer: "peer", Address: "http://peer",
	}, engine.Act{Message: "hello"})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// work does what is due now, and says how much that was.
func (b *bench) work() int {
	b.t.Helper()
	done := 0
	for {
		work, _, err := b.store.Claim(b.t.Context(), engine.ClaimRequest{Owner: "me", Now: b.now, Lease: time.Minute, Limit: 10, PerLane: 10})
		if err != nil {
			b.t.Fatal(err)
		}
		if len(work) == 0 {
			return done
		}
		for _, w := range work {
			if err := b.core.Perform(b.t.Context(), w); err != nil {
				b.t.Fatal(err)
			}
			done++
		}
	}
}

func (b *bench) record() engine.Record {
	b.t.Helper()
	r, err := b.store.For("acme").Load(b.t.Context(), "ours")
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) receive(m engine.Message, id string) error {
	_, err := b.core.Receive(b.t.Context(), engine.Inbound{
		Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "peer",
		ConsumerPID: "ours", ProviderPID: "their-pid", Message: m, MessageID: id, Hash: string(m) + id, Body: []byte("x"),
	})
	return err
}
