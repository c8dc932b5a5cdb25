// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// TransferRequest asks for a transfer under an agreement.
type TransferRequest struct {
	ID              string
	ConsumerPID     string
	AgreementID     string
	Format          string // the format of a distribution
	CallbackAddress string
	DataAddress     *DataAddress // where to push; nil for a pull
	Extra           Extra
}

// TransferStart starts or resumes a transfer.
type TransferStart struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	DataAddress *DataAddress // where to pull; nil for a push
	Extra       Extra
}

// TransferCompletion ends a transfer that did what it was asked for.
type TransferCompletion struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Extra       Extra
}

func readTransferRequest(r *reader, o *value) Message {
	return &TransferRequest{
		ID:              r.messageID(o),
		ConsumerPID:     r.id(o, "consumerPid"),
		AgreementID:     r.id(o, "agreementId"),
		Format:          r.id(o, "format"),
		CallbackAddress: r.id(o, "callbackAddress"),
		DataAddress:     readOptionalAddress(r, o),
		Extra:           r.extra(o, TypeTransferRequest),
	}
}

func readTransferStart(r *reader, o *value) Message {
	m := &TransferStart{ID: r.messageID(o), Extra: r.extra(o, TypeTransferStart)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.DataAddress = readOptionalAddress(r, o)
	return m
}

func readTransferCompletion(r *reader, o *value) Message {
	m := &TransferCompletion{ID: r.messageID(o), Extra: r.extra(o, TypeTransferCompletion)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	return m
}

func (m *TransferRequest) check(t *trail) {
	checkDeclared(t, m.Extra)
	t.need("consumerPid", m.ConsumerPID)
	t.need("agreementId", m.AgreementID)
	t.need("format", m.Format)
	t.need("callbackAddress", m.CallbackAddress)
	checkOptionalAddress(t, m.DataAddress)
}

func (m *TransferStart) check(t *trail) {
	t.needPIDs(m.ProviderPID, m.ConsumerPID)
	checkOptionalAddress(t, m.DataAddress)
}

func (m *TransferCompletion) check(t *trail) { t.needPIDs(m.ProviderPID, m.ConsumerPID) }

func (m *TransferRequest) write(w *writer) {
	w.pids("", m.ConsumerPID)
	w.text("agreementId", m.AgreementID)
	w.text("format", m.Format)
	writeOptionalAddress(w, m.DataAddress)
	w.text("callbackAddress", m.CallbackAddress)
}

func (m *TransferStart) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	writeOptionalAddress(w, m.DataAddress)
}

func (m *TransferCompletion) write(w *writer) { w.pids(m.ProviderPID, m.ConsumerPID) }
