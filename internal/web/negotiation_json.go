// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// progress is what negotiations and transfers show alike: where it stands and
// who has to move.
type progress struct {
	WaitingFor string     `json:"waitingFor,omitempty"` // us, peer, person; none at the end
	Pending    string     `json:"pending,omitempty"`    // our message that is not acknowledged yet
	LastError  *faultView `json:"lastError,omitempty"`
	NextTry    time.Time  `json:"nextTry,omitzero"`
	Deadline   time.Time  `json:"deadline,omitzero"`
	Created    time.Time  `json:"created,omitzero"`
	Updated    time.Time  `json:"updated,omitzero"`
	// Possible are the acts, by the last segment of their routes. Lists leave
	// them out.
	Possible []string `json:"possible,omitempty"`
}

type faultView struct {
	At     time.Time `json:"at"`
	Code   string    `json:"code"`
	Reason string    `json:"reason"`
}

func viewFault(f *engine.Fault) *faultView {
	if f == nil {
		return nil
	}
	return &faultView{At: f.At, Code: f.Code, Reason: f.Reason}
}

type termsView struct {
	OfferID string          `json:"offerId,omitempty"`
	Policy  json.RawMessage `json:"policy,omitempty"`
}

func viewTerms(t *negotiation.Terms) *termsView {
	if t == nil || t.OfferID == "" {
		return nil
	}
	return &termsView{OfferID: t.OfferID, Policy: showPolicy(t.Policy)}
}

type negotiationView struct {
	ID               string                     `json:"id"`
	Role             string                     `json:"role"`
	State            string                     `json:"state"`
	Peer             string                     `json:"peer"`
	PeerPID          string                     `json:"peerPid,omitempty"`
	Dataset          string                     `json:"dataset"`
	Offered          *termsView                 `json:"offered,omitempty"`
	OfferedBy        string                     `json:"offeredBy,omitempty"`
	Own              *termsView                 `json:"own,omitempty"`
	Published        *termsView                 `json:"published,omitempty"`
	Rules            []ruleJSON                 `json:"rules,omitempty"`
	AgreementID      string                     `json:"agreementId,omitempty"`
	Mismatch         string                     `json:"mismatch,omitempty"`
	AcceptUnenforced bool                       `json:"acceptUnenforced,omitempty"`
	TerminatedFor    string                     `json:"terminatedFor,omitempty"`
	Claims           *trust.Claims              `json:"claims,omitempty"`
	Declared         map[string]json.RawMessage `json:"declared,omitempty"`
	// Verdict says by which rule our policy denied the terms.
	Verdict *policy.Verdict `json:"verdict,omitempty"`
	// Differences tell how the terms on the table differ from ours, term by
	// term.
	Differences []string `json:"differences,omitempty"`
	progress
	History []exchangeView `json:"history,omitempty"`
}

func viewNegotiation(n negotiation.Negotiation) negotiationView {
	return negotiationView{
		ID: n.ID, Role: n.Role, State: n.State, Peer: n.Peer, PeerPID: n.PeerPID, Dataset: n.Dataset,
		Offered: viewTerms(&n.Offered), OfferedBy: n.OfferedBy, Own: viewTerms(n.Own), Published: viewTerms(n.Published),
		Rules: viewRules(n.Rules), AgreementID: n.AgreementID, Mismatch: n.Mismatch, AcceptUnenforced: n.AcceptUnenforced,
		TerminatedFor: n.TerminatedFor, Claims: viewClaims(n.Claims), Declared: n.Declared, Verdict: n.Verdict, Differences: viewDifferences(n), History: viewHistory(n.History),
		progress: progress{
			WaitingFor: n.WaitingFor, Pending: n.Pending, LastError: viewFault(n.LastError),
			NextTry: n.NextTry, Deadline: n.Deadline, Created: n.Created, Updated: n.Updated,
		},
	}
}

func viewClaims(c trust.Claims) *trust.Claims {
	if c.Participant == "" {
		return nil
	}
	return &c
}

type exchangeView struct {
	Inbound bool            `json:"inbound"`
	Message string          `json:"message"`
	At      time.Time       `json:"at"`
	Outcome string          `json:"outcome,omitempty"` // of ours: acknowledged, refused, dropped
	Body    json.RawMessage `json:"body,omitempty"`
}

func viewHistory(history []negotiation.Exchange) []exchangeView {
	var out []exchangeView
	for _, e := range history {
		out = append(out, exchangeView{Inbound: e.Inbound, Message: e.Message, At: e.At, Outcome: e.Outcome, Body: rawJSON(e.Body)})
	}
	return out
}

// rawJSON is a stored body as part of an answer; none where it is no JSON.
func rawJSON(body []byte) json.RawMessage {
	if !json.Valid(body) {
		return nil
	}
	return body
}

func viewDifferences(n negotiation.Negotiation) []string {
	var list []string
	for _, d := range n.Differences() {
		list = append(list, d.String())
	}
	return list
}
