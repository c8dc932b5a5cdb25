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

// request makes a flow: it was asked for by prepare or start. What was asked
// is kept before the plane is, so that neither a crash nor a lost answer leaves
// one without the other.
func (s *Server) request(ctx context.Context, from, verb, role string, m *FlowRequest) (answer, error) {
	defer s.locks.Lock(from, m.ProcessID)()
	f, err := s.cfg.Flows.Flow(ctx, from, m.ProcessID)
	switch {
	case err == nil && !f.unanswered(m.MessageID):
		return repeated(&f, verb, m.MessageID)
	case err == nil && f.Asked.Role != role:
		return answer{}, errReused
	case err == nil && !pending(f.State): // it was begun meanwhile, or stopped
		return s.late(ctx, &f, verb)
	case err == nil:
	case !errors.Is(err, ErrNoFlow):
		return answer{}, err
	default:
		if f, err = s.newFlow(from, verb, role, m); err != nil {
			return answer{}, err
		}
	}
	plane, ok := s.cfg.Planes.Plane(f.Asked.Context, f.Asked.Format, role)
	if !ok {
		return answer{}, fault{http.StatusBadRequest, "profile-unsupported", fmt.Sprintf("this data plane does not serve the profile %.200q", m.Profile), "ask for one that it serves"}
	}
	if s.cfg.Async(f.Asked) {
		return s.promise(ctx, &f, verb)
	}
	if f.Version == 1 && len(f.Said) == 0 && f.Due.IsZero() {
		f.Due = f.Began.Add(lease) // should we not come to the end of this
		if err := s.cfg.Flows.AddFlow(ctx, f); err != nil {
			return answer{}, err
		}
	}
	status, err := begin(ctx, plane, f.Asked, verb)
	if code, reason, refused := transfer.Refused(err); refused {
		return s.no(ctx, &f, verb, Said{Status: http.StatusUnprocessableEntity, Code: code, Reason: reason})
	}
	if err != nil {
		return answer{}, err
	}
	s.begun(&f, status, verb)
	return s.first(ctx, &f, verb)
}

// promise keeps a flow that is begun later.
func (s *Server) promise(ctx context.Context, f *Flow, verb string) (answer, error) {
	f.Due = f.Began
	f.answered(Said{MessageID: f.Asked.MessageID, Verb: verb, Status: http.StatusAccepted, State: f.State})
	err := s.cfg.Flows.AddFlow(ctx, *f)
	s.changed(f)
	return answer{status: http.StatusAccepted, message: f.Asked.MessageID, flow: f.ID, state: f.State}, err
}

// first answers prepare or start.
func (s *Server) first(ctx context.Context, f *Flow, verb string) (answer, error) {
	said := Said{MessageID: f.Asked.MessageID, Verb: verb, Status: http.StatusOK, State: f.State, Address: f.Given}
	if pending(f.State) {
		said.Status = http.StatusAccepted
	}
	f.answered(said)
	return answer{status: said.Status, message: said.MessageID, flow: f.ID, state: f.State, address: f.Given}, s.put(ctx, f)
}

// late answers prepare or start from what became of the flow since: its plane
// was asked already, and is not again.
func (s *Server) late(ctx context.Context, f *Flow, verb string) (answer, error) {
	if f.State != transfer.FlowTerminated {
		return s.first(ctx, f, verb)
	}
	said := Said{Status: http.StatusUnprocessableEntity, Code: "flow-terminated", Reason: "the data flow was terminated"}
	for _, r := range f.Owes {
		if r.Kind == reportErrored {
			said.Reason = r.Error
		}
	}
	return s.no(ctx, f, verb, said)
}

// no keeps that a plane refused for good, and says it.
func (s *Server) no(ctx context.Context, f *Flow, verb string, said Said) (answer, error) {
	said.MessageID, said.Verb, said.State = f.Asked.MessageID, verb, transfer.FlowTerminated
	f.State, f.Changed = transfer.FlowTerminated, s.cfg.Now()
	f.quiet()
	f.answered(said)
	if err := s.put(ctx, f); err != nil {
		return answer{}, err
	}
	return answer{}, said.fault()
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
		Judged: m.judged, Began: now, Changed: now,
	}
	if verb == verbStart {
		f.State = transfer.FlowStarting
	}
	if f.Asked.MessageID == "" { // a start is named by its message
		f.Asked.MessageID = s.cfg.NewID()
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
	case said.Code != "":
		return answer{}, said.fault()
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
		f.Asked.Asked = true
		f.wants(f.Changed.Add(askAgain))
	case verb == verbPrepare:
		f.State = transfer.FlowPrepared
	default:
		s.runs(f)
	}
	if len(f.Owes) > 0 { // from before
		f.wants(f.Owes[0].First)
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
