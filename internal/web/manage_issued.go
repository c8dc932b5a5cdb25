// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// issuedView is a credential that was issued.
type issuedView struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	Holder     string    `json:"holder"`
	Profile    string    `json:"profile"`
	State      string    `json:"state"`
	Reason     string    `json:"reason,omitempty"`
	Request    string    `json:"request"`
	Issued     time.Time `json:"issued"`
	ValidUntil time.Time `json:"validUntil"`
	Changed    time.Time `json:"changed,omitzero"`
	List       int       `json:"list"`
	Index      int       `json:"index"`
}

func viewIssued(i issuer.Credential) issuedView {
	return issuedView{
		ID: i.ID, Type: i.Type, Holder: i.Holder, Profile: i.Profile, State: i.State, Reason: i.Reason, Request: i.Request,
		Issued: i.Issued, ValidUntil: i.ValidUntil, Changed: i.Changed, List: i.List, Index: i.Index,
	}
}

func listIssued(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Issuer.IssuedCredentials(c.ctx, c.contextID, c.QueryParam("holder"), c.QueryParam("before"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewIssued, func(i issuer.Credential) string { return i.ID })}, nil
}

// onIssued answers with a credential that something was done to.
func onIssued(c *call, do func(ctx context.Context, contextID, id string) (issuer.Credential, error)) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	i, err := do(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: viewIssued(i)}, nil
}

func getIssued(c *call) (answer, error) { return onIssued(c, c.m.Issuer.IssuedCredential) }

// statusInput says why.
type statusInput struct {
	Reason string `json:"reason"`
}

// mark is one of an Issuer's changes of status.
type mark func(ctx context.Context, contextID, id, reason string) (issuer.Credential, error)

// markIssued changes the status of a credential.
func markIssued(act func(i Issuer) mark) func(*call, statusInput) (answer, error) {
	return func(c *call, in statusInput) (answer, error) {
		return onIssued(c, func(ctx context.Context, contextID, id string) (issuer.Credential, error) {
			return act(c.m.Issuer)(ctx, contextID, id, in.Reason)
		})
	}
}
