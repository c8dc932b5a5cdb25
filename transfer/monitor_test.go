// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestStopIsDecidedOnce: a peer that does not answer for hours costs no more
// than one decision, and the flow is closed all the same.
func TestStopIsDecidedOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		happens func(w *world)
		pending string
	}{
		"the agreement is ended": {func(w *world) { w.p.agreement.Ended, w.p.agreement.EndReason = w.now, "a quarrel" }, "TransferTerminationMessage"},
		"a term heals": {func(w *world) { // no membership is shown, and one may be
			p := policy.Permit("use", policy.ActiveMember())
			raw, _ := p.JSON() // it is a policy
			w.p.agreement.Policy, w.p.agreement.PolicyHash = raw, p.Hash()
		}, "TransferSuspensionMessage"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			_, providerPID := w.open(pull)
			tc.happens(w)
			m := &transfer.Monitor{Service: w.p.svc, Open: w.p.store}
			var first int64
			for look := range 50 {
				if _, err := m.Work(context.Background()); err != nil {
					t.Fatal(err)
				}
				w.claim(w.p) // it is sent, and no answer comes
				r, err := w.p.store.For("provider").Load(context.Background(), providerPID)
				if err != nil {
					t.Fatal(err)
				}
				if look == 1 {
					first = r.Version
				}
				if look > 1 && r.Version != first {
					t.Fatalf("look %d commits again: version %d after %d", look, r.Version, first)
				}
				w.now = w.now.Add(3 * time.Second)
			}
			p := w.p.get(t, providerPID)
			if p.Pending != tc.pending || p.Open {
				t.Errorf("%s is pending, open %t", p.Pending, p.Open)
			}
			if _, err := w.p.svc.Running(context.Background(), "provider", providerPID); err == nil {
				t.Error("data may flow")
			}
			w.settle()
			if got := w.p.get(t, providerPID); got.State != strings.ToUpper(map[string]string{"TransferTerminationMessage": "terminated", "TransferSuspensionMessage": "suspended"}[tc.pending]) || got.Verdict == nil {
				t.Errorf("it comes to %s, verdict %v", got.State, got.Verdict)
			}
		})
	}
}

// TestDeniedWhileItsStartIsOnItsWay: what can heal is suspended, as soon as the
// peer has answered, and not ended.
func TestDeniedWhileItsStartIsOnItsWay(t *testing.T) {
	w := newWorld(t, pull, false)
	p, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	for len(w.sends) == 0 || w.sends[0].to != w.c { // the start has been sent, and no answer comes
		if !w.claim(w.p) && !w.claim(w.c) && !w.deliver() {
			t.Fatal("no start is sent")
		}
	}
	rules := policy.Permit("use", policy.ActiveMember())
	raw, err := rules.JSON()
	if err != nil {
		t.Fatal(err)
	}
	w.p.agreement.Policy, w.p.agreement.PolicyHash = raw, rules.Hash()
	m := &transfer.Monitor{Service: w.p.svc, Open: w.p.store}
	if _, err := m.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := w.c.get(t, p.ID).PeerPID
	if ours := w.p.get(t, pid); ours.Open || ours.State == "TERMINATED" {
		t.Errorf("it is %s, open %t", ours.State, ours.Open)
	}
	w.settle()
	if ours, theirs := w.p.get(t, pid), w.c.get(t, p.ID); ours.State != "SUSPENDED" || theirs.State != "SUSPENDED" || ours.Verdict == nil {
		t.Errorf("the provider is %s with %v, the consumer %s", ours.State, ours.Verdict, theirs.State)
	}
}

// slow is a store in which a look takes its time, as where a status list does
// not answer.
type slow struct {
	transfer.OpenStore
	w *world
}

func (s slow) OpenTransfers(ctx context.Context, after engine.Change, limit int) ([]engine.Change, error) {
	s.w.now = s.w.now.Add(time.Minute)
	return s.OpenStore.OpenTransfers(ctx, after, limit)
}

// TestSlowLookIsNoReasonToLookAway: after it a transfer of which nobody reads is
// stopped as soon as after any other.
func TestSlowLookIsNoReasonToLookAway(t *testing.T) {
	w := newWorld(t, pull, false)
	_, providerPID := w.open(pull)
	m := &transfer.Monitor{Service: w.p.svc, Open: slow{w.p.store, w}}
	if _, err := m.Work(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.p.agreement.Ended = w.now
	w.now = w.now.Add(15 * time.Second)
	next, err := m.Work(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if p := w.p.get(t, providerPID); p.Open {
		t.Errorf("it is open still; the next look is in %s", next.Sub(w.now))
	}
}
