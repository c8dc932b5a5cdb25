// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

type agreementView struct {
	ID   string `json:"id"`
	Role string `json:"role"`
	// State is one of the words below.
	State       string          `json:"state"`
	Peer        string          `json:"peer"`
	Negotiation string          `json:"negotiation,omitempty"`
	Offer       string          `json:"offer,omitempty"` // our id of it, as provider
	Target      string          `json:"target"`
	Assigner    string          `json:"assigner"`
	Assignee    string          `json:"assignee"`
	Concluded   time.Time       `json:"concluded"`
	Final       bool            `json:"final"`
	Ended       time.Time       `json:"ended,omitzero"`
	EndedBy     string          `json:"endedBy,omitempty"` // us or peer
	EndReason   string          `json:"endReason,omitempty"`
	ValidUntil  time.Time       `json:"validUntil,omitzero"` // by the clock of its policy
	Imported    bool            `json:"imported,omitempty"`
	Unenforced  bool            `json:"unenforced,omitempty"`
	Policy      json.RawMessage `json:"policy,omitempty"`
	// Terms are what the policy says, line by line.
	Terms        []policy.Term              `json:"terms,omitempty"`
	Declared     map[string]json.RawMessage `json:"declared,omitempty"`
	Usage        *policy.Usage              `json:"usage,omitempty"` // a single look alone
	DocumentHash string                     `json:"documentHash"`
	PolicyHash   string                     `json:"policyHash"`
	// Document is the agreement byte for byte, as a text: as JSON within JSON
	// it could come out written otherwise.
	Document string          `json:"document,omitempty"`
	Dataset  json.RawMessage `json:"dataset,omitempty"`
	Claims   *trust.Claims   `json:"claims,omitempty"`
}

// Where an agreement stands.
const (
	stateNotFinal = "NOT_FINAL" // the negotiation has not come to its end
	stateInForce  = "IN_FORCE"
	stateEnded    = "ENDED" // by one of the two
	stateOver     = "OVER"  // by the clock of its policy
)

func (m *management) viewAgreement(a negotiation.Agreement) agreementView {
	v := agreementView{
		ID: a.ID, Role: a.Role, State: stateInForce, Peer: a.Peer, Negotiation: a.Negotiation, Offer: a.Offer, Target: a.Target,
		Assigner: a.Assigner, Assignee: a.Assignee, Concluded: a.Concluded, Final: a.Final,
		Ended: a.Ended, EndedBy: a.EndedBy, EndReason: a.EndReason, Imported: a.Imported, Unenforced: a.Unenforced,
		Policy: rawJSON(a.Policy), Declared: a.Declared, DocumentHash: a.DocumentHash, PolicyHash: a.PolicyHash,
	}
	if p, err := policy.Parse(a.Policy); err == nil { // what we keep can be read
		v.Terms = m.Policies.Registry.Terms(p)
		v.ValidUntil = m.Policies.Registry.Compile(p).Ends(a.Concluded)
	}
	switch {
	case !a.Ended.IsZero():
		v.State = stateEnded
	case !a.Final:
		v.State = stateNotFinal
	case !v.ValidUntil.IsZero() && m.Now().After(v.ValidUntil):
		v.State = stateOver
	}
	return v
}

// showAgreement answers with all that there is of one.
func (c *call) showAgreement(a negotiation.Agreement, status int) (answer, error) {
	v := c.m.viewAgreement(a)
	v.Document, v.Dataset, v.Claims = string(a.Document), rawJSON(a.Dataset), viewClaims(a.Claims)
	used, err := c.m.Usage(c.ctx, c.contextID, a.ID)
	v.Usage = &used
	return answer{status: status, body: v}, err
}
