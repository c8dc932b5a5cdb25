// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"bytes"
	"encoding/json"

	"github.com/musubi-ods/musubi/transfer"
)

// RequestOf is the prepare message of a flow; with withAddress, its start
// message.
func RequestOf(f transfer.Flow, withAddress bool) (*FlowRequest, error) {
	claims, err := json.Marshal(f.Claims)
	m := &FlowRequest{
		MessageID: f.MessageID, ParticipantID: f.Participant, CounterPartyID: f.Counterparty, DataspaceContext: f.Dataspace,
		ProcessID: f.Process, AgreementID: f.Agreement, DatasetID: f.Dataset, Profile: f.Format,
		Claims: claims, Labels: f.Labels, Metadata: f.Metadata,
	}
	if withAddress {
		m.DataAddress = AddressOf(f.DataAddress)
	}
	return m, err
}

// Flow is the flow that a control plane asks for, in a context and a role of
// the data plane's choice. The control plane's word about the counterparty is
// all there is: its claims are taken as far as they have our form.
func (m *FlowRequest) Flow(contextID, role string) transfer.Flow {
	f := transfer.Flow{
		MessageID: m.MessageID, Context: contextID, Process: m.ProcessID, ID: m.ProcessID, Dataspace: m.DataspaceContext, Role: role,
		Participant: m.ParticipantID, Counterparty: m.CounterPartyID, Agreement: m.AgreementID, Dataset: m.DatasetID, Format: m.Profile,
		DataAddress: m.DataAddress.Plain(), Labels: m.Labels, Metadata: m.Metadata,
	}
	if json.NewDecoder(bytes.NewReader(m.Claims)).Decode(&f.Claims) != nil {
		f.Claims.Credentials = nil
	}
	f.Claims.Participant = m.CounterPartyID
	return f
}

// Plain is the status for a control plane.
func (m *Status) Plain() transfer.FlowStatus {
	return transfer.FlowStatus{ID: m.DataFlowID, State: m.State, DataAddress: m.DataAddress.Plain()}
}

// Paths of both interfaces, below their base URLs; %s is the flow's or the
// process's id, escaped.
const (
	PathPrepare   = "/dataflows/prepare"
	PathStart     = "/dataflows/start"
	PathFlow      = "/dataflows/%s/"          // and started, suspend, resume, terminate, completed, status
	PathNotify    = "/transfers/%s/dataflow/" // and prepared, started, completed, errored
	PathAgreement = "/transfers/%s/agreement"

	// PathVerdict and what follows are extensions by which a data plane of Musubi
	// learns at once what may flow.
	PathVerdict   = "/transfers/%s/flow"
	PathBytes     = "/transfers/%s/bytes"
	PathMovements = "/transfers/%s/movements"
)
