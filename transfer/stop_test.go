// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// TestStopIsNeverGivenUp: a plane that cannot be reached may still send. It is
// told to stop for as long as it takes, and the transfer says so meanwhile.
func TestStopIsNeverGivenUp(t *testing.T) {
	for act, want := range map[negotiation.Act]transfer.FlowState{
		negotiation.Suspend: transfer.FlowSuspended, negotiation.Complete: transfer.FlowCompleted, negotiation.Terminate: transfer.FlowTerminated,
	} {
		t.Run(string(act), func(t *testing.T) {
			w := newWorld(t, pull, false)
			_, providerPID := w.open(pull)
			w.p.plane.down = 1 << 20
			if err := w.p.act(providerPID, negotiation.Decision{Act: act}); err != nil {
				t.Fatal(err)
			}
			for began := len(w.p.plane.calls); len(w.p.plane.calls) < began+300; {
				if !w.wake() && !w.claim(w.p) && !w.claim(w.c) && !w.deliver() && !w.advance() {
					t.Fatalf("it was given up after %d calls", len(w.p.plane.calls)-began)
				}
			}
			p := w.p.get(t, providerPID)
			if p.LastError == nil || p.LastError.Code != "data-plane-unstopped" {
				t.Errorf("the transfer shows %+v", p.LastError)
			}
			if wait := p.NextTry.Sub(w.now); wait < 5*time.Minute || wait > 10*time.Minute {
				t.Errorf("the next try is in %v", wait)
			}
			w.p.plane.down = 0
			w.settle()
			if got := w.p.plane.state[providerPID]; got != want {
				t.Errorf("the plane has the flow in %s, want %s", got, want)
			}
			if p := w.p.get(t, providerPID); p.LastError != nil || !p.NextTry.IsZero() {
				t.Errorf("once it stopped the transfer shows %+v, next try %v", p.LastError, p.NextTry)
			}
		})
	}
}

// TestUnstoppedIsResumed: that a plane cannot be told to stop is no reason to
// end a transfer that is to go on.
func TestUnstoppedIsResumed(t *testing.T) {
	first := transfer.Process{Context: "provider", Role: "provider", State: "SUSPENDED", OwesStart: true, LastError: &engine.Fault{Code: "data-plane-unstopped"}}
	if d, err := (transfer.Rules{}).Decide(t.Context(), first); err != nil || d.Act != negotiation.Start {
		t.Errorf("the decision is %+v, %v", d, err)
	}
}

// TestRefusedStopIsFinal: there is nobody left to tell.
func TestRefusedStopIsFinal(t *testing.T) {
	w := newWorld(t, pull, false)
	_, providerPID := w.open(pull)
	w.p.plane.fail = transfer.Refuse("gone", "there is no such flow")
	if err := w.do(w.p, providerPID, negotiation.Suspend); err != nil {
		t.Fatal(err)
	}
	if p, calls := w.p.get(t, providerPID), strings.Join(w.p.plane.calls, " "); !p.NextTry.IsZero() || calls != "start suspend" {
		t.Errorf("the plane was called %q, the next try is %v", calls, p.NextTry)
	}
}
