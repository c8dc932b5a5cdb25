// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// request makes a flow: it was asked for by prepare or start.
func (s *Server) request(ctx context.Context, from, verb, role string, m *FlowRequest) (answer, error) {
	defer s.locks.lock(from, m.ProcessID)()
	known, err := s.cfg.Flows.Flow(ctx, from, m.ProcessID)
	switch {
	case err == nil:
		return repeated(&known, verb, m.MessageID)
	case !errors.Is(err, ErrNoFlow):
		return answer{}, err
	}
	f, err := s.newFlow(from, verb, role, m)
	if err != nil {
		return answer{}, err
	}
	plane, ok := s.cfg.Planes.Plane(f.Asked.Context, f.Asked.Format, role)
	if !ok {
		return answer{}, fault{http.StatusBadRequest, "profile-unsupported", fmt.Sprintf("this data plane does not serve the profile %.200q", m.Profile), "ask for one that it serves"}
	}
	f.Due = f.Began
	if !s.cfg.Async(f.Asked) {
		status, err := begin(ctx, plane, f.Asked, verb)
		if err != nil {
			return answer{}, err
		}
		s.begun(&f, status, verb)
	}
	a := answer{status: http.StatusOK, message: m.MessageID, flow: f.ID, state: f.State, address: f.Given}
	if pending(f.State) {
		a.status = http.StatusAccepted
	}
	f.answered(Said{MessageID: m.MessageID, Verb: verb, Status: a.status, State: a.state, Address: a.address})
	err = s.cfg.Flows.AddFlow(ctx, f)
	s.changed(&f)
	return a, err
}

// newFlow is what the message asks for.
func (s *Server) newFlow(from, verb, role string, m *FlowRequest) (Flow, error) {
	contextID, ok := s.cfg.Context(from, m.ParticipantID)
	if !ok {
		return Flow{}, fault{http.StatusBadRequest, "participant-unknown", fmt.Sprintf("this data plane does not serve the participant %.200q", m.ParticipantID), "ask for one that it is configured to serve"}
	}
	push := transfer.Push(m.Profile)
	switch {
	case verb == verbStart && push && m.DataAddress == nil:
		return Flow{}, fault{http.StatusBadRequest, "address-missing", "a push needs the address to push to", "send the dataAddress that the consumer gave"}
	case m.DataAddress != nil && (verb == verbPrepare || !push):
		return Flow{}, fault{http.StatusBadRequest, "address-unexpected", "there is no place for a dataAddress here", "leave it out: the data plane gives one"}
	}
	now := s.cfg.Now()
	f := Flow{
		ID: m.ProcessID, ControlPlane: from, Version: 1, State: transfer.FlowPreparing, Asked: m.Flow(contextID, role),
		Began: now, Changed: now,
	}
	if verb == verbStart {
		f.State = transfer.FlowStarting
	}
	return f, nil
}

// repeated answers a message about a flow that there is already.
func repeated(f *Flow, verb, messageID string) (answer, error) {
	said, ok := f.said(messageID)
	switch {
	case !ok && (verb == verbPrepare || verb == verbStart):
		return answer{}, errExists
	case !ok:
		return answer{}, ErrNoFlow
	case said.Verb != verb:
		return answer{}, errReused
	}
	return answer{status: said.Status, message: messageID, flow: f.ID, state: said.State, address: said.Address}, nil
}

// begin calls the plane. A push to be sent gets its address; a pull gives one.
func begin(ctx context.Context, plane transfer.DataPlane, f transfer.Flow, verb string) (transfer.FlowStatus, error) {
	if verb == verbPrepare {
		return plane.Prepare(ctx, f)
	}
	return plane.Start(ctx, f)
}

// begun takes what the plane answered. One that is not ready is asked again.
func (s *Server) begun(f *Flow, status transfer.FlowStatus, verb string) {
	f.Given, f.Grant, f.Changed, f.Due = status.DataAddress, f.Asked.MessageID, s.cfg.Now(), zero
	switch {
	case pending(status.State):
		f.wants(f.Changed.Add(askAgain))
	case verb == verbPrepare:
		f.State = transfer.FlowPrepared
	default:
		s.runs(f)
	}
}

// runs marks a flow as started. What has nothing to move is done.
func (s *Server) runs(f *Flow) {
	f.State, f.Changed = transfer.FlowStarted, s.cfg.Now()
	f.Done = f.Done || s.cfg.Completes(f.Asked)
	if f.Done {
		s.owe(f, reportCompleted, "")
	}
}

func pending(state transfer.FlowState) bool {
	return state == transfer.FlowPreparing || state == transfer.FlowStarting
}
