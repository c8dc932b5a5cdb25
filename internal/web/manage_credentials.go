// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// Wallet is a participant's own credentials; *holder.Service.
type Wallet interface {
	// Request asks an issuer for credentials, by type or by the issuer's own ids.
	Request(ctx context.Context, contextID string, w holder.Wish) (holder.Request, error)
	Requests(ctx context.Context, contextID, before string, limit int) ([]holder.Request, error)
	RequestByID(ctx context.Context, contextID, holderPID string) (holder.Request, error)
	List(ctx context.Context, contextID string) ([]holder.Stored, error)
	Get(ctx context.Context, contextID, id string) (holder.Stored, error)
	Import(ctx context.Context, contextID, raw string) (holder.Stored, error)
	Delete(ctx context.Context, contextID, id string) error
	Offers(ctx context.Context, contextID string) ([]holder.Offer, error)
}

const exampleAsk = `{
  "issuer": "did:web:issuer.example:registrar",
  "types": ["MembershipCredential", "CorporateIdentityCredential"]
}`

// askInput names credentials by type, or by the issuer's own ids.
type askInput struct {
	Issuer  string   `json:"issuer"`
	Types   []string `json:"types"`
	Objects []string `json:"objects"`
	Profile string   `json:"profile"`
}

const exampleForeign = `{"credential": "eyJhbGciOi..."}`

type importCredentialInput struct {
	Credential string `json:"credential"`
}

// heldView is a credential of the wallet. The token itself is only in the view
// of one.
type heldView struct {
	ID         string              `json:"id"`
	Credential string              `json:"credential"`
	Issuer     string              `json:"issuer"`
	Types      []string            `json:"types"`
	Profile    string              `json:"profile"`
	State      string              `json:"state"`
	ValidFrom  time.Time           `json:"validFrom"`
	ValidUntil time.Time           `json:"validUntil,omitzero"`
	Received   time.Time           `json:"received"`
	Checked    time.Time           `json:"checked,omitzero"`
	RenewAt    time.Time           `json:"renewAt,omitzero"`
	Request    string              `json:"request,omitempty"`
	Status     []trust.StatusEntry `json:"status,omitempty"`
	Token      string              `json:"token,omitempty"`
}

func viewHeld(s holder.Stored) heldView {
	return heldView{
		ID: s.ID, Credential: s.Credential, Issuer: s.Issuer, Types: s.Types, Profile: s.Profile, State: s.State,
		ValidFrom: s.ValidFrom, ValidUntil: s.ValidUntil, Received: s.Received, Checked: s.Checked, RenewAt: s.RenewAt,
		Request: s.Request, Status: s.Status,
	}
}

// askedView is our request to an issuer.
type askedView struct {
	HolderPID   string    `json:"holderPid"`
	Issuer      string    `json:"issuer"`
	IssuerPID   string    `json:"issuerPid,omitempty"`
	Credentials []string  `json:"credentials"`
	State       string    `json:"state"`
	Reason      string    `json:"reason,omitempty"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Tries       int       `json:"tries,omitempty"`
	NextTry     time.Time `json:"nextTry,omitzero"`
	Deadline    time.Time `json:"deadline,omitzero"`
	WaitingFor  string    `json:"waitingFor,omitempty"`
}

func viewAsked(r holder.Request) askedView {
	return askedView{
		HolderPID: r.HolderPID, Issuer: r.Issuer, IssuerPID: r.IssuerPID, Credentials: r.Credentials, State: r.State, Reason: r.Reason,
		Created: r.Created, Updated: r.Updated, Tries: r.Tries, NextTry: r.NextTry, Deadline: r.Deadline,
		WaitingFor: askedWaits(r),
	}
}

// askedWaits says what brings our request forward; nothing where it is over.
func askedWaits(r holder.Request) string {
	switch {
	case r.State == holder.Requested && r.Tries == 0:
		return "being sent to the issuer"
	case r.State == holder.Requested:
		return "the issuer: it was not reached or did not take it, and is asked again"
	case r.State == holder.Received:
		return "the issuer's decision, and its delivery to our wallet"
	}
	return ""
}

func listHeld(c *call) (answer, error) {
	all, err := c.m.Wallet.List(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, viewHeld, nil)}, nil
}

func getHeld(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	s, err := c.m.Wallet.Get(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	v := viewHeld(s)
	v.Token = s.Raw
	return answer{body: v}, nil
}

func deleteHeld(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Wallet.Delete(c.ctx, c.contextID, id)
}

func importHeld(c *call, in importCredentialInput) (answer, error) {
	s, err := c.m.Wallet.Import(c.ctx, c.contextID, in.Credential)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: viewHeld(s), location: c.location("credentials", s.ID)}, nil
}

func askCredentials(c *call, in askInput) (answer, error) {
	r, err := c.m.Wallet.Request(c.ctx, c.contextID, holder.Wish{Issuer: in.Issuer, Types: in.Types, Objects: in.Objects, Profile: in.Profile})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusAccepted, body: viewAsked(r), location: c.location("credentials/requests", r.HolderPID)}, nil
}

func listAsked(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Wallet.Requests(c.ctx, c.contextID, c.QueryParam("before"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewAsked, func(r holder.Request) string { return r.HolderPID })}, nil
}

func getAsked(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	r, err := c.m.Wallet.RequestByID(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewAsked(r)}, nil
}

// offerView is what an issuer has offered us.
type credentialOfferView struct {
	ID       string          `json:"id"`
	Issuer   string          `json:"issuer"`
	Received time.Time       `json:"received"`
	Offered  json.RawMessage `json:"offered"`
}

func listCredentialOffers(c *call) (answer, error) {
	all, err := c.m.Wallet.Offers(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, func(o holder.Offer) credentialOfferView {
		return credentialOfferView{o.ID, o.Issuer, o.Received, rawJSON(o.Document)}
	}, nil)}, nil
}
