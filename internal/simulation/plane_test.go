// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// plane is a side's data plane. It outlives the crashes of its connector, and
// keeps the contract: each verb has its effect once.
type plane struct {
	side    *side
	flows   map[string]transfer.FlowState  // by process
	results map[string]transfer.FlowStatus // by call
	undone  map[string]bool                // processes that were not over when their flow was terminated
	tokens  int
}

func newPlane(s *side) *plane {
	return &plane{side: s, flows: map[string]transfer.FlowState{}, results: map[string]transfer.FlowStatus{}, undone: map[string]bool{}}
}

// Plane implements transfer.Planes.
func (p *plane) Plane(_, _, role string) (transfer.DataPlane, bool) {
	return p, role == string(engine.Provider) || p.side.world.plan.planes
}

// call makes one call with a point for a crash before and after it.
func (p *plane) call(f transfer.Flow, verb string, to transfer.FlowState, address bool) (transfer.FlowStatus, error) {
	w := p.side.world
	w.pause()
	if p.side.dead() {
		return transfer.FlowStatus{}, errCrashed
	}
	if limit := w.running.limit; !limit.IsZero() && !w.now.Before(limit) {
		return transfer.FlowStatus{}, context.DeadlineExceeded // as in the product, nothing is asked any more
	}
	if !w.calm && w.chance(0.05) {
		w.sayf("%s: data plane fails to %s", p.side.name, verb)
		return transfer.FlowStatus{}, errors.New("the data plane is busy")
	}
	result, known := p.results[f.MessageID]
	if known && p.refuses(to) {
		w.sayf("%s: data plane will not %s any more", p.side.name, verb)
		return transfer.FlowStatus{}, transfer.Refuse("no-capacity", "no capacity is left")
	}
	if !known {
		was := p.flows[f.Process]
		ended := was == transfer.FlowCompleted || was == transfer.FlowTerminated
		switch {
		case ended && to == transfer.FlowStarted && p.undone[f.Process]:
			return transfer.FlowStatus{}, transfer.Refuse("flow-ended", "there was such a flow")
		case ended && (to == transfer.FlowStarted || to == transfer.FlowSuspended):
			w.breaksf("%s: data plane: %s after %s", p.side.name, verb, was)
		}
		if r, _ := p.side.process(engine.Transfer); to == transfer.FlowTerminated && !r.Final {
			p.undone[f.Process] = true
		}
		if !ended {
			p.flows[f.Process] = to
		}
		result.State = to
		if address {
			p.tokens++
			result.DataAddress = &transfer.DataAddress{
				EndpointType: transfer.EndpointTypeHTTP, Endpoint: p.side.own.PublicURL + "/data",
				Properties: []transfer.Property{{Name: transfer.PropertyAuthorization, Value: f.MessageID}},
			}
		}
		p.results[f.MessageID] = result
	}
	w.sayf("%s: data plane: %s", p.side.name, verb)
	w.pause()
	switch {
	case p.side.dead():
		return transfer.FlowStatus{}, errCrashed
	case !w.calm && w.chance(0.02):
		w.sayf("%s: the data plane's answer to %s is lost", p.side.name, verb)
		return transfer.FlowStatus{}, errReset
	}
	return result, nil
}

// refuses reports whether what was done, while nobody heard of it, is refused
// when it is asked for again: then it has to be undone.
func (p *plane) refuses(to transfer.FlowState) bool {
	w := p.side.world
	begins := to == transfer.FlowPrepared || to == transfer.FlowStarted
	return begins && !w.calm && w.chance(0.1)
}

// dead reports whether the running activity is one of a dead incarnation.
func (s *side) dead() bool {
	t := s.world.running
	return !s.up || t != nil && t.life != s.life
}

// Prepare implements transfer.DataPlane.
func (p *plane) Prepare(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call(f, "prepare", transfer.FlowPrepared, true)
}

// Start implements transfer.DataPlane.
func (p *plane) Start(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call(f, "start", transfer.FlowStarted, p.grants(f))
}

// Resume implements transfer.DataPlane.
func (p *plane) Resume(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call(f, "resume", transfer.FlowStarted, p.grants(f))
}

func (p *plane) grants(f transfer.Flow) bool {
	return f.Role == string(engine.Provider) && !transfer.Push(f.Format)
}

// Suspend implements transfer.DataPlane.
func (p *plane) Suspend(_ context.Context, f transfer.Flow) error {
	_, err := p.call(f, "suspend", transfer.FlowSuspended, false)
	return err
}

// Complete implements transfer.DataPlane.
func (p *plane) Complete(_ context.Context, f transfer.Flow) error {
	_, err := p.call(f, "complete", transfer.FlowCompleted, false)
	return err
}

// Terminate implements transfer.DataPlane.
func (p *plane) Terminate(_ context.Context, f transfer.Flow) error {
	_, err := p.call(f, "terminate", transfer.FlowTerminated, false)
	return err
}

// Status implements transfer.DataPlane.
func (p *plane) Status(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: p.flows[f.Process]}, nil
}
