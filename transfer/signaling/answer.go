// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/musubi-ods/musubi/transfer"
)

// answer is what a control plane is told.
type answer struct {
	status  int
	message string // the id of the message that is answered
	flow    string
	state   transfer.FlowState
	address *transfer.DataAddress
}

// fault is an answer that says no.
type fault struct {
	status              int
	code, message, hint string
}

// fault is the refusal that was said.
func (s Said) fault() fault {
	return fault{s.Status, s.Code, s.Reason, "ask for what this data plane serves"}
}

func (f fault) Error() string { return f.code + ": " + f.message }

// The faults of a flow.
var (
	errUnknown = fault{http.StatusNotFound, "flow-unknown", "there is no such data flow", "prepare or start it first"}
	errExists  = fault{http.StatusConflict, "flow-exists", "there is a data flow of this process", "use it, or ask for another process"}
	errChanged = fault{http.StatusServiceUnavailable, "flow-busy", "the data flow was changed at the same moment", "send the message again"}
	errReused  = fault{http.StatusBadRequest, "message-reused", "a message of this id asked for something else", "give each message an id of its own"}
)

// answer writes what came of a message.
func (s *Server) answer(w http.ResponseWriter, a answer, err error) {
	if err != nil {
		turnDown(w, s.faultOf(err))
		return
	}
	body, err := json.Marshal(&Status{MessageID: a.message, DataFlowID: a.flow, State: a.state, DataAddress: AddressOf(a.address)})
	if err != nil {
		turnDown(w, s.faultOf(err))
		return
	}
	if a.status == http.StatusAccepted {
		w.Header().Set("Location", "/dataflows/"+url.PathEscape(a.flow)+"/status")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// faultOf turns an error into what may be told.
func (s *Server) faultOf(err error) fault {
	if f, ok := errors.AsType[fault](err); ok {
		return f
	}
	if code, reason, ok := transfer.Refused(err); ok {
		return Said{Status: http.StatusUnprocessableEntity, Code: code, Reason: reason}.fault()
	}
	switch {
	case errors.Is(err, ErrNoFlow):
		return errUnknown
	case errors.Is(err, ErrFlowExists):
		return errExists
	case errors.Is(err, ErrFlowChanged):
		return errChanged
	}
	s.cfg.Log.Warn("a message of a control plane could not be acted on", "error", err)
	return fault{http.StatusServiceUnavailable, "unavailable", "the data plane cannot do this now", "send the message again later"}
}

func turnDown(w http.ResponseWriter, f fault) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if f.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": f.code, "message": f.message, "hint": f.hint})
}
