// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// explainClaims finds the claims to judge by, and says what they are.
func (c *Connector) explainClaims(ctx context.Context, contextID string, q explain.Query, told *explain.Claims) (trust.Claims, error) {
	claims, from, process, err := c.latestClaims(ctx, contextID, q)
	if err != nil {
		return claims, err
	}
	told.From, told.Process, told.Since = from, process, claims.Proved
	for _, one := range claims.Credentials {
		told.Credentials = append(told.Credentials, explain.Credential{ID: one.ID, Issuer: one.Issuer, Types: one.Types, ValidUntil: one.ValidUntil})
	}
	switch from {
	case explain.FromNone:
		told.Note = "it has proved nothing yet: it is judged as one that shows no credentials"
		return claims, nil
	case explain.FromQuery:
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
func (c *Connector) latestClaims(ctx context.Context, contextID string, q explain.Query) (claims trust.Claims, from, process string, err error) {
	if q.Claims != nil {
		claims = *q.Claims
		claims.Participant = q.Counterparty
		return claims, explain.FromQuery, "", nil
	}
	claims, from = trust.Claims{Participant: q.Counterparty}, explain.FromNone
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
func (c *Connector) explainDeclared(ctx context.Context, contextID string, q explain.Query) (explain.Declared, error) {
	if q.Declared != nil {
		values, err := policy.Declare(q.Declared)
		return explain.Declared{Values: values, From: explain.FromQuery}, err
	}
	list, err := c.negotiations.List(ctx, contextID, negotiation.Filter{Peer: q.Counterparty, Role: "provider", Dataset: q.Asset, Limit: 1})
	if err != nil || len(list) == 0 || len(list[0].Declared) == 0 {
		return explain.Declared{}, err
	}
	return explain.Declared{Values: list[0].Declared, From: list[0].ID}, nil
}
