// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/stripes"
	"github.com/musubi-ods/musubi/transfer"
)

// ServerConfig is what a Server needs.
type ServerConfig struct {
	Flows Flows
	// Planes move the data. Each is asked for its format and our role.
	Planes transfer.Planes
	// Caller says which control plane sends a request; an error refuses it.
	Caller func(r *http.Request) (controlPlane string, err error)
	// Context finds the participant of ours for which a control plane asks.
	Context func(controlPlane, participant string) (contextID string, ok bool)
	// Async says of a flow that it is begun after it was answered for: the
	// control plane is told later. Nil: never.
	Async func(f transfer.Flow) bool
	// Completes says of a flow that it has nothing to move, so that it is done
	// as soon as it runs. Nil: never. Planes that move something tell by Signal.
	Completes func(f transfer.Flow) bool
	// ControlPlanes keeps where control planes say that they are reached. Nil:
	// they cannot register. CheckControlPlane judges an endpoint that one names;
	// nil: any will do.
	ControlPlanes     ControlPlanes
	CheckControlPlane func(controlPlane, endpoint string) error
	// Untold keeps what control planes have to be told of what was moved. Nil:
	// that is gone with the process.
	Untold Untold
	// Alone says that no other process tells what is kept there, as on SQLite:
	// what is there when this one begins is nobody's.
	Alone bool
	// Call calls a control plane, to report.
	Call Caller
	// Rules says by what a control plane rules a flow that sends. Nil: by its
	// verdicts where it offers them.
	Rules func(controlPlane string) Rule
	Now   func() time.Time
	NewID func() string
	// Timer fires once after d; stop releases it.
	Timer func(d time.Duration) (fired <-chan time.Time, stop func())
	Log   *slog.Logger // nil discards
}

// Server is a data plane for control planes: an http.Handler below whose root
// there is /dataflows, and the work that flows owe (Work). Every change is kept
// before it is answered for, so what it said survives its end.
type Server struct {
	cfg      ServerConfig
	mux      *http.ServeMux
	locks    stripes.Locks // of a flow: one caller at a time
	changes  changes
	verdicts verdicts
	moved    movements
	wake     chan struct{}
	life     life
}

var (
	_ http.Handler     = (*Server)(nil)
	_ transfer.Signals = (*Server)(nil)
)

// NewServer returns a Server.
func NewServer(c ServerConfig) *Server {
	if c.Async == nil {
		c.Async = func(transfer.Flow) bool { return false }
	}
	if c.Completes == nil {
		c.Completes = func(transfer.Flow) bool { return false }
	}
	if c.Rules == nil {
		c.Rules = func(string) Rule { return VerdictsWhereOffered }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: c, mux: http.NewServeMux(), wake: make(chan struct{}, 1), life: newLife()}
	s.moved.wake, s.moved.kept = make(chan struct{}, 1), make(chan struct{}, 1)
	s.verdicts = verdicts{
		call: c.Call, rules: c.Rules, now: c.Now, timer: c.Timer, changed: s.changes.tell, begin: s.life.beside,
		judged: s.judged, judge: c.Flows.Judge,
	}
	s.mux.HandleFunc("POST /dataflows/prepare", s.asked(verbPrepare, roleConsumer))
	s.mux.HandleFunc("POST /dataflows/start", s.asked(verbStart, roleProvider))
	s.mux.HandleFunc("GET /dataflows/{id}/status", s.status)
	if c.ControlPlanes != nil {
		s.mux.HandleFunc("PUT /controlplanes", s.register)
		s.mux.HandleFunc("DELETE /controlplanes/{id}", s.unregister)
	}
	for verb := range moves {
		s.mux.HandleFunc("POST /dataflows/{id}/"+verb, s.told(verb))
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Watch returns a channel that is closed when what may flow has changed. stop
// must be called once.
func (s *Server) Watch(contextID, process string) (changed <-chan struct{}, stop func()) {
	return s.changes.watch(contextID, process)
}

// actTime bounds what a message sets off. It does not end with its request: a
// control plane that gave up must not leave half of it done.
const actTime = 20 * time.Second

// asked handles prepare and start.
func (s *Server) asked(verb, role string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, m := s.from(w, r), &FlowRequest{}
		if from == "" || !take(w, r, m) {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTime)
		defer cancel()
		if r.Header.Get(HeaderVerdicts) != "" {
			m.judged = true
			if err := s.Judges(ctx, from); err != nil {
				s.answer(w, answer{}, err)
				return
			}
		}
		a, err := s.request(ctx, from, verb, role, m)
		s.answer(w, a, err)
	}
}

// told handles what changes a flow that there is.
func (s *Server) told(verb string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, m := s.from(w, r), &Notice{}
		if from == "" || !take(w, r, m) {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTime)
		defer cancel()
		a, err := s.notice(ctx, from, r.PathValue("id"), verb, m)
		s.answer(w, a, err)
	}
}

// status answers how a flow is.
func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	from := s.from(w, r)
	if from == "" {
		return
	}
	f, err := s.cfg.Flows.Flow(r.Context(), from, r.PathValue("id"))
	a := answer{status: http.StatusOK, flow: f.ID, state: f.State}
	if f.State == transfer.FlowPrepared || f.State == transfer.FlowStarted {
		a.address = f.Given // should the answer that had it have got lost
	}
	s.answer(w, a, err)
}

// from is the control plane that calls; empty: it was turned away.
func (s *Server) from(w http.ResponseWriter, r *http.Request) string {
	from, err := s.cfg.Caller(r)
	if err != nil || from == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		turnDown(w, fault{http.StatusUnauthorized, "caller-unknown", "the header Authorization is not that of a control plane known here", "send what the data plane is configured to expect"})
		return ""
	}
	return from
}

// take reads the message of a request.
func take(w http.ResponseWriter, r *http.Request, m Message) bool {
	err := ReadFrom(r.Body, m)
	switch {
	case errors.Is(err, ErrMessage):
		turnDown(w, fault{http.StatusBadRequest, "message-invalid", err.Error(), "see Data Plane Signaling 1.0"})
	case err != nil:
		turnDown(w, fault{http.StatusBadRequest, "message-unread", "the message did not come whole", "send it again"})
	}
	return err == nil
}

// Close ends what goes on beside the requests, and waits for it. What is owed
// stays owed.
func (s *Server) Close() { s.life.close() }
