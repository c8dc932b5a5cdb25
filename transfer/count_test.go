// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// limited has the agreement permit one transfer.
func (w *world) limited() {
	p := policy.Permit("use", policy.Times(1))
	raw, err := p.JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	w.p.agreement.Policy, w.p.agreement.PolicyHash = raw, p.Hash()
}

// step lets one thing happen.
func (w *world) step() bool {
	return w.wake() || w.claim(w.p) || w.claim(w.c) || w.deliver()
}

// untilCall lets things happen until the provider's data plane is to be called
// for a start, and returns the provider's process.
func (w *world) untilCall() engine.Record {
	for w.step() {
		list, err := w.p.store.For("provider").List(context.Background(), engine.Query{Kind: engine.Transfer, Limit: 1})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(list) > 0 {
			r, err := w.p.store.For("provider").Load(context.Background(), list[0].ID)
			if err != nil {
				w.t.Fatal(err)
			}
			if r.Call != nil {
				return r
			}
		}
	}
	w.t.Fatal("the plane is never called")
	return engine.Record{}
}

// crash makes the call and forgets that it was made, as a process does that
// dies after it.
func (w *world) crash(r engine.Record) {
	if _, err := w.p.domain.Do(context.Background(), r, *r.Call); err != nil {
		w.t.Errorf("the call fails: %v", err)
	}
}

// TestStartIsCountedOnce: whatever happens between the claim of a start and
// the start itself, it is counted if the transfer began, once, and else not.
func TestStartIsCountedOnce(t *testing.T) {
	consumerActs := func(w *world, act negotiation.Act) {
		list, err := w.c.svc.List(context.Background(), "consumer", transfer.Filter{})
		if err != nil || len(list) != 1 {
			w.t.Fatal(list, err)
		}
		if err := w.c.act(list[0].ID, negotiation.Decision{Act: act}); err != nil {
			w.t.Fatal(err)
		}
		for w.wake() || w.claim(w.c) || w.deliver() { // before the provider does anything
		}
		w.settle()
	}
	for name, tc := range map[string]struct {
		happens func(w *world)
		state   string
		counted int64
	}{
		"nothing":                      {func(*world) {}, "STARTED", 1},
		"a crash after the claim":      {func(w *world) { w.crash(w.untilCall()) }, "STARTED", 1},
		"two crashes":                  {func(w *world) { r := w.untilCall(); w.crash(r); w.crash(r) }, "STARTED", 1},
		"a plane that is down a while": {func(w *world) { w.p.plane.down = 3 }, "STARTED", 1},
		"a plane that stays down":      {func(w *world) { w.p.plane.down = 1000 }, "TERMINATED", 0},
		"a plane that refuses":         {func(w *world) { w.p.plane.fail = transfer.Refuse("full", "no room") }, "TERMINATED", 0},
		"the consumer ends it first": {func(w *world) {
			w.crash(w.untilCall())
			consumerActs(w, negotiation.Terminate)
		}, "TERMINATED", 0},
		"the provider ends it first": {func(w *world) {
			r := w.untilCall()
			w.crash(r)
			if err := w.p.act(r.ID, negotiation.Decision{Act: negotiation.Terminate}); err != nil {
				w.t.Fatal(err)
			}
		}, "TERMINATED", 0},
		"it ends after it began": {func(w *world) {
			w.settle()
			consumerActs(w, negotiation.Terminate)
		}, "TERMINATED", 1},
		"it is resumed": {func(w *world) {
			w.settle()
			consumerActs(w, negotiation.Suspend)
			consumerActs(w, negotiation.Start)
		}, "STARTED", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			w.limited()
			first, err := w.c.svc.Request(context.Background(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
			if err != nil {
				t.Fatal(err)
			}
			tc.happens(w)
			w.settle()
			used, err := w.p.store.Usage(context.Background(), "provider", "agreement-1")
			if got := w.c.get(t, first.ID).State; got != tc.state || used.Started != tc.counted || err != nil {
				t.Errorf("it is %s and counts as %d, want %s and %d: %v", got, used.Started, tc.state, tc.counted, err)
			}

			w.p.plane.down, w.p.plane.fail = 0, nil
			consumerPID, providerPID := w.open(pull)
			want := map[int64]string{0: "STARTED", 1: "TERMINATED"}[tc.counted]
			if c, p := w.c.get(t, consumerPID), w.p.get(t, providerPID); c.State != want || p.State != want {
				t.Errorf("the next one is %s (%s) and %s (%s), want %s", c.State, c.StoppedFor, p.State, p.StoppedFor, want)
			}
		})
	}
}

// TestUncountedBytesAreNotSent: the consumer names the format, and an agreement
// can be imported. A plane that counts no bytes starts nothing that limits them.
func TestUncountedBytesAreNotSent(t *testing.T) {
	for format, counts := range map[string]bool{pull: false, push: false, "HttpData-PULL, counted": true} {
		w := newWorld(t, format, false)
		p := policy.Permit("use", policy.Volume(10))
		raw, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		w.p.agreement.Policy, w.p.agreement.PolicyHash = raw, p.Hash()
		w.p.plane.counts = counts
		_, providerPID := w.open(format)
		want := map[bool]string{false: "TERMINATED", true: "STARTED"}[counts]
		if got := w.p.get(t, providerPID); got.State != want {
			t.Errorf("%s: it is %s (%s), want %s", format, got.State, got.StoppedFor, want)
		}
	}
}
