// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// work does what is due, and waits until what it tells was told.
func (s *scene) work(tells int) {
	s.t.Helper()
	if _, err := s.Work(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	for range tells {
		<-s.heeds
	}
	s.Close() // until what came of it is kept
	s.open()
}

func (s *scene) told() []string { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.heard) }

func (s *scene) state(want transfer.FlowState) {
	s.t.Helper()
	if _, got, _ := s.post("/dataflows/p/status", ""); got.State != want {
		s.t.Errorf("the flow is %s, want %s", got.State, want)
	}
}

// TestAsync: a flow that is begun later is reported, until that was heard.
func TestAsync(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, profile, kind string
		soon, done          transfer.FlowState
	}{
		{"/dataflows/start", "x-pull", "started", transfer.FlowStarting, transfer.FlowStarted},
		{"/dataflows/prepare", "x-push", "prepared", transfer.FlowPreparing, transfer.FlowPrepared},
	} {
		s := newScene(t)
		s.async = true
		status, got, _ := s.post(c.path, ask("p", "m", c.profile, ""))
		if status != 202 || got.State != c.soon || got.DataAddress != nil {
			t.Fatal(status, got)
		}
		s.says(func(string) (int, string, error) { return 0, "", errors.New("no route") })
		s.work(0) // begins
		s.work(1) // reports in vain
		s.state(c.done)
		s.work(0) // not yet again
		s.says(func(string) (int, string, error) { return 200, "", nil })
		s.turn(fast)
		s.work(1)
		s.turn(time.Hour)
		s.work(0)
		want := "POST /transfers/p/dataflow/" + c.kind
		if heard := s.told(); !slices.Equal(heard, []string{want, want}) {
			t.Error(heard)
		}
		s.state(c.done)
	}
}

// TestAsyncRefused: that it will never be is said too.
func TestAsyncRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.async = true
	s.post("/dataflows/start", ask("p", "m", "x-pull", ""))
	s.plane.fail = transfer.Refuse("dataset-unknown", "no such dataset")
	s.work(0)
	s.work(1)
	if heard := s.told(); len(heard) != 1 || !strings.HasSuffix(heard[0], "/errored") {
		t.Error(heard)
	}
	s.state(transfer.FlowTerminated)
}

// TestCompletes: what has nothing to move is done after a second, and stays
// STARTED until the control plane heard of it.
func TestCompletes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.whole = true
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	s.says(func(string) (int, string, error) { return 404, "", nil })
	s.turn(settling - time.Millisecond)
	s.work(0)
	s.turn(time.Millisecond)
	for range 3 {
		s.work(1)
		s.state(transfer.FlowStarted)
		s.turn(fast)
	}
	s.says(func(string) (int, string, error) { return 200, "", nil })
	s.work(1)
	s.state(transfer.FlowCompleted)
	if status, got, _ := s.post("/dataflows/p/completed", "{}"); status != 200 || got.State != transfer.FlowCompleted {
		t.Error(status, got)
	}
	s.turn(time.Hour)
	s.work(0)
	if heard := s.told(); len(heard) != 4 {
		t.Error(heard)
	}
}

// TestCancelled: whoever stops a flow wants to hear no more of it.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"suspend", "terminate", "completed"} {
		s := newScene(t)
		s.whole = true
		s.post("/dataflows/start", ask("p", "m", "x-push", address))
		if status, _, _ := s.post("/dataflows/p/"+verb, told("m2")); status != 200 {
			t.Fatal(status)
		}
		s.turn(time.Hour)
		s.work(0)
		if heard := s.told(); len(heard) != 0 {
			t.Errorf("%s: %v", verb, heard)
		}
		if verb != "suspend" {
			continue
		}
		s.post("/dataflows/p/resume", told("m3")) // and is told again
		s.turn(settling)
		s.work(1)
		s.state(transfer.FlowCompleted)
	}
}

// TestStoppedMeanwhile: what is being told does not undo what came since.
func TestStoppedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.whole = true
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	s.turn(settling)
	s.says(func(string) (int, string, error) {
		s.post("/dataflows/p/suspend", told("m2"))
		return 200, "", nil
	})
	s.work(1)
	s.state(transfer.FlowSuspended)
}

// TestPauses: patience first, then less and less often.
func TestPauses(t *testing.T) {
	t.Parallel()
	r := Report{First: time.Unix(1000, 0)}
	last := time.Duration(0)
	for age := time.Duration(0); age < giveUp; age += max(pause(r, r.First.Add(age)), time.Second) {
		p := pause(r, r.First.Add(age))
		switch {
		case age < patient && p != fast, p < last, p > slowest:
			t.Fatalf("after %v: %v", age, p)
		}
		last = p
	}
	if last != slowest {
		t.Error(last)
	}
}

// begunUnanswered is a start that failed for the control plane, and that was
// taken up by the server itself since: it owes what came of it.
func begunUnanswered(t *testing.T, meanwhile error) *scene {
	t.Helper()
	s := newScene(t)
	s.whole = true
	s.plane.fail = errors.New("disk full")
	if status, _, code := s.post("/dataflows/start", ask("p", "m", "x-push", address)); status != 503 {
		t.Fatal(status, code)
	}
	s.plane.fail = meanwhile
	s.turn(lease)
	s.work(0)
	return s
}

// TestStartRepeatedLate: a start that comes again after the flow was begun by
// itself is answered, sets nothing off, and what is owed is told.
func TestStartRepeatedLate(t *testing.T) {
	t.Parallel()
	s := begunUnanswered(t, nil)
	calls := len(s.plane.said())
	for range 2 {
		if status, got, code := s.post("/dataflows/start", ask("p", "m", "x-push", address)); status != 200 || got.State != transfer.FlowStarted {
			t.Error(status, got, code)
		}
	}
	if now := s.plane.said(); len(now) != calls {
		t.Errorf("the plane was called again: %v", now)
	}
	s.work(1)
	s.turn(settling)
	s.work(1)
	if heard := s.told(); len(heard) != 2 || !strings.HasSuffix(heard[0], "/started") || !strings.HasSuffix(heard[1], "/completed") {
		t.Error(heard)
	}
	s.state(transfer.FlowCompleted)
}

// TestStartRepeatedAfterEnd: nothing runs again that ended before its start was
// answered: because the plane refused it, or because it was stopped.
func TestStartRepeatedAfterEnd(t *testing.T) {
	t.Parallel()
	s := begunUnanswered(t, transfer.Refuse("dataset-unknown", "no such dataset"))
	s.plane.fail = nil
	for range 2 {
		if status, _, code := s.post("/dataflows/start", ask("p", "m", "x-push", address)); status != 422 || code != "flow-terminated" {
			t.Error(status, code)
		}
	}
	s.state(transfer.FlowTerminated)

	s = begunUnanswered(t, nil)
	s.plane.fail = errors.New("disk full")
	if status, _, _ := s.post("/dataflows/p/suspend", told("m2")); status != 503 {
		t.Error(status)
	}
	s.plane.fail = nil
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	if _, err := s.Running(t.Context(), "cp", "p"); !errors.Is(err, transfer.ErrSuspended) {
		t.Error(err)
	}
	if status, _, code := s.post("/dataflows/prepare", ask("p", "m", "x-push", "")); status != 400 || code != "message-reused" {
		t.Error(status, code)
	}
}

// TestStartOwing: what a flow that is not ready owes is told after its start
// came again too.
func TestStartOwing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.plane.fail = errors.New("disk full")
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	if err := s.Signal(t.Context(), transfer.Signal{Context: "cp", Process: "p", Error: "the disk is full"}); err != nil {
		t.Fatal(err)
	}
	s.plane.fail = nil
	if status, got, code := s.post("/dataflows/start", ask("p", "m", "x-push", address)); status != 200 {
		t.Fatal(status, got, code)
	}
	s.work(1)
	if heard := s.told(); len(heard) != 1 || !strings.HasSuffix(heard[0], "/errored") {
		t.Error(heard)
	}
}

// TestSignal: a plane that moves something says when it is done.
func TestSignal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	for range 2 { // once is enough, and twice does no harm
		if err := s.Signal(t.Context(), transfer.Signal{Context: "cp", Process: "p", State: transfer.FlowCompleted}); err != nil {
			t.Fatal(err)
		}
	}
	s.turn(settling)
	s.work(1)
	s.state(transfer.FlowCompleted)
	if err := s.Signal(t.Context(), transfer.Signal{Context: "cp", Process: "none", State: transfer.FlowCompleted}); !errors.Is(err, transfer.ErrNoTransfer) {
		t.Error(err)
	}
}

// TestStopEndsWhoReports: a plane that is stopped waits for what it is moving. If
// that is just saying that it is done, it does not wait for the stop in turn.
func TestStopEndsWhoReports(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.post("/dataflows/start", ask("p", "m", "x-push", address))
	s.plane.stops = func(ctx context.Context) {
		moving, end := context.WithCancel(ctx)
		said := make(chan error, 1)
		go func() {
			said <- s.Signal(moving, transfer.Signal{Context: "cp", Process: "p", State: transfer.FlowCompleted})
		}()
		end()
		select {
		case err := <-said:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("what was said was answered with %v", err)
			}
		case <-ctx.Done():
			t.Error("the stop waits for who reports, and that for the stop")
		}
	}
	if status, _, code := s.post("/dataflows/p/suspend", told("s")); status != 200 {
		t.Error(status, code)
	}
	s.state(transfer.FlowSuspended)
}

// TestAnotherIsFaster: of two processes on one store the one that comes second
// has nothing to do, and that is no failure.
func TestAnotherIsFaster(t *testing.T) {
	t.Parallel()
	for _, why := range []error{ErrFlowChanged, errors.New("no store")} {
		s := newScene(t)
		s.async = true
		if status, _, code := s.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 202 {
			t.Fatal(status, code)
		}
		s.cfg.Flows = unwritable{s.flows, why}
		next, err := s.Work(t.Context())
		if faster := errors.Is(why, ErrFlowChanged); (err == nil) != faster || next.IsZero() {
			t.Errorf("where it is that %v: %v, next at %v", why, err, next)
		}
	}
}
