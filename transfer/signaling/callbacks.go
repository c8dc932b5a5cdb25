// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// CallbacksConfig is what the control plane's side needs.
type CallbacksConfig struct {
	Registry *Registry
	Signals  transfer.Signals
	// PlaneOf names the data plane of a transfer. transfer.ErrNoTransfer.
	PlaneOf func(ctx context.Context, contextID, process string) (string, error)
	// Agreement is the agreement of a transfer, as DSP writes it, with @context.
	// transfer.ErrNoTransfer.
	Agreement func(ctx context.Context, contextID, process string) ([]byte, error)

	// What follows serves data planes of ours that run alone (Verdict, Bytes,
	// Moved).
	Running   func(ctx context.Context, contextID, process string) (transfer.Running, error)
	Watch     func(contextID, process string) (changed <-chan struct{}, stop func())
	Timer     func(time.Duration) (fired <-chan time.Time, stop func())
	Meters    transfer.Meters
	Exhausted func(contextID, process string, want int64)
	Evidence  transfer.Evidence // nil: none is kept
	// Flush has Evidence durable, where it does not say so itself
	// (transfer.ToldEvidence, transfer.SureEvidence), before a data plane hears that
	// it is. Nil: it hears so at once.
	Flush func(context.Context) error

	Now func() time.Time
	Log *slog.Logger // nil discards
}

// Callbacks serves what data planes call: the signaling interface of a control
// plane. The participant is the path value "ctx" of the request, and all paths
// are below Base.
type Callbacks struct {
	cfg   CallbacksConfig
	mux   *http.ServeMux
	taken taken
}

// Base is where a participant's signaling interface lies, below its root.
const Base = "/signaling"

// NewCallbacks returns Callbacks.
func NewCallbacks(c CallbacksConfig) *Callbacks {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h := &Callbacks{cfg: c, mux: http.NewServeMux()}
	for path, state := range map[string]transfer.FlowState{
		"prepared": transfer.FlowPrepared, "started": transfer.FlowStarted, "completed": transfer.FlowCompleted, "errored": "",
	} {
		h.mux.HandleFunc("POST /transfers/{id}/dataflow/"+path, h.known(h.signal(state)))
	}
	h.mux.HandleFunc("GET /transfers/{id}/agreement", h.known(h.agreement))
	h.mux.HandleFunc("GET /transfers/{id}/flow", h.known(h.verdict))
	h.mux.HandleFunc("POST /transfers/{id}/bytes", h.known(h.bytes))
	h.mux.HandleFunc("POST /transfers/{id}/movements", h.known(h.moved))
	h.mux.HandleFunc("PUT /dataplanes", h.register)
	h.mux.HandleFunc("DELETE /dataplanes/{id}", h.retire)
	return h
}

// ServeHTTP implements http.Handler.
func (h *Callbacks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	http.StripPrefix("/"+r.PathValue("ctx")+Base, h.mux).ServeHTTP(w, r)
}

// known lets through the data plane that the transfer of the path was given to.
// Of the transfers of others nobody learns that they exist.
func (h *Callbacks) known(next func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		contextID, id := r.PathValue("ctx"), r.PathValue("id")
		callers := h.cfg.Registry.Callers(contextID, r.Header.Get("Authorization"))
		if len(callers) == 0 {
			unauthorized(w)
			return
		}
		plane, err := h.cfg.PlaneOf(r.Context(), contextID, id)
		if err == nil && !slices.Contains(callers, plane) {
			err = transfer.ErrNoTransfer
		}
		if err != nil {
			h.fail(w, r, err)
			return
		}
		next(w, r, id)
	}
}

// signal takes a notification. That it names no message and no flow is no
// matter: the path says which it is about.
func (h *Callbacks) signal(state transfer.FlowState) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, id string) {
		m := answered{new(Status)}
		if err := ReadFrom(r.Body, &m); err != nil {
			h.fail(w, r, err)
			return
		}
		err := h.cfg.Signals.Signal(r.Context(), transfer.Signal{
			Context: r.PathValue("ctx"), Process: id, FlowID: m.DataFlowID, State: state,
			DataAddress: m.DataAddress.Plain(), Error: m.Error,
		})
		if err != nil {
			h.fail(w, r, err)
		}
	}
}

func (h *Callbacks) agreement(w http.ResponseWriter, r *http.Request, id string) {
	body, err := h.cfg.Agreement(r.Context(), r.PathValue("ctx"), id)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeBody(w, http.StatusOK, body)
}

// register takes a data plane's introduction. The key by which it registers is
// the one by which it calls from then on.
func (h *Callbacks) register(w http.ResponseWriter, r *http.Request) {
	contextID, key := r.PathValue("ctx"), r.Header.Get("Authorization")
	if !h.mayRegister(contextID, key) {
		unauthorized(w)
		return
	}
	var m PlaneRegistration
	if err := ReadFrom(r.Body, &m); err != nil {
		h.fail(w, r, err)
		return
	}
	added, err := h.cfg.Registry.Register(r.Context(), Plane{
		ID: m.DataplaneID, Context: contextID, Endpoint: m.Endpoint, Profiles: m.Profiles, Roles: m.Roles, Labels: m.Labels,
		Authorization: m.Authorization, MetersBytes: m.MetersBytes,
	}, key)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.cfg.Log.Info("a data plane registered", "participant", contextID, "plane", m.DataplaneID, "endpoint", m.Endpoint, "new", added)
	writeJSON(w, PlaneRegistered{Verdicts: true})
}

func (h *Callbacks) retire(w http.ResponseWriter, r *http.Request) {
	contextID, key := r.PathValue("ctx"), r.Header.Get("Authorization")
	if !h.mayRegister(contextID, key) {
		unauthorized(w)
		return
	}
	if err := h.cfg.Registry.Retire(r.Context(), contextID, r.PathValue("id"), key); err != nil {
		h.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h *Callbacks) mayRegister(contextID, key string) bool {
	return key != "" && h.cfg.Registry.admits(contextID, HashKey(key))
}

// fail answers an error, in words that a data plane's operator may read.
func (h *Callbacks) fail(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		problem(w, http.StatusRequestEntityTooLarge, "too-large", "the message is larger than is taken", "")
	case errors.Is(err, ErrMessage):
		problem(w, http.StatusBadRequest, "message-invalid", strings.TrimPrefix(err.Error(), ErrMessage.Error()+": "), "see Data Plane Signaling 1.0")
	case errors.Is(err, transfer.ErrNoTransfer):
		problem(w, http.StatusNotFound, "transfer-unknown", "this data plane has no such transfer", "")
	case errors.Is(err, ErrNoPlane):
		problem(w, http.StatusNotFound, "data-plane-unknown", err.Error(), "")
	case errors.Is(err, ErrPlaneTaken):
		problem(w, http.StatusConflict, "data-plane-taken", err.Error(), "register with the key that was used first, or under another id")
	default:
		h.cfg.Log.Warn("a data plane's call failed", "participant", r.PathValue("ctx"), "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusServiceUnavailable, "unavailable", "it cannot be done now; try again", "")
	}
}

func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	problem(w, http.StatusUnauthorized, "not-authenticated", "the request does not prove which data plane sent it", "send the key that the control plane's configuration has for it")
}

func problem(w http.ResponseWriter, status int, code, message, hint string) {
	body, _ := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	}{code, message, hint}) // texts: cannot fail
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller is gone
}
