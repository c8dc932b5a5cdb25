// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"net/http"
)

// ErrNoControlPlane: it has not said anything of itself.
var ErrNoControlPlane = errors.New("the control plane has not registered")

// ControlPlanes keeps what control planes said of themselves.
type ControlPlanes interface {
	// ControlPlane returns what one said last. ErrNoControlPlane.
	ControlPlane(ctx context.Context, id string) (ControlRegistration, error)
	// PutControlPlane keeps it in place of what it said before. ErrFlow where it
	// has no id.
	PutControlPlane(ctx context.Context, c ControlRegistration) error
	// DropControlPlane forgets it. It is no error if there is nothing.
	DropControlPlane(ctx context.Context, id string) error
}

// register takes what a control plane says of itself: where it is reached, and
// with what. Only one that is known may, and only of itself.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	from, m := s.from(w, r), &ControlRegistration{}
	if from == "" || !take(w, r, m) {
		return
	}
	if !s.itself(w, from, m.ControlplaneID) {
		return
	}
	if s.cfg.CheckControlPlane != nil {
		if err := s.cfg.CheckControlPlane(from, m.Endpoint); err != nil {
			turnDown(w, fault{http.StatusBadRequest, "endpoint-refused", "the endpoint cannot be called from here", "name one that is configured or can be reached"})
			return
		}
	}
	s.registered(w, s.cfg.ControlPlanes.PutControlPlane(r.Context(), *m), http.StatusOK)
}

// unregister forgets that.
func (s *Server) unregister(w http.ResponseWriter, r *http.Request) {
	from := s.from(w, r)
	if from == "" || !s.itself(w, from, r.PathValue("id")) {
		return
	}
	s.registered(w, s.cfg.ControlPlanes.DropControlPlane(r.Context(), from), http.StatusNoContent)
}

func (s *Server) itself(w http.ResponseWriter, from, named string) bool {
	if from != named {
		turnDown(w, fault{http.StatusForbidden, "caller-other", "a control plane registers itself alone", "use the id that this data plane is configured with"})
	}
	return from == named
}

func (s *Server) registered(w http.ResponseWriter, err error, status int) {
	if err != nil {
		turnDown(w, s.faultOf(err))
		return
	}
	w.WriteHeader(status)
}
