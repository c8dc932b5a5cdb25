// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

const exampleImport = `{
  "id": "urn:uuid:0190f5a3-0000-7000-8000-000000000001",
  "role": "consumer",
  "peer": "did:web:supplier.example",
  "target": "cell-co2",
  "policy": {"permission": [{"action": "use"}]},
  "acceptUnenforced": false
}`

type importInput struct {
	ID               string          `json:"id"`
	Role             string          `json:"role"`
	Peer             string          `json:"peer"`
	Target           string          `json:"target"`
	Policy           json.RawMessage `json:"policy"`
	Dataset          json.RawMessage `json:"dataset"`
	AcceptUnenforced bool            `json:"acceptUnenforced"`
}

type agreementView struct {
	ID           string          `json:"id"`
	Role         string          `json:"role"`
	Peer         string          `json:"peer"`
	Negotiation  string          `json:"negotiation,omitempty"`
	Target       string          `json:"target"`
	Assigner     string          `json:"assigner"`
	Assignee     string          `json:"assignee"`
	Concluded    time.Time       `json:"concluded"`
	Final        bool            `json:"final"`
	Imported     bool            `json:"imported,omitempty"`
	Unenforced   bool            `json:"unenforced,omitempty"`
	Policy       json.RawMessage `json:"policy,omitempty"`
	DocumentHash string          `json:"documentHash"`
	PolicyHash   string          `json:"policyHash"`
	// Document is the agreement byte for byte, as a text: as JSON within JSON
	// it could come out written otherwise.
	Document string          `json:"document,omitempty"`
	Dataset  json.RawMessage `json:"dataset,omitempty"`
	Claims   *trust.Claims   `json:"claims,omitempty"`
}

func viewAgreement(a negotiation.Agreement) agreementView {
	return agreementView{
		ID: a.ID, Role: a.Role, Peer: a.Peer, Negotiation: a.Negotiation, Target: a.Target, Assigner: a.Assigner, Assignee: a.Assignee,
		Concluded: a.Concluded, Final: a.Final, Imported: a.Imported, Unenforced: a.Unenforced, Policy: rawJSON(a.Policy),
		DocumentHash: a.DocumentHash, PolicyHash: a.PolicyHash,
	}
}

func wholeAgreement(a negotiation.Agreement) agreementView {
	v := viewAgreement(a)
	v.Document, v.Dataset, v.Claims = string(a.Document), rawJSON(a.Dataset), viewClaims(a.Claims)
	return v
}

func listAgreements(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Agreements.Agreements(c.ctx, c.contextID, negotiation.AgreementQuery{Before: c.QueryParam("before"), Limit: limit})
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewAgreement, func(a negotiation.Agreement) string { return a.ID })}, nil
}

func getAgreement(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	a, err := c.m.Agreements.Agreement(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: wholeAgreement(a)}, nil
}

func importAgreement(c *call, in importInput) (answer, error) {
	p, err := readPolicy("policy", in.Policy)
	if err != nil {
		return answer{}, err
	}
	a, err := c.m.Negotiations.Import(c.ctx, c.contextID, negotiation.Imported{
		ID: in.ID, Role: in.Role, Peer: in.Peer, Target: in.Target, Policy: p, Snapshot: in.Dataset, AcceptUnenforced: in.AcceptUnenforced,
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: wholeAgreement(a), location: c.location("agreements", a.ID)}, nil
}
