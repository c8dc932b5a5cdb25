// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// doubtful is a plane that does what it is asked, and whose answers to one verb
// get lost. From the given call on it refuses, if it is to.
type doubtful struct {
	*plane
	verb    string
	refuses int
	calls   int
	mute    bool // it names no address
}

func (p *doubtful) lost(verb string, s transfer.FlowStatus, err error) (transfer.FlowStatus, error) {
	if verb != p.verb || err != nil {
		return s, err
	}
	if p.mute {
		s.DataAddress = nil
		return s, nil
	}
	if p.calls++; p.refuses > 0 && p.calls >= p.refuses {
		return s, transfer.Refuse("no-capacity", "no capacity is left")
	}
	return s, errors.New("timed out")
}

func (p *doubtful) Prepare(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	s, err := p.plane.Prepare(ctx, f)
	return p.lost("prepare", s, err)
}

func (p *doubtful) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	s, err := p.plane.Start(ctx, f)
	return p.lost("start", s, err)
}

func (p *doubtful) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	s, err := p.plane.Resume(ctx, f)
	return p.lost("resume", s, err)
}

// TestGivenUpIsUndone: a plane that may have taken a call that is given up is
// told that nothing follows; one that refused the only try is left alone.
func TestGivenUpIsUndone(t *testing.T) {
	for name, tc := range map[string]struct {
		format  string
		plane   doubtful
		told    string // after the calls of the verb
		rests   transfer.FlowState
		stopped string
	}{
		"a start, after many tries":     {pull, doubtful{verb: "start"}, "terminate", transfer.FlowTerminated, "failed to start"},
		"a start, refused in the end":   {pull, doubtful{verb: "start", refuses: 2}, "terminate", transfer.FlowTerminated, "no capacity"},
		"a start, refused at once":      {pull, doubtful{verb: "start", refuses: 1}, "", transfer.FlowStarted, "no capacity"},
		"a prepare, after many tries":   {pull, doubtful{verb: "prepare"}, "terminate", transfer.FlowTerminated, "failed to prepare"},
		"a prepare, refused in the end": {pull, doubtful{verb: "prepare", refuses: 2}, "terminate", transfer.FlowTerminated, "no capacity"},
		"a prepare, refused at once":    {pull, doubtful{verb: "prepare", refuses: 1}, "", transfer.FlowPrepared, "no capacity"},
		"a prepare without an address":  {push, doubtful{verb: "prepare", mute: true}, "terminate", transfer.FlowTerminated, "no address"},
		"a resume, after many tries":    {pull, doubtful{verb: "resume"}, "suspend terminate", transfer.FlowTerminated, "failed to resume"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.format, false)
			s, role := w.p, "provider"
			if tc.plane.verb == "prepare" {
				s, role = w.c, "consumer"
			}
			tc.plane.plane = s.plane
			s.set.Builtin(tc.format, role, &tc.plane)
			consumerPID, providerPID := w.open(tc.format)
			id := consumerPID
			if role == "provider" {
				id = providerPID
			}
			if tc.plane.verb == "resume" {
				w.acts(w.p, id, negotiation.Suspend)
				w.settle()
				w.acts(w.p, id, negotiation.Start)
				w.settle()
			}
			p := s.get(t, id)
			if p.State != "TERMINATED" || p.WaitingFor != "" || !strings.Contains(p.StoppedFor, tc.stopped) {
				t.Errorf("it is %s and waits for %q: %s, %+v", p.State, p.WaitingFor, p.StoppedFor, p.LastError)
			}
			_, told, _ := strings.Cut(strings.Join(s.plane.calls, " "), tc.plane.verb)
			if told = strings.TrimSpace(strings.ReplaceAll(told, " "+tc.plane.verb, "")); told != tc.told {
				t.Errorf("then the plane was told %q, want %q", told, tc.told)
			}
			if n := tc.plane.calls; tc.plane.refuses == 0 && !tc.plane.mute && (n < 200 || n > 300) {
				t.Errorf("it was given up after %d tries", n) // only what stops a flow is asked for without end
			}
			if got := s.plane.state[id]; got != tc.rests {
				t.Errorf("the plane has the flow in %s, want %s", got, tc.rests)
			}
		})
	}
}

// TestUndoneOfUnknownPlane: a plane that never said that it has the flow, and
// that nobody knows any more, is not looked for without end.
func TestUndoneOfUnknownPlane(t *testing.T) {
	w := newWorld(t, push, false) // of pulls there is no built-in plane
	w.p.set.Put(transfer.Member{Name: "tokyo", Formats: []string{pull}, Plane: &doubtful{plane: w.p.plane, verb: "start"}})
	p, err := w.c.svc.Request(t.Context(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	for len(w.p.plane.calls) == 0 {
		if !w.claim(w.c) && !w.deliver() && !w.claim(w.p) {
			t.Fatal("nothing is started")
		}
	}
	w.p.set.Remove("", "tokyo")
	began := w.now
	w.settle()
	if c := w.c.get(t, p.ID); c.State != "TERMINATED" {
		t.Errorf("it is %s", c.State)
	}
	if after := w.now.Sub(began); after < time.Hour {
		t.Errorf("it was looked for no longer than %v", after)
	}
}
