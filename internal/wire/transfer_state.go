// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// TransferSuspension pauses a transfer.
type TransferSuspension struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Code        string
	Reason      []json.RawMessage // see Reasons and ReasonText
	Extra       Extra
}

// TransferTermination ends a transfer for good.
type TransferTermination struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Code        string
	Reason      []json.RawMessage // see Reasons and ReasonText
	Extra       Extra
}

// TransferProcess acknowledges a transfer request and answers the question
// after the state of a transfer.
type TransferProcess struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	State       string // "" only from a peer whose acknowledgement lacks it
	Extra       Extra
}

// TransferError says why a message of a transfer was refused. Peers may leave
// out the pids.
type TransferError struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Code        string
	Reason      []json.RawMessage // see Reasons and ReasonText
	Extra       Extra
}

func readTransferSuspension(r *reader, o *value) Message {
	m := &TransferSuspension{ID: r.messageID(o), Extra: r.extra(o, TypeTransferSuspension)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Code, m.Reason = r.text(o, "code"), raws(r.items(o, "reason"))
	return m
}

func readTransferTermination(r *reader, o *value) Message {
	m := &TransferTermination{ID: r.messageID(o), Extra: r.extra(o, TypeTransferTermination)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Code, m.Reason = r.text(o, "code"), raws(r.items(o, "reason"))
	return m
}

func readTransferProcess(r *reader, o *value) Message {
	m := &TransferProcess{ID: r.messageID(o), Extra: r.extra(o, TypeTransferProcess)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.State = r.id(o, "state")
	return m
}

func readTransferError(r *reader, o *value) Message {
	m := &TransferError{ID: r.messageID(o), Extra: r.extra(o, TypeTransferError)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Code, m.Reason = r.text(o, "code"), raws(r.items(o, "reason"))
	return m
}

func (m *TransferSuspension) check(t *trail)  { t.needPIDs(m.ProviderPID, m.ConsumerPID) }
func (m *TransferTermination) check(t *trail) { t.needPIDs(m.ProviderPID, m.ConsumerPID) }
func (m *TransferError) check(t *trail)       { t.needErrorPIDs(m.ProviderPID, m.ConsumerPID) }

func (m *TransferProcess) check(t *trail) {
	t.needPIDs(m.ProviderPID, m.ConsumerPID)
	t.needState(m.State, "REQUESTED", "STARTED", "TERMINATED", "COMPLETED", "SUSPENDED")
}

func (m *TransferSuspension) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}

func (m *TransferTermination) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}

func (m *TransferProcess) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("state", m.State)
}

func (m *TransferError) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}
