// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// Tokens mints self-issued tokens (DCP 1.0, section 4) and access tokens for
// our own credential service.
type Tokens struct {
	Keys  trust.KeyStore
	Now   func() time.Time
	NewID func() string
}

// Mint returns a self-issued token of a participant for one audience, without
// "Bearer ". token is embedded as the claim token where it is not empty.
func (t *Tokens) Mint(ctx context.Context, own trust.Participant, audience, token string) (string, error) {
	panic("to be written")
}

// Grant returns an access token with which peer may ask our credential service
// for what the scopes name: signed by us, for at most five minutes.
func (t *Tokens) Grant(ctx context.Context, own trust.Participant, peer string, scopes []Scope) (string, error) {
	panic("to be written")
}

// Granted checks an access token of ours that peer presents, and returns its
// scopes. The error is a *trust.Refusal.
func (t *Tokens) Granted(ctx context.Context, own trust.Participant, peer, token string) ([]Scope, error) {
	panic("to be written")
}

// Authenticator checks the self-issued token of an inbound call: V01 to V42.
// All endpoints of all roles use it.
type Authenticator struct {
	DIDs    did.Resolver
	Replays ReplayStore
	Now     func() time.Time
	// Conformance says how strictly a caller's DID document is judged, by its
	// DID; nil: strictly. Relaxed is told each use of a relaxation.
	Conformance func(ctx context.Context, contextID, did string) trust.Conformance
	Relaxed     func(contextID, did, what string)
}

// Caller is who sent a call, proved by a self-issued token.
type Caller struct {
	DID string
	// AccessToken is the claim token, as it came.
	AccessToken string
	// PreAuthorized is the claim pre-authorized_code, if there is one.
	PreAuthorized string
	// TokenID is the jti: recorded, and released by Release.
	TokenID  string
	Document *did.Document
}

// Demand is what an endpoint asks of a token beyond the common checks.
type Demand struct {
	// AccessToken must be there: V39.
	AccessToken bool
}

// Check proves who sent a call to one of our participants. Errors are a
// *trust.Refusal, or wrap trust.ErrUnavailable; then the token is not used up.
func (a *Authenticator) Check(ctx context.Context, own trust.Participant, authorization []string, demand Demand) (Caller, error) {
	panic("to be written")
}

// Release lets a token be used once more, after an answer of 5xx.
func (a *Authenticator) Release(ctx context.Context, contextID, issuer, tokenID string) error {
	return a.Replays.ReleaseToken(ctx, contextID, issuer, tokenID)
}

// ReplayStore remembers used tokens, for all replicas.
type ReplayStore interface {
	// UseToken records a token and reports whether it is the first time. The
	// record is kept until then. It is one atomic write.
	UseToken(ctx context.Context, contextID, issuer, tokenID string, until time.Time) (first bool, err error)
	// ReleaseToken forgets one.
	ReleaseToken(ctx context.Context, contextID, issuer, tokenID string) error
	// DropTokens forgets those whose time is over, at most limit of them, and
	// returns how many.
	DropTokens(ctx context.Context, now time.Time, limit int) (int, error)
}
