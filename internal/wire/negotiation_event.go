// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// ContractVerification is the consumer's verification of an agreement.
type ContractVerification struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Extra       Extra
}

// Values of ContractEvent.EventType.
const (
	EventAccepted  = "ACCEPTED"  // by the consumer, of an offer
	EventFinalized = "FINALIZED" // by the provider, of an agreement
)

// ContractEvent is an acceptance or a finalization.
type ContractEvent struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	EventType   string
	Extra       Extra
}

// ContractTermination ends a negotiation without an agreement.
type ContractTermination struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Code        string
	Reason      []json.RawMessage // see Reasons and ReasonText
	Extra       Extra
}

func readContractVerification(r *reader, o *value) Message {
	m := &ContractVerification{ID: r.messageID(o), Extra: r.extra(o, TypeContractVerification)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	return m
}

func readContractEvent(r *reader, o *value) Message {
	m := &ContractEvent{ID: r.messageID(o), Extra: r.extra(o, TypeContractEvent)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.EventType = r.id(o, "eventType")
	return m
}

func readContractTermination(r *reader, o *value) Message {
	m := &ContractTermination{ID: r.messageID(o), Extra: r.extra(o, TypeContractTermination)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Code, m.Reason = r.text(o, "code"), raws(r.items(o, "reason"))
	return m
}

func (m *ContractVerification) check(t *trail) { t.needPIDs(m.ProviderPID, m.ConsumerPID) }

func (m *ContractEvent) check(t *trail) {
	t.needPIDs(m.ProviderPID, m.ConsumerPID)
	t.oneOf("eventType", m.EventType, EventAccepted, EventFinalized)
}

func (m *ContractTermination) check(t *trail) { t.needPIDs(m.ProviderPID, m.ConsumerPID) }

func (m *ContractVerification) write(w *writer) { w.pids(m.ProviderPID, m.ConsumerPID) }

func (m *ContractEvent) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("eventType", m.EventType)
}

func (m *ContractTermination) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}
