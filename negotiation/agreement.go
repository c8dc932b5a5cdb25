// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
)

// ErrNoAgreement: this participant has no agreement with that id.
var ErrNoAgreement = errors.New("no such agreement")

// ErrAgreementExists: an agreement with this id is kept already.
var ErrAgreementExists = errors.New("agreement exists")

// ErrAgreementEnded: the agreement was ended already.
var ErrAgreementEnded = errors.New("agreement was ended")

// Agreement is a contract as it was concluded. Nothing in it changes when the
// asset or the offer is edited later, and ids are kept as they were. What
// happens to it after is that it becomes final, once, and is ended, once.
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
	// Offer is our own id of the catalogue offer under which a provider
	// concluded it; empty where that is not known.
	Offer     string
	Concluded time.Time
	// Document is the agreement as it was on the wire, byte for byte; Policy
	// its rules in compact form, Dataset the public dataset that was
	// negotiated, Claims what was proved of the counterparty.
	Document []byte
	Policy   json.RawMessage
	Dataset  json.RawMessage
	Claims   trust.Claims
	// Declared are the values that the consumer declared (a purpose, the id of
	// a trade), by absolute IRI, byte for byte.
	Declared map[string]json.RawMessage
	// DocumentHash and PolicyHash are SHA-256 over the canonical forms (RFC 8785).
	DocumentHash, PolicyHash string
	// Unenforced is set where we agreed to constraints that nobody here
	// enforces (acceptUnenforced).
	Unenforced bool
	Imported   bool
	// Final is set once both sides hold the agreement for good; before that
	// no transfer may begin.
	Final bool
	// Ended is when it was ended, zero while it is in force; EndReason is why,
	// and EndedBy who did it: EndedByUs or EndedByPeer.
	Ended     time.Time
	EndReason string
	EndedBy   string
}

// Who ends an agreement.
const (
	EndedByUs   = "us"
	EndedByPeer = "peer"
)

// InForce reports whether data may flow under the agreement: it is final and
// was not ended.
func (a Agreement) InForce() bool { return a.Final && a.Ended.IsZero() }

// End is the end of an agreement, with the row of the journal that tells of it.
type End struct {
	At      time.Time
	By      string // EndedByUs or EndedByPeer
	Reason  string // may be empty
	Journal engine.Entry
}

// AgreementQuery selects agreements for a list. Empty fields select all.
type AgreementQuery struct {
	Peer    string
	Role    string
	Target  string
	InForce bool   // only those for which InForce holds
	Before  string // cursor: the id of the last one seen
	Limit   int    // 0: all
}

// AgreementStore keeps agreements. A negotiation's agreement is written in
// the transaction of its step, as a SaveAgreement.
type AgreementStore interface {
	// Agreement returns one by id, in whichever role. ErrNoAgreement. It is
	// read for every request of data, and over and over while a transfer runs:
	// one look-up by key.
	Agreement(ctx context.Context, contextID, id string) (Agreement, error)
	// Agreements returns those that q selects, newest first. A Before that
	// names none is ErrNoAgreement, whether or not q would select it.
	Agreements(ctx context.Context, contextID string, q AgreementQuery) ([]Agreement, error)
	// PutAgreement keeps an imported one, which cannot have ended.
	// ErrAgreementExists.
	PutAgreement(ctx context.Context, a Agreement) error
	// EndAgreement ends one that was not ended yet, final or not, and writes
	// e.Journal, both or neither. Of several at the same time one does it; the
	// others, and all after it, are ErrAgreementEnded and change nothing.
	// ErrNoAgreement. Nothing else in the agreement changes, and nothing makes
	// an end undone. The caller then tells the engine of the journal's row
	// (Core.Journaled).
	EndAgreement(ctx context.Context, contextID, id string, e End) error
}

// SaveAgreement is the write of an agreement within a step of its
// negotiation. An id that is kept already is ErrAgreementExists.
type SaveAgreement struct{ Agreement Agreement }

// FinalizeAgreement sets Final on an agreement within a step.
type FinalizeAgreement struct{ Context, ID string }
