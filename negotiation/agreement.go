// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// ErrNoAgreement: this participant has no agreement with that id.
var ErrNoAgreement = errors.New("no such agreement")

// ErrAgreementExists: an agreement with this id is kept already.
var ErrAgreementExists = errors.New("agreement exists")

// Agreement is a contract as it was concluded. Nothing in it changes when the
// asset or the offer is edited later, and ids are kept as they were.
type Agreement struct {
	Context     string // ours
	ID          string
	Role        string // ours: consumer or provider
	Peer        string // the counterparty's participant id
	Address     string // the counterparty's DSP base URL
	Foreign     bool   // Address was named by the counterparty
	Negotiation string // our pid; empty if imported
	Target      string // dataset id
	Assigner    string // provider's participant id
	Assignee    string // consumer's participant id
	Concluded   time.Time
	// Document is the agreement as it was on the wire, byte for byte; Policy
	// its rules in compact form, Dataset the public dataset that was
	// negotiated, Claims what was proved of the counterparty.
	Document []byte
	Policy   json.RawMessage
	Dataset  json.RawMessage
	Claims   trust.Claims
	// DocumentHash and PolicyHash are SHA-256 over the canonical forms (RFC 8785).
	DocumentHash, PolicyHash string
	// Unenforced is set where we agreed to constraints that nobody here
	// enforces (acceptUnenforced).
	Unenforced bool
	Imported   bool
	// Final is set once both sides hold the agreement for good; before that
	// no transfer may begin.
	Final bool
}

// AgreementStore keeps agreements. A negotiation's agreement is written in
// the transaction of its step, as a SaveAgreement.
type AgreementStore interface {
	// Agreement returns one by id, in whichever role. ErrNoAgreement.
	Agreement(ctx context.Context, contextID, id string) (Agreement, error)
	// Agreements returns a page, newest first; before is the id of the last
	// one seen, or empty.
	Agreements(ctx context.Context, contextID, before string, limit int) ([]Agreement, error)
	// PutAgreement keeps an imported one. ErrAgreementExists.
	PutAgreement(ctx context.Context, a Agreement) error
}

// SaveAgreement is the write of an agreement within a step of its
// negotiation. An id that is kept already is ErrAgreementExists.
type SaveAgreement struct{ Agreement Agreement }

// FinalizeAgreement sets Final on an agreement within a step.
type FinalizeAgreement struct{ Context, ID string }
