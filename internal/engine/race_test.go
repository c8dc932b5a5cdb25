// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// TestArrived names what a look at the peer's process proves. We are the
// consumer of the toy protocol in BUSY or OPEN.
func TestArrived(t *testing.T) {
	for _, c := range []struct {
		name                string
		from, target, shown engine.State
		want                bool
	}{
		{"the state of before proves nothing", "BUSY", "DONE", "BUSY", false},
		{"the target proves it", "BUSY", "DONE", "DONE", true},
		{"the target, which a peer that lags behind shows as well, proves nothing", "BUSY", "OPEN", "OPEN", false},
		{"an end that others lead to proves nothing", "BUSY", "DONE", "ENDED", false},
		{"our termination", "OPEN", "ENDED", "ENDED", true},
		{"the first request", "", "OPEN", "OPEN", true},
	} {
		if got := toyTable.Arrived(engine.Consumer, c.from, c.target, c.shown); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// TestOvertakenFirstRequest: a message that could open a process is, where
// our own request opened it, the answer to that request.
func TestOvertakenFirstRequest(t *testing.T) {
	b := newBench(t)
	b.answer = func(int) engine.Answer {
		if err := b.receive("work", "m1"); err != nil {
			t.Error(err)
		}
		return engine.Answer{Status: 201}
	}
	b.open()
	b.work()
	r := b.record()
	if r.State != "BUSY" || r.Pending != nil || r.PeerPID != "their-pid" || string(r.Data) != "<work" {
		t.Errorf("state %q, pending %+v, data %q", r.State, r.Pending, r.Data)
	}
}

// TestRefusedStaysRefused: a copy of a refused message comes when it would be
// legal.
func TestRefusedStaysRefused(t *testing.T) {
	b := busy(t)
	refused := func(id string) {
		t.Helper()
		if err := b.receive("work", id); !errors.Is(err, engine.ErrRefused) {
			t.Errorf("%s: %v", id, err)
		}
	}
	refused("m2")
	if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "work"}); err != nil {
		t.Fatal(err)
	}
	b.work()
	refused("m2")
	if r := b.record(); r.State != "OPEN" {
		t.Errorf("state %q", r.State)
	}
	if err := b.receive("work", "m3"); err != nil {
		t.Error(err)
	}
	for range 40 {
		b.ids++
		refused("m" + time.Duration(b.ids).String())
	}
	if r := b.record(); len(r.Refused) != 16 {
		t.Errorf("%d remembered", len(r.Refused))
	}
}

// TestRefusedAfterWaitingStaysRefused: a message that our own, not yet sent,
// would have made legal is refused when the wait is over. A copy of it may
// still be waiting, and comes when ours is sent.
func TestRefusedAfterWaitingStaysRefused(t *testing.T) {
	b := newBench(t)
	b.open()
	if err := b.receive("work", "m1"); !errors.Is(err, engine.ErrRefused) {
		t.Fatalf("before the request is sent: %v", err)
	}
	b.work()
	if err := b.receive("work", "m1"); !errors.Is(err, engine.ErrRefused) {
		t.Errorf("its copy, after: %v", err)
	}
	if r := b.record(); r.State != "OPEN" {
		t.Errorf("state %q", r.State)
	}
	if err := b.receive("work", "m2"); err != nil {
		t.Error(err)
	}
}

// TestQueuedActIsGivenUp: the message it waited for is acknowledged all the
// same, and the decider asked.
func TestQueuedActIsGivenUp(t *testing.T) {
	b := busy(t)
	queued, asked := false, false
	b.answer = func(int) engine.Answer {
		if !queued {
			queued = true
			if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "bye", Reason: "bad"}); err != nil {
				t.Error(err)
			}
		}
		return engine.Answer{Status: 200}
	}
	b.domain.decide = func(r engine.Record) (engine.Decision, error) {
		asked = r.LastError != nil && r.LastError.Code == "act-dropped"
		return engine.Decision{}, nil
	}
	if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "work"}); err != nil {
		t.Fatal(err)
	}
	b.work()
	if r := b.record(); r.State != "OPEN" || len(r.Work) != 0 || !asked {
		t.Errorf("state %q, owes %v, decider asked %t", r.State, r.Work, asked)
	}
}

// TestPlannedActIsGivenUp: it was possible when it was planned, and is refused
// at its time.
func TestPlannedActIsGivenUp(t *testing.T) {
	b := busy(t)
	asked := 0
	b.domain.decide = func(engine.Record) (engine.Decision, error) { asked++; return engine.Decision{}, nil }
	act := engine.Act{Message: "work", Reason: "bad", NotBefore: b.now.Add(time.Minute)}
	if _, err := b.core.Do(t.Context(), "acme", "ours", act); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * time.Minute)
	if n := b.work(); n != 2 || asked != 1 {
		t.Errorf("%d pieces of work, decider asked %d times", n, asked)
	}
	if r := b.record(); r.State != "BUSY" || r.Planned != nil || r.LastError.Code != "act-dropped" {
		t.Errorf("state %q, planned %+v, last error %+v", r.State, r.Planned, r.LastError)
	}
}

// TestDeadlineLooksOnce: a message in doubt at its deadline may have arrived.
func TestDeadlineLooksOnce(t *testing.T) {
	for state, shown := range map[engine.State]string{"DONE": "DONE", "BUSY": "BUSY"} {
		b := busy(t)
		b.answer = func(int) engine.Answer { return engine.Answer{Err: errors.New("connection reset")} }
		act := engine.Act{Message: "done", Deadline: b.now.Add(time.Second)}
		if _, err := b.core.Do(t.Context(), "acme", "ours", act); err != nil {
			t.Fatal(err)
		}
		b.work()
		b.look = engine.Answer{Status: 200, Body: []byte(shown)}
		b.now = b.now.Add(time.Minute)
		b.work()
		if r := b.record(); r.State != state || r.Pending != nil {
			t.Errorf("the peer shows %s: state %q, pending %+v", shown, r.State, r.Pending)
		}
	}
}

// TestTheAcknowledgementWins: a message of the peer overtakes the
// acknowledgement of our first request and names another pid.
func TestTheAcknowledgementWins(t *testing.T) {
	b := newBench(t)
	b.answer = func(int) engine.Answer {
		_, err := b.core.Receive(t.Context(), engine.Inbound{
			Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "peer",
			ConsumerPID: "ours", ProviderPID: "tentative", Message: "work", MessageID: "m1", Hash: "h", Body: []byte("x"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := b.record(); r.PeerPID != "tentative" || !r.PeerPIDTentative {
			t.Errorf("before the acknowledgement the pid is %q", r.PeerPID)
		}
		return engine.Answer{Status: 201}
	}
	b.open()
	b.work()
	if r := b.record(); r.PeerPID != "their-pid" || r.PeerPIDTentative || r.State != "BUSY" {
		t.Errorf("the pid is %q (tentative %v) in state %q", r.PeerPID, r.PeerPIDTentative, r.State)
	}
}
