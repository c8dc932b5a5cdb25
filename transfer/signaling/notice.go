// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// notice changes a flow that there is.
func (s *Server) notice(ctx context.Context, from, id, verb string, m *Notice) (answer, error) {
	defer s.locks.Lock(from, id)()
	f, err := s.cfg.Flows.Flow(ctx, from, id)
	if err != nil {
		return answer{}, err
	}
	if _, again := f.said(m.MessageID); again {
		return repeated(&f, verb, m.MessageID)
	}
	to, idle, ok := moved(&f, verb)
	if !ok {
		return answer{}, fault{http.StatusConflict, "state-wrong", fmt.Sprintf("%s is not possible: this side is the %s, and the data flow is %s", verb, f.Asked.Role, f.State), "look at its status"}
	}
	if m.MessageID == "" { // completed carries none
		m.MessageID = s.cfg.NewID()
	}
	plane, ok := s.cfg.Planes.Plane(f.Asked.Context, f.Asked.Format, f.Asked.Role)
	if !ok {
		return answer{}, fmt.Errorf("no plane for the format %q any more", f.Asked.Format)
	}
	if verb == verbStarted || verb == verbResume {
		return s.open(ctx, &f, plane, verb, m)
	}
	return s.shut(ctx, &f, plane, verb, m, to, idle)
}

// open has data flow: the plane first, so that it can refuse.
func (s *Server) open(ctx context.Context, f *Flow, plane transfer.DataPlane, verb string, m *Notice) (answer, error) {
	asked := f.Asked
	asked.MessageID, asked.Version = m.MessageID, f.Version+1 // as it will be kept
	if m.DataAddress != nil {
		asked.DataAddress = m.DataAddress.Plain()
	}
	call := plane.Start
	if verb == verbResume {
		call = plane.Resume
	}
	status, err := call(ctx, asked)
	switch {
	case err != nil:
		return answer{}, err
	case pending(status.State):
		return answer{}, fault{http.StatusServiceUnavailable, "flow-busy", "the data flow is not ready yet", "send the message again"}
	}
	f.Asked.DataAddress, f.Grant = asked.DataAddress, m.MessageID
	if status.DataAddress != nil {
		f.Given = status.DataAddress
	}
	s.runs(f)
	return s.keep(ctx, f, verb, m.MessageID, status.DataAddress)
}

// shut stops data: what is kept first, since that is what stops it.
func (s *Server) shut(ctx context.Context, f *Flow, plane transfer.DataPlane, verb string, m *Notice, to transfer.FlowState, idle bool) (answer, error) {
	if !idle {
		f.State, f.Changed = to, s.cfg.Now()
		f.quiet()
		if err := s.put(ctx, f); err != nil {
			return answer{}, err
		}
	}
	asked := f.Asked
	asked.MessageID, asked.Reason = m.MessageID, m.Reason
	call := map[string]func(context.Context, transfer.Flow) error{
		verbSuspend: plane.Suspend, verbCompleted: plane.Complete, verbTerminate: plane.Terminate,
	}[verb]
	if err := call(ctx, asked); err != nil {
		return answer{}, err // sent again, it finds the state and calls again
	}
	return s.keep(ctx, f, verb, m.MessageID, nil)
}

// keep remembers the answer and gives it.
func (s *Server) keep(ctx context.Context, f *Flow, verb, messageID string, address *transfer.DataAddress) (answer, error) {
	f.answered(Said{MessageID: messageID, Verb: verb, Status: http.StatusOK, State: f.State, Address: address})
	a := answer{status: http.StatusOK, message: messageID, flow: f.ID, state: f.State, address: address}
	return a, s.put(ctx, f)
}

// put keeps a flow, and wakes who waits for its change.
func (s *Server) put(ctx context.Context, f *Flow) error {
	f.Version++
	if err := s.cfg.Flows.PutFlow(ctx, *f); err != nil {
		f.Version--
		return err
	}
	s.changed(f)
	return nil
}

func (s *Server) changed(f *Flow) {
	s.verdicts.forget(f)
	s.changes.tell(f.Asked.Context, f.Asked.Process)
	if f.Due.IsZero() {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
