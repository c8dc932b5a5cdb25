// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// Issuer is a participant's issuer service; *issuer.Service.
type Issuer interface {
	IssuerRequests(ctx context.Context, contextID, state, before string, limit int) ([]issuer.Request, error)
	IssuerRequest(ctx context.Context, contextID, id string) (issuer.Request, error)
	Approve(ctx context.Context, contextID, id, by string, claims map[string]json.RawMessage, evidence json.RawMessage) (issuer.Request, error)
	Reject(ctx context.Context, contextID, id, by, reason string) (issuer.Request, error)
	// Offer tells a holder that it may ask.
	Offer(ctx context.Context, contextID, holder string, credentials []string) error

	IssuedCredentials(ctx context.Context, contextID, holder, before string, limit int) ([]issuer.Credential, error)
	IssuedCredential(ctx context.Context, contextID, id string) (issuer.Credential, error)
	Revoke(ctx context.Context, contextID, id, reason string) (issuer.Credential, error)
	Suspend(ctx context.Context, contextID, id, reason string) (issuer.Credential, error)
	Restore(ctx context.Context, contextID, id, reason string) (issuer.Credential, error)
}

const exampleApprove = `{
  "by": "the registrar's officer",
  "claims": {
    "MembershipCredential": {"dataspace": "https://dataspace.example", "membershipNumber": "42", "role": ["provider"]}
  },
  "evidence": {"kind": "registry-extract", "reference": "2026-0042"}
}`

type approveInput struct {
	By       string                     `json:"by"`
	Claims   map[string]json.RawMessage `json:"claims"`
	Evidence json.RawMessage            `json:"evidence"`
}

type rejectCredentialInput struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

const exampleReject = `{"by": "the registrar's officer", "reason": "the number is not the applicant's"}`

const exampleInvitation = `{"holder": "did:web:connector.example:acme", "credentials": ["MembershipCredential"]}`

type offerCredentialsInput struct {
	Holder      string   `json:"holder"`
	Credentials []string `json:"credentials"`
}

// requestedView is a holder's request.
type requestedView struct {
	ID          string                     `json:"id"`
	Holder      string                     `json:"holder"`
	HolderPID   string                     `json:"holderPid"`
	Credentials []string                   `json:"credentials"`
	State       string                     `json:"state"`
	Claims      map[string]json.RawMessage `json:"claims,omitempty"`
	Evidence    json.RawMessage            `json:"evidence,omitempty"`
	Reason      string                     `json:"reason,omitempty"`
	DecidedBy   string                     `json:"decidedBy,omitempty"`
	Created     time.Time                  `json:"created"`
	Updated     time.Time                  `json:"updated"`
	Delivered   time.Time                  `json:"delivered,omitzero"`
	Tries       int                        `json:"tries,omitempty"`
	NextTry     time.Time                  `json:"nextTry,omitzero"`
	Deadline    time.Time                  `json:"deadline,omitzero"`
	LastError   string                     `json:"lastError,omitempty"`
	WaitingFor  string                     `json:"waitingFor,omitempty"`
}

func viewRequested(r issuer.Request) requestedView {
	return requestedView{
		ID: r.ID, Holder: r.Holder, HolderPID: r.HolderPID, Credentials: r.Credentials, State: r.State, Claims: r.Claims,
		Evidence: r.Evidence, Reason: r.Reason, DecidedBy: r.Decided, Created: r.Created, Updated: r.Updated,
		Delivered: r.Delivered, Tries: r.Tries, NextTry: r.NextTry, Deadline: r.Deadline, LastError: r.LastError,
		WaitingFor: requestedWaits(r),
	}
}

// requestedWaits says what brings a holder's request forward; nothing where it
// is over.
func requestedWaits(r issuer.Request) string {
	switch {
	case r.State == issuer.Received:
		return "a decision: approve or reject it"
	case r.State == issuer.Approved && r.NextTry.IsZero():
		return "the holder: its wallet has to ask for what was approved"
	case r.State == issuer.Approved:
		return "its credentials to be issued"
	case r.State == issuer.Lost:
		return "the holder: it did not take the credentials, and has to ask again"
	case r.Delivered.IsZero() && !r.NextTry.IsZero():
		return "the holder's wallet: the answer is delivered until it is taken, or the deadline is over"
	}
	return ""
}

func listRequested(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	state, err := c.word("state", issuer.Received, issuer.Approved, issuer.Issued, issuer.Rejected, issuer.Lost)
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Issuer.IssuerRequests(c.ctx, c.contextID, state, c.QueryParam("before"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewRequested, func(r issuer.Request) string { return r.ID })}, nil
}

// formView is what has to be filled in for a type of credential.
type formView struct {
	Type   string        `json:"type"`
	Fields []trust.Field `json:"fields"`
}

func getForm(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	fields := trust.Fields(id)
	if fields == nil {
		return answer{}, problemf(http.StatusNotFound, "form-unknown", "there is no form for %.80q", id).
			hint("there is one for each of %s, %s and %s", trust.MembershipCredential, trust.CorporateIdentityCredential, trust.SecurityEvaluationCredential)
	}
	return answer{body: formView{id, fields}}, nil
}

// onRequest answers with a request that something was done to.
func onRequest(c *call, do func(id string) (issuer.Request, error)) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	r, err := do(id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewRequested(r)}, nil
}

func getRequested(c *call) (answer, error) {
	return onRequest(c, func(id string) (issuer.Request, error) { return c.m.Issuer.IssuerRequest(c.ctx, c.contextID, id) })
}

func approveRequested(c *call, in approveInput) (answer, error) {
	return onRequest(c, func(id string) (issuer.Request, error) {
		return c.m.Issuer.Approve(c.ctx, c.contextID, id, in.By, in.Claims, in.Evidence)
	})
}

func rejectRequested(c *call, in rejectCredentialInput) (answer, error) {
	return onRequest(c, func(id string) (issuer.Request, error) {
		return c.m.Issuer.Reject(c.ctx, c.contextID, id, in.By, in.Reason)
	})
}

func offerCredentials(c *call, in offerCredentialsInput) (answer, error) {
	return answer{}, c.m.Issuer.Offer(c.ctx, c.contextID, in.Holder, in.Credentials)
}
