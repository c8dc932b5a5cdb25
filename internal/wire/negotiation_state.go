// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// ContractNegotiation acknowledges the first message of a negotiation and
// answers the question after its state.
type ContractNegotiation struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	State       string // "" only from a peer whose acknowledgement lacks it
	Extra       Extra
}

// ContractError says why a message of a negotiation was refused. Peers may
// leave out the pids.
type ContractError struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Code        string
	Reason      []json.RawMessage // see Reasons and ReasonText
	Extra       Extra
}

func readContractNegotiation(r *reader, o *value) Message {
	m := &ContractNegotiation{ID: r.messageID(o), Extra: r.extra(o, TypeContractNegotiation)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.State = r.id(o, "state")
	return m
}

func readContractError(r *reader, o *value) Message {
	m := &ContractError{ID: r.messageID(o), Extra: r.extra(o, TypeContractError)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Code, m.Reason = r.text(o, "code"), raws(r.items(o, "reason"))
	return m
}

func (m *ContractNegotiation) check(t *trail) {
	t.needPIDs(m.ProviderPID, m.ConsumerPID)
	t.needState(m.State, "REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED", "FINALIZED", "TERMINATED")
}

func (m *ContractError) check(t *trail) { t.needErrorPIDs(m.ProviderPID, m.ConsumerPID) }

func (m *ContractNegotiation) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("state", m.State)
}

func (m *ContractError) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}
