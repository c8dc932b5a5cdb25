// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// tell has the plane of a side report on a process.
func (s *side) tell(id string, sig transfer.Signal) error {
	sig.Context, sig.Process = s.name, id
	return s.svc.Signal(context.Background(), sig)
}

var reported = &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://p.example/reported"}

// TestReportedStart: what the plane reports is the outcome of the call, whether
// it comes before the plane's answer was taken or after, and the plane is not
// asked to start again.
func TestReportedStart(t *testing.T) {
	for name, tc := range map[string]struct {
		when  int // in which call it reports
		calls string
	}{
		"before the answer":     {1, "start"},
		"after the answer":      {2, "start start?"},
		"long after the answer": {9, "start" + strings.Repeat(" start?", 8)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			calls := 0
			w.p.plane.soon = func(f transfer.Flow) bool {
				if calls++; calls == tc.when {
					for range 2 { // twice is once
						if err := w.p.tell(f.Process, transfer.Signal{State: transfer.FlowStarted, FlowID: "flow-1", DataAddress: reported}); err != nil {
							t.Error(err)
						}
					}
				}
				return true
			}
			consumerPID, providerPID := w.open(pull)
			p, c := w.p.get(t, providerPID), w.c.get(t, consumerPID)
			if p.State != "STARTED" || p.FlowID != "flow-1" || c.DataAddress == nil || c.DataAddress.Endpoint != reported.Endpoint {
				t.Errorf("in %s, the flow is %q, and the consumer has %v", p.State, p.FlowID, c.DataAddress)
			}
			if got := strings.Join(w.p.plane.calls, " "); got != tc.calls {
				t.Errorf("the plane was called %q, want %q", got, tc.calls)
			}
		})
	}
}

// TestReportedTooSoon: nothing begins because a plane says so that was not asked.
func TestReportedTooSoon(t *testing.T) {
	w := newWorld(t, pull, false)
	p, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	for w.deliver() || w.claim(w.c) { // the provider has it
	}
	if !w.claim(w.p) { // and has decided to start
		t.Fatal("the provider has nothing to decide")
	}
	list, err := w.p.svc.List(t.Context(), "provider", transfer.Filter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, s := range []transfer.FlowState{transfer.FlowStarted, transfer.FlowPrepared} {
		if err := w.p.tell(list[0].ID, transfer.Signal{State: s, DataAddress: reported}); err != nil {
			t.Error(err)
		}
	}
	w.settle()
	if c := w.c.get(t, p.ID); c.DataAddress == nil || c.DataAddress.Endpoint == reported.Endpoint {
		t.Errorf("the consumer was given %v", c.DataAddress)
	}
}

// TestConsumersPlane: it sees prepare before the request, start once the
// provider has started, and the rest.
func TestConsumersPlane(t *testing.T) {
	for _, format := range []string{pull, push} {
		w := newWorld(t, format, false)
		w.c.set.Builtin(format, "consumer", w.c.plane)
		p, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: format})
		if err != nil {
			t.Fatal(err)
		}
		w.settle()
		for _, act := range []struct{ who, act string }{{"c", "suspend"}, {"c", "start"}, {"p", "complete"}} {
			if act.who == "c" {
				err = w.do(w.c, p.ID, negotiation.Act(act.act))
			} else {
				err = w.do(w.p, w.c.get(t, p.ID).PeerPID, negotiation.Act(act.act))
			}
			if err != nil {
				t.Fatalf("%v: %v", act, err)
			}
		}
		if got, want := strings.Join(w.c.plane.calls, " "), "prepare start suspend resume complete"; got != want {
			t.Errorf("%s: the consumer's plane was called %q, want %q", format, got, want)
		}
	}
}

// TestPushResumedAtAnotherAddress: the consumer's own plane gives the provider a
// fresh address with the consumer's start. A start of the provider has no place
// for one.
func TestPushResumedAtAnotherAddress(t *testing.T) {
	w := newWorld(t, push, false)
	w.c.set.Builtin(push, "consumer", w.c.plane)
	c, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: push})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	providerPID := w.c.get(t, c.ID).PeerPID
	seen := []string{w.p.get(t, providerPID).DataAddress.Endpoint}
	for _, who := range []string{"c", "c", "p"} {
		side, id := w.c, c.ID
		if who == "p" {
			side, id = w.p, providerPID
		}
		for _, act := range []negotiation.Act{"suspend", "start"} {
			if err := w.do(side, id, act); err != nil {
				t.Fatalf("%s of %s: %v", act, who, err)
			}
		}
		to, from := w.p.get(t, providerPID), w.c.get(t, c.ID)
		if to.State != "STARTED" || from.State != "STARTED" || to.DataAddress.Endpoint != from.DataAddress.Endpoint {
			t.Fatalf("the provider in %s pushes to %v, the consumer in %s takes at %v", to.State, to.DataAddress, from.State, from.DataAddress)
		}
		if got := to.DataAddress.Endpoint; slices.Contains(seen, got) != (who == "p") {
			t.Errorf("resumed by %s it is pushed to %s, after %v", who, got, seen)
		}
		seen = append(seen, to.DataAddress.Endpoint)
	}
	if got, want := strings.Join(w.c.plane.calls, " "), "prepare start"+strings.Repeat(" suspend resume", 3); got != want {
		t.Errorf("the consumer's plane was called %q, want %q", got, want)
	}
}

// TestReportedCompletion: a plane that is done has its transfer completed, once
// that is possible.
func TestReportedCompletion(t *testing.T) {
	done := transfer.Signal{State: transfer.FlowCompleted}
	for name, tc := range map[string]struct {
		before string
		want   string
	}{
		"of what runs":         {"", "COMPLETED"},
		"of what is suspended": {"suspend", "SUSPENDED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			consumerPID, providerPID := w.open(pull)
			if tc.before != "" {
				if err := w.do(w.c, consumerPID, negotiation.Act(tc.before)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := w.p.tell(providerPID, done); err != nil {
					t.Fatal(err)
				}
			}
			w.settle()
			if got := w.p.get(t, providerPID).State; got != tc.want {
				t.Errorf("state %s, want %s", got, tc.want)
			}
			if tc.before != "" {
				if err := w.do(w.c, consumerPID, "start"); err != nil {
					t.Fatal(err)
				}
			}
			if p, c := w.p.get(t, providerPID), w.c.get(t, consumerPID); p.State != "COMPLETED" || c.State != "COMPLETED" {
				t.Errorf("the provider is in %s, the consumer in %s", p.State, c.State)
			}
			if err := w.p.tell(providerPID, done); err != nil {
				t.Errorf("said again at the end: %v", err)
			}
			if calls := w.p.plane.calls; calls[len(calls)-1] != "complete" || strings.Count(strings.Join(calls, " "), "complete") != 1 {
				t.Errorf("the plane was called %v", calls)
			}
		})
	}
}

// TestReportedCompletionDuringStart: a plane that is done before its start was
// taken has not been forgotten.
func TestReportedCompletionDuringStart(t *testing.T) {
	w := newWorld(t, push, false)
	w.p.plane.soon = func(f transfer.Flow) bool {
		if err := w.p.tell(f.Process, transfer.Signal{State: transfer.FlowCompleted}); err != nil {
			t.Error(err)
		}
		return false
	}
	consumerPID, providerPID := w.open(push)
	if p, c := w.p.get(t, providerPID), w.c.get(t, consumerPID); p.State != "COMPLETED" || c.State != "COMPLETED" {
		t.Errorf("the provider is in %s, the consumer in %s: %s", p.State, c.State, story(p))
	}
}

// TestReportedFault: it is shown, and changes nothing else.
func TestReportedFault(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, providerPID := w.open(pull)
	for range 2 {
		if err := w.p.tell(providerPID, transfer.Signal{Error: "the disk is\nfull" + strings.Repeat("!", 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	w.settle()
	p := w.p.get(t, providerPID)
	if p.State != "STARTED" || !p.Open || p.LastError == nil || p.LastError.Code != transfer.FaultReported ||
		!strings.Contains(p.LastError.Reason, "the disk is full!") || len(p.LastError.Reason) > 400 {
		t.Errorf("in %s, open: %v, last error: %+v", p.State, p.Open, p.LastError)
	}
	if err := w.do(w.c, consumerPID, "suspend"); err != nil {
		t.Fatal(err)
	}
	if err := w.do(w.c, consumerPID, "start"); err != nil {
		t.Fatal(err)
	}
	w.agree(t, pull, consumerPID, providerPID)
	entries := 0
	for _, e := range w.p.journal(t) {
		if e.Event == "transfer.dataplane.errored" {
			entries++
		}
	}
	if entries != 1 {
		t.Errorf("the journal has it %d times", entries)
	}
}

// TestSignalOfAnother: a transfer of another participant, or of none, is not
// told anything.
func TestSignalOfAnother(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, _ := w.open(pull)
	for _, id := range []string{"nobody's", consumerPID} {
		if err := w.p.tell(id, transfer.Signal{State: transfer.FlowCompleted}); !errors.Is(err, transfer.ErrNoTransfer) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestFlowStays: a flow stays with the plane that it was given, although that
// would not be chosen any more.
func TestFlowStays(t *testing.T) {
	w := newWorld(t, pull, false)
	first, second := &plane{}, &plane{}
	member := transfer.Member{Name: "first", Formats: []string{pull}, Plane: first}
	w.p.set.Put(member)
	consumerPID, providerPID := w.open(pull)
	member.Retired = true
	w.p.set.Put(member)
	w.p.set.Put(transfer.Member{Name: "second", Formats: []string{pull}, Plane: second})
	for _, act := range []string{"suspend", "start", "complete"} {
		if err := w.do(w.c, consumerPID, negotiation.Act(act)); err != nil {
			t.Fatalf("%s: %v", act, err)
		}
	}
	if got := strings.Join(first.calls, " "); got != "start suspend resume complete" || len(second.calls) > 0 || len(w.p.plane.calls) > 0 {
		t.Errorf("the first plane was called %q, the second %q, the built-in one %q", got, second.calls, w.p.plane.calls)
	}
	if p := w.p.get(t, providerPID); p.Plane != "first" {
		t.Errorf("the transfer names the plane %q", p.Plane)
	}
}

// TestSet: which plane a flow is given.
func TestSet(t *testing.T) {
	s := transfer.NewSet()
	s.Builtin(pull, "provider", &plane{})
	never := func() bool { return false }
	for _, m := range []transfer.Member{
		{Name: "eu", Formats: []string{push}, Labels: []string{"eu", "fast"}, Plane: &plane{}},
		{Name: "jp", Formats: []string{push}, Labels: []string{"jp"}, Plane: &plane{}},
		{Name: "down", Formats: []string{push, "ftp"}, Labels: []string{"jp", "ftp"}, Ready: never, Plane: &plane{}},
		{Name: "acme", Context: "acme", Formats: []string{"mqtt"}, Roles: []string{"consumer"}, Plane: &plane{}},
		{Name: "old", Formats: []string{"old"}, Retired: true, Plane: &plane{}},
	} {
		s.Put(m)
	}
	for _, tt := range []struct {
		context, format, role string
		labels                []string
		want                  string
	}{
		{"acme", pull, "provider", nil, ""},
		{"acme", pull, "consumer", nil, "none"},
		{"acme", pull, "provider", []string{"jp"}, "none"},
		{"acme", push, "provider", []string{"eu"}, "eu"},
		{"acme", push, "provider", []string{"fast", "eu"}, "eu"},
		{"acme", push, "provider", []string{"eu", "jp"}, "none"},
		{"acme", push, "consumer", []string{"jp"}, "jp"}, // the other is not ready
		{"acme", "ftp", "consumer", nil, "down"},         // there is no other
		{"acme", "mqtt", "consumer", nil, "acme"},
		{"acme", "mqtt", "provider", nil, "none"},
		{"zeta", "mqtt", "consumer", nil, "none"},
		{"acme", "old", "provider", nil, "none"},
	} {
		got, ok := s.Choose(transfer.Flow{Context: tt.context, Process: "p", Format: tt.format, Role: tt.role, Labels: tt.labels})
		if !ok {
			got = "none"
		}
		if got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
	given := map[string]int{}
	for i := range 100 {
		name, _ := s.Choose(transfer.Flow{Format: push, Role: "provider", Process: string(rune('a' + i))})
		given[name]++
	}
	if given["eu"] < 20 || given["jp"] < 20 || len(given) != 2 {
		t.Errorf("a hundred flows were given to %v", given)
	}
	if _, ok := s.Named("zeta", "acme"); ok {
		t.Error("another participant's plane was found")
	}
}

// journal are the rows of a side's journal.
func (s *side) journal(t *testing.T) []engine.Entry {
	t.Helper()
	if _, err := s.store.Sequence(t.Context(), "test", s.w.now, 1000); err != nil {
		t.Fatal(err)
	}
	rows, err := s.store.For(s.name).Journal(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestConsumersPlaneRefuses: what the consumer's plane cannot do ends the
// transfer, and the provider learns why.
func TestConsumersPlaneRefuses(t *testing.T) {
	w := newWorld(t, pull, false)
	w.c.set.Builtin(pull, "consumer", w.c.plane)
	p, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	for len(w.c.plane.calls) == 0 {
		if !w.claim(w.c) {
			t.Fatal("nothing is prepared")
		}
	}
	w.c.plane.fail = transfer.Refuse("address-unusable", "the address cannot be renewed")
	w.settle()
	c := w.c.get(t, p.ID)
	if got := w.p.get(t, c.PeerPID); c.State != "TERMINATED" || got.State != "TERMINATED" || !strings.Contains(got.StoppedFor, "cannot be renewed") {
		t.Errorf("the consumer is in %s, the provider in %s, stopped for %q", c.State, got.State, got.StoppedFor)
	}
}

// TestGrantOfAPush: whoever resumes a push, the grant is the resumption that the
// provider's plane was told of.
func TestGrantOfAPush(t *testing.T) {
	for _, who := range []string{"p", "c"} {
		w := newWorld(t, push, false)
		consumerPID, providerPID := w.open(push)
		side, id := w.p, providerPID
		if who == "c" {
			side, id = w.c, consumerPID
		}
		for _, act := range []negotiation.Act{"suspend", "start"} {
			if err := w.do(side, id, act); err != nil {
				t.Fatal(err)
			}
		}
		run, err := w.p.svc.Running(t.Context(), "provider", providerPID)
		if err != nil || run.Grant == "" || run.Grant != w.p.plane.last {
			t.Errorf("resumed by %s: the grant is %q, the plane was told %q: %v", who, run.Grant, w.p.plane.last, err)
		}
	}
}
