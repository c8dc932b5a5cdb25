// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// pass lets everything happen that is due until so much time has gone by.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for until := w.now.Add(d); w.now.Before(until); {
		if !w.wake() && !w.claim(w.p) && !w.claim(w.c) && !w.deliver() && !w.advance() {
			w.t.Fatal("nothing is owed any more")
		}
	}
}

// TestStopOfUnknownPlane: a plane that is not known where the stop arrives, since
// it registered at another replica, is told once it is, however late that is.
func TestStopOfUnknownPlane(t *testing.T) {
	for act, want := range map[negotiation.Act]string{
		negotiation.Suspend: "suspend", negotiation.Complete: "complete", negotiation.Terminate: "terminate",
	} {
		t.Run(string(act), func(t *testing.T) {
			w := newWorld(t, push, false) // of pulls there is no built-in plane
			tokyo := transfer.Member{Name: "tokyo", Formats: []string{pull}, Plane: w.p.plane}
			w.p.set.Put(tokyo)
			consumerPID, _ := w.open(pull)
			w.p.set.Remove("", "tokyo")
			if err := w.c.act(consumerPID, negotiation.Decision{Act: act}); err != nil {
				t.Fatal(err)
			}
			w.pass(5 * time.Minute)
			w.p.set.Put(tokyo)
			w.settle()
			if got := strings.Join(w.p.plane.calls, " "); got != "start "+want {
				t.Errorf("the plane was called %q", got)
			}
		})
	}
}

// TestResumeOfUnknownPlane: so does the consumer's start of a push wait for the
// plane that has the flow.
func TestResumeOfUnknownPlane(t *testing.T) {
	w := newWorld(t, push, false)
	osaka := transfer.Member{Name: "osaka", Formats: []string{push}, Plane: w.c.plane}
	w.c.set.Put(osaka)
	consumerPID, providerPID := w.open(push)
	if err := w.do(w.c, consumerPID, negotiation.Suspend); err != nil {
		t.Fatal(err)
	}
	w.c.set.Remove("", "osaka")
	if err := w.c.act(consumerPID, negotiation.Decision{Act: negotiation.Start}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	w.c.set.Put(osaka)
	w.settle()
	if got := strings.Join(w.c.plane.calls, " "); got != "prepare start suspend resume" {
		t.Errorf("the plane was called %q", got)
	}
	if to, from := w.p.get(t, providerPID).DataAddress, w.c.get(t, consumerPID).DataAddress; to.Endpoint != from.Endpoint {
		t.Errorf("it is pushed to %v, taken at %v", to, from)
	}
}
