// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// known is the one id that the fakes know of everything.
const known = "urn:uuid:known"

// fakeWallet holds one credential and has asked for it once.
type fakeWallet struct{}

var (
	heldOne = holder.Stored{
		ID: known, Credential: "urn:uuid:credential", Issuer: "did:web:issuer.example", Types: []string{trust.MembershipCredential},
		Profile: "vc11-sl2021/jwt", Raw: "the-token", State: holder.Held, Request: known,
	}
	askedOne = holder.Request{HolderPID: known, Issuer: "did:web:issuer.example", Credentials: []string{"a"}, State: holder.Issued}
)

func only[T any](id string, one T, none error) (T, error) {
	if id == known {
		return one, nil
	}
	var zero T
	return zero, none
}

func (fakeWallet) Request(_ context.Context, _ string, w holder.Wish) (holder.Request, error) {
	if w.Issuer == "" {
		return holder.Request{}, fmt.Errorf("%w: the issuer is not a DID", holder.ErrInput)
	}
	return askedOne, nil
}

func (fakeWallet) Requests(context.Context, string, string, int) ([]holder.Request, error) {
	return []holder.Request{askedOne}, nil
}

func (fakeWallet) RequestByID(_ context.Context, _, id string) (holder.Request, error) {
	return only(id, askedOne, holder.ErrNotFound)
}

func (fakeWallet) List(context.Context, string) ([]holder.Stored, error) {
	return []holder.Stored{heldOne}, nil
}

func (fakeWallet) Get(_ context.Context, _, id string) (holder.Stored, error) {
	return only(id, heldOne, holder.ErrNotFound)
}

func (fakeWallet) Import(_ context.Context, _, raw string) (holder.Stored, error) {
	if raw != heldOne.Raw {
		return holder.Stored{}, trust.Refuse("V64", "the signature does not match")
	}
	return heldOne, nil
}

func (fakeWallet) Delete(_ context.Context, _, id string) error {
	_, err := only(id, heldOne, holder.ErrNotFound)
	return err
}

func (fakeWallet) Offers(context.Context, string) ([]holder.Offer, error) {
	return []holder.Offer{{ID: known, Issuer: "did:web:issuer.example", Document: []byte(`[{"id":"a"}]`)}}, nil
}

// fakeIssuer was asked once, and has issued one credential.
type fakeIssuer struct{}

var (
	requestedOne = issuer.Request{ID: known, Holder: "did:web:acme.example", HolderPID: "h", Credentials: []string{"a"}, State: issuer.Received, Token: "a secret"}
	issuedOne    = issuer.Credential{ID: known, Type: trust.MembershipCredential, Holder: "did:web:acme.example", Raw: "the-token", State: issuer.Active}
)

func (fakeIssuer) IssuerRequests(context.Context, string, string, string, int) ([]issuer.Request, error) {
	return []issuer.Request{requestedOne}, nil
}

func (fakeIssuer) IssuerRequest(_ context.Context, _, id string) (issuer.Request, error) {
	return only(id, requestedOne, issuer.ErrNotFound)
}

func (fakeIssuer) Approve(_ context.Context, _, id, by string, claims map[string]json.RawMessage, evidence json.RawMessage) (issuer.Request, error) {
	r := requestedOne
	r.State, r.Decided, r.Claims, r.Evidence = issuer.Approved, by, claims, evidence
	return only(id, r, issuer.ErrNotFound)
}

func (fakeIssuer) Reject(_ context.Context, _, id, by, reason string) (issuer.Request, error) {
	r := requestedOne
	r.State, r.Decided, r.Reason = issuer.Rejected, by, reason
	return only(id, r, issuer.ErrNotFound)
}

func (fakeIssuer) Offer(_ context.Context, _, holder string, _ []string) error {
	if holder == "" {
		return fmt.Errorf("%w: nobody is named", issuer.ErrHolder)
	}
	return nil
}

func (fakeIssuer) IssuedCredentials(context.Context, string, string, string, int) ([]issuer.Credential, error) {
	return []issuer.Credential{issuedOne}, nil
}

func (fakeIssuer) IssuedCredential(_ context.Context, _, id string) (issuer.Credential, error) {
	return only(id, issuedOne, issuer.ErrNotFound)
}

func (fakeIssuer) Revoke(_ context.Context, _, id, reason string) (issuer.Credential, error) {
	c := issuedOne
	c.State, c.Reason = issuer.Revoked, reason
	return only(id, c, issuer.ErrNotFound)
}

func (fakeIssuer) Suspend(_ context.Context, _, id, reason string) (issuer.Credential, error) {
	c := issuedOne
	c.State, c.Reason = issuer.Suspended, reason
	return only(id, c, issuer.ErrNotFound)
}

func (fakeIssuer) Restore(context.Context, string, string, string) (issuer.Credential, error) {
	return issuer.Credential{}, issuer.ErrRevoked
}

// fakeTrust has one issuer in its draft, and no list before it is signed.
type fakeTrust struct{}

var trustedOne = dcp.TrustedIssuer{ID: "did:web:issuer.example", Types: []string{"*"}}

func (fakeTrust) Current(context.Context, string) (trustlist.List, error) {
	return trustlist.List{}, trustlist.ErrNone
}

func (fakeTrust) Draft(context.Context, string) ([]dcp.TrustedIssuer, error) {
	return []dcp.TrustedIssuer{trustedOne}, nil
}
func (fakeTrust) AddIssuer(context.Context, string, dcp.TrustedIssuer) error { return nil }
func (fakeTrust) RemoveIssuer(context.Context, string, string) error         { return nil }

func (fakeTrust) Publish(_ context.Context, _ string, valid time.Duration) (trustlist.List, error) {
	return trustlist.List{Authority: "did:web:acme.example", Sequence: 1, ValidUntil: fixedNow().Add(valid), Issuers: []dcp.TrustedIssuer{trustedOne}}, nil
}

func (fakeTrust) Published(context.Context, string) (trustlist.List, error) {
	return trustlist.List{}, trustlist.ErrNone
}

// fakeBindings know one counterparty.
type fakeBindings struct{}

func (fakeBindings) Bindings(context.Context, string) (map[string]trust.Identifier, error) {
	return map[string]trust.Identifier{known: {Scheme: trust.CorporateNumber, Value: "7123456789012"}}, nil
}

func (fakeBindings) Unbind(_ context.Context, _, participant string) error {
	_, err := only(participant, 1, trust.ErrUnknownPeer)
	return err
}
