// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/musubi-ods/musubi/transfer"
)

// plane is a data plane that remembers what it was asked for.
type plane struct {
	mu    sync.Mutex
	calls []string
	state map[string]transfer.FlowState
	fail  error
	down  int // so many more calls fail for now

	last   string // MessageID
	counts bool   // bytes
	// soon, if set, is called in prepare and start, which then answer that it
	// takes its time; where it returns false they answer as ever.
	soon func(f transfer.Flow) bool
	// renewal are properties of the addresses that it gives.
	renewal []transfer.Property
}

// slow is the answer of a plane that will report.
func (p *plane) slow(verb string, f transfer.Flow, s transfer.FlowState) (transfer.FlowStatus, bool) {
	if p.soon == nil || !p.soon(f) {
		return transfer.FlowStatus{}, false
	}
	if f.Asked {
		verb += "?"
	}
	return transfer.FlowStatus{ID: "flow-1", State: s}, p.note(verb, f, s) == nil
}

func (p *plane) MetersBytes() bool { return p.counts }

func (p *plane) note(verb string, f transfer.Flow, s transfer.FlowState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, verb)
	p.last = f.MessageID
	if p.down > 0 {
		p.down--
		return errors.New("the plane is down")
	}
	if p.state == nil {
		p.state = map[string]transfer.FlowState{}
	}
	p.state[f.Process] = s
	return p.fail
}

func (p *plane) Prepare(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if s, ok := p.slow("prepare", f, transfer.FlowPreparing); ok {
		return s, nil
	}
	s := transfer.FlowStatus{State: transfer.FlowPrepared}
	if transfer.Push(f.Format) {
		s.DataAddress = &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://c.example/inbox"}
	}
	return s, p.note("prepare", f, transfer.FlowPrepared)
}

func (p *plane) Start(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if s, ok := p.slow("start", f, transfer.FlowStarting); ok {
		return s, nil
	}
	return p.started("start", f)
}

func (p *plane) Resume(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.started("resume", f)
}

func (p *plane) started(verb string, f transfer.Flow) (transfer.FlowStatus, error) {
	s := transfer.FlowStatus{State: transfer.FlowStarted}
	if transfer.Push(f.Format) && f.Role == "consumer" && verb == "resume" {
		s.DataAddress = &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://c.example/inbox/of-" + f.MessageID}
	}
	if !transfer.Push(f.Format) {
		s.DataAddress = &transfer.DataAddress{
			EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://p.example/data",
			Properties: append([]transfer.Property{{Name: "authorization", Value: "token-of-" + f.MessageID}, {Name: "authType", Value: "bearer"}}, p.renewal...),
		}
	}
	return s, p.note(verb, f, transfer.FlowStarted)
}

func (p *plane) Suspend(_ context.Context, f transfer.Flow) error {
	return p.note("suspend", f, transfer.FlowSuspended)
}

func (p *plane) Complete(_ context.Context, f transfer.Flow) error {
	return p.note("complete", f, transfer.FlowCompleted)
}

func (p *plane) Terminate(_ context.Context, f transfer.Flow) error {
	return p.note("terminate", f, transfer.FlowTerminated)
}

func (p *plane) Status(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: p.state[f.Process]}, nil
}

// agree fails unless both sides hold the same, and what flows fits to it.
func (w *world) agree(t interface{ Errorf(string, ...any) }, format, consumerPID, providerPID string) {
	p, c := w.p.get(w.t, providerPID), w.c.get(w.t, consumerPID)
	if p.State != c.State {
		t.Errorf("the provider is in %s, the consumer in %s\nprovider: %s\nconsumer: %s", p.State, c.State, story(p), story(c))
		return
	}
	if p.WaitingFor == "us" || c.WaitingFor == "us" || p.Pending != "" || c.Pending != "" {
		t.Errorf("something is still owed: provider %q %q, consumer %q %q", p.WaitingFor, p.Pending, c.WaitingFor, c.Pending)
	}
	run, err := w.p.svc.Running(context.Background(), "provider", providerPID)
	if (err == nil) != (p.State == "STARTED") {
		t.Errorf("in %s the provider's flow says: %v\nprovider: %s\nconsumer: %s", p.State, err, story(p), story(c))
	}
	if p.State == "STARTED" && format == pull {
		if c.DataAddress == nil || c.DataAddress.Get("authorization") != "token-of-"+run.Grant {
			t.Errorf("the consumer holds %v, the provider's grant is %s\nprovider: %s\nconsumer: %s", c.DataAddress, run.Grant, story(p), story(c))
		}
	}
	w.p.told(t, p)
	w.c.told(t, c)
}

// told fails unless the last that the side's plane was told fits the state.
func (s *side) told(t interface{ Errorf(string, ...any) }, p transfer.Process) {
	want := map[string]transfer.FlowState{"STARTED": transfer.FlowStarted, "SUSPENDED": transfer.FlowSuspended, "COMPLETED": transfer.FlowCompleted, "TERMINATED": transfer.FlowTerminated}[p.State]
	got := s.plane.state[p.ID]
	if got == transfer.FlowCompleted && p.State == "TERMINATED" {
		got = want // a termination that crossed a completion won
	}
	if got != "" && got != want {
		t.Errorf("in %s the %s's data plane is %s: %v\n%s", p.State, s.name, got, s.plane.calls, story(p))
	}
}

// story is a history in one line.
func story(p transfer.Process) string {
	var b strings.Builder
	for _, e := range p.History {
		arrow := "->"
		if e.Inbound {
			arrow = "<-"
		}
		fmt.Fprintf(&b, "%s %s %s; ", arrow, strings.TrimSuffix(strings.TrimPrefix(e.Message, "Transfer"), "Message"), e.Outcome)
	}
	if p.LastError != nil {
		fmt.Fprintf(&b, "last error %s: %s", p.LastError.Code, p.LastError.Reason)
	}
	return b.String()
}
