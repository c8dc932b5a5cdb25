// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// ContractRequest opens a negotiation (with CallbackAddress) or makes a
// counter-offer in one (with ProviderPID): exactly one of the two is set.
type ContractRequest struct {
	ID              string
	ConsumerPID     string
	ProviderPID     string
	CallbackAddress string
	Offer           Policy
	Extra           Extra
}

// ContractOffer is the provider's offer: it opens a negotiation (with
// CallbackAddress) or answers in one (with ConsumerPID).
type ContractOffer struct {
	ID              string
	ProviderPID     string
	ConsumerPID     string
	CallbackAddress string
	Offer           Policy
	Extra           Extra
}

// ContractAgreement is the provider's agreement.
type ContractAgreement struct {
	ID          string
	ProviderPID string
	ConsumerPID string
	Agreement   Policy
	Extra       Extra
}

func readContractRequest(r *reader, o *value) Message {
	m := &ContractRequest{ID: r.messageID(o), Extra: r.extra(o, TypeContractRequest)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.CallbackAddress = r.id(o, "callbackAddress")
	m.Offer = readPart(r, o, "offer", readPolicy)
	return m
}

func readContractOffer(r *reader, o *value) Message {
	m := &ContractOffer{ID: r.messageID(o), Extra: r.extra(o, TypeContractOffer)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.CallbackAddress = r.id(o, "callbackAddress")
	m.Offer = readPart(r, o, "offer", readPolicy)
	return m
}

func readContractAgreement(r *reader, o *value) Message {
	m := &ContractAgreement{ID: r.messageID(o), Extra: r.extra(o, TypeContractAgreement)}
	m.ProviderPID, m.ConsumerPID = r.pids(o)
	m.Agreement = readPart(r, o, "agreement", readPolicy)
	return m
}

func (m *ContractRequest) check(t *trail) {
	checkDeclared(t, m.Extra)
	t.need("consumerPid", m.ConsumerPID)
	checkEither(t, m.CallbackAddress, "providerPid", m.ProviderPID)
	t.push("offer")
	m.Offer.checkMessageOffer(t)
	t.pop()
}

func (m *ContractOffer) check(t *trail) {
	t.need("providerPid", m.ProviderPID)
	checkEither(t, m.CallbackAddress, "consumerPid", m.ConsumerPID)
	t.push("offer")
	t.need("target", m.Offer.Target)
	m.Offer.checkMessageOffer(t)
	t.pop()
}

func (m *ContractAgreement) check(t *trail) {
	t.needPIDs(m.ProviderPID, m.ConsumerPID)
	t.push("agreement")
	m.Agreement.checkAgreement(t)
	t.pop()
}

// checkEither demands the callback address of a first message or the peer's
// pid of a later one.
func checkEither(t *trail, callback, pidName, pid string) {
	switch {
	case callback == "" && pid == "":
		t.missing("callbackAddress or ." + pidName)
	case callback != "" && pid != "":
		t.invalid("callbackAddress", "absent where "+pidName+" names a negotiation that is under way")
	}
}

func (m *ContractRequest) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.object("offer", m.Offer.write)
	w.text("callbackAddress", m.CallbackAddress)
}

func (m *ContractOffer) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.object("offer", m.Offer.write)
	w.text("callbackAddress", m.CallbackAddress)
}

func (m *ContractAgreement) write(w *writer) {
	w.pids(m.ProviderPID, m.ConsumerPID)
	w.object("agreement", m.Agreement.write)
}
