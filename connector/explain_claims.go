// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// ExplainClaims are those by which a counterparty was judged.
type ExplainClaims struct {
	// From is where they are from: the last "message" of the counterparty, its
	// newest "negotiation", "agreement" or "transfer", the "query", or "none".
	From string `json:"from"`
	// Process is the id of that negotiation, agreement or transfer.
	Process string `json:"process,omitempty"`
	// Since is when they were proved.
	Since       time.Time           `json:"since,omitzero"`
	Credentials []ExplainCredential `json:"credentials,omitempty"`
	// Refused says why a message with these credentials would be turned away
	// now, such as that one was revoked since.
	Refused string `json:"refused,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Where claims may be from, beside a process.
const (
	fromQuery = "query"
	fromNone  = "none"
)

// ExplainCredential is a credential, without what it says.
type ExplainCredential struct {
	ID         string    `json:"id"`
	Issuer     string    `json:"issuer"`
	Types      []string  `json:"types"`
	ValidUntil time.Time `json:"validUntil,omitzero"`
}

// explainClaims finds the claims to judge by, and says what they are.
func (c *Connector) explainClaims(ctx context.Context, contextID string, q ExplainQuery, told *ExplainClaims) (trust.Claims, error) {
	claims, from, process, err := c.latestClaims(ctx, contextID, q)
	if err != nil {
		return claims, err
	}
	told.From, told.Process, told.Since = from, process, claims.Proved
	for _, one := range claims.Credentials {
		told.Credentials = append(told.Credentials, ExplainCredential{one.ID, one.Issuer, one.Types, one.ValidUntil})
	}
	switch from {
	case fromNone:
		told.Note = "it has proved nothing yet: it is judged as one that shows no credentials"
		return claims, nil
	case fromQuery:
		return claims, nil
	}
	err = c.recheck(ctx, contextID, claims, 0)
	var no *trust.Refusal
	switch {
	case errors.As(err, &no):
		told.Refused = "check " + no.Check + ": " + no.Reason
	case err != nil:
		told.Note = "whether its credentials are still good cannot be told now"
	}
	return claims, nil
}

// latestClaims are those of the query; else the newest that are known.
func (c *Connector) latestClaims(ctx context.Context, contextID string, q ExplainQuery) (claims trust.Claims, from, process string, err error) {
	if q.Claims != nil {
		claims = *q.Claims
		claims.Participant = q.Counterparty
		return claims, fromQuery, "", nil
	}
	claims, from = trust.Claims{Participant: q.Counterparty}, fromNone
	take := func(found trust.Claims, what, id string) {
		if found.Participant == q.Counterparty && found.Proved.After(claims.Proved) {
			claims, from, process = found, what, id
		}
	}
	if found, ok := c.proved.of(contextID, q.Counterparty); ok {
		take(found, "message", "")
	}
	negotiations, err := c.negotiations.List(ctx, contextID, negotiation.Filter{Peer: q.Counterparty, Limit: maxExplained})
	if err != nil {
		return claims, from, process, err
	}
	for _, n := range negotiations {
		take(n.Claims, "negotiation", n.ID)
	}
	agreements, err := c.store.Agreements(ctx, contextID, negotiation.AgreementQuery{Peer: q.Counterparty, Limit: maxExplained})
	if err != nil {
		return claims, from, process, err
	}
	for _, a := range agreements {
		take(a.Claims, "agreement", a.ID)
	}
	transfers, err := c.transfers.List(ctx, contextID, transfer.Filter{Peer: q.Counterparty, Limit: maxExplained})
	for _, t := range transfers {
		take(t.Claims, "transfer", t.ID)
	}
	return claims, from, process, err
}

// explainDeclared is what the query says, else what the counterparty declared
// when it last asked for the asset.
func (c *Connector) explainDeclared(ctx context.Context, contextID string, q ExplainQuery) (ExplainDeclare, error) {
	if q.Declared != nil {
		values, err := policy.Declare(q.Declared)
		return ExplainDeclare{Values: values, From: fromQuery}, err
	}
	list, err := c.negotiations.List(ctx, contextID, negotiation.Filter{Peer: q.Counterparty, Role: "provider", Dataset: q.Asset, Limit: 1})
	if err != nil || len(list) == 0 || len(list[0].Declared) == 0 {
		return ExplainDeclare{}, err
	}
	return ExplainDeclare{Values: list[0].Declared, From: list[0].ID}, nil
}
