// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

const exampleImport = `{
  "id": "urn:uuid:0190f5a3-0000-7000-8000-000000000001",
  "role": "consumer",
  "peer": "did:web:supplier.example",
  "target": "cell-co2",
  "concluded": "2026-01-30T00:00:00Z",
  "policy": {"permission": [{"action": "use"}]},
  "acceptUnenforced": false
}`

type importInput struct {
	ID               string          `json:"id"`
	Role             string          `json:"role"`
	Peer             string          `json:"peer"`
	Target           string          `json:"target"`
	Concluded        time.Time       `json:"concluded"` // zero: now
	Policy           json.RawMessage `json:"policy"`
	Dataset          json.RawMessage `json:"dataset"`
	AcceptUnenforced bool            `json:"acceptUnenforced"`
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
	return c.showAgreement(a, http.StatusOK)
}

// listAgreements lists those that the filters select.
func listAgreements(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	role, err := c.word("role", string(engine.Consumer), string(engine.Provider))
	if err != nil {
		return answer{}, err
	}
	inForce, err := c.flag("inForce")
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Agreements.Agreements(c.ctx, c.contextID, negotiation.AgreementQuery{
		Peer: c.QueryParam("peer"), Role: role, Target: c.QueryParam("target"), InForce: inForce, Before: c.QueryParam("before"), Limit: limit,
	})
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, c.m.viewAgreement, func(a negotiation.Agreement) string { return a.ID })}, nil
}

// endAgreement ends one on our side, with what runs under it.
func endAgreement(c *call, in reasonInput) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	a, err := c.m.EndAgreement(c.ctx, c.contextID, id, in.Reason)
	if err != nil {
		return answer{}, err
	}
	return c.showAgreement(a, http.StatusOK)
}

func importAgreement(c *call, in importInput) (answer, error) {
	p, err := readPolicy("policy", in.Policy)
	if err != nil {
		return answer{}, err
	}
	a, err := c.m.Negotiations.Import(c.ctx, c.contextID, negotiation.Imported{
		ID: in.ID, Role: in.Role, Peer: in.Peer, Target: in.Target, Concluded: in.Concluded, Policy: p, Snapshot: in.Dataset, AcceptUnenforced: in.AcceptUnenforced,
	})
	if err != nil {
		return answer{}, err
	}
	shown, err := c.showAgreement(a, http.StatusCreated)
	shown.location = c.location("agreements", a.ID)
	return shown, err
}
