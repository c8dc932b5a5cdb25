// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// Authenticator checks the self-issued token of an inbound call: V01 to V42.
// All endpoints of all roles use it. What needs no other party is checked
// before a DID document is fetched, so that a bad token costs nobody else
// anything.
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
	// TokenID is the jti: recorded by Use, and released by Release. Expires is
	// the token's end.
	TokenID  string
	Expires  time.Time
	Document *did.Document
}

// Demand is what an endpoint asks of a token beyond the common checks.
type Demand struct {
	// AccessToken must be there: V39.
	AccessToken bool
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

// Check proves who sent a call to one of our participants. Errors are a
// *trust.Refusal, or wrap trust.ErrUnavailable; then the token is not used up.
func (a *Authenticator) Check(ctx context.Context, own trust.Participant, authorization []string, demand Demand) (Caller, error) {
	caller, err := a.Prove(ctx, own, authorization, demand)
	if err != nil {
		return Caller{}, err
	}
	if err := a.Use(ctx, own, caller); err != nil {
		return Caller{}, err
	}
	return caller, nil
}

// Prove is Check but for V38, whether the token was used before. It is for who
// asks more of a caller than a DID, which anybody has, before a call may cost a
// write: Use must follow before the call has any effect.
func (a *Authenticator) Prove(ctx context.Context, own trust.Participant, authorization []string, demand Demand) (Caller, error) {
	raw, err := bearer(authorization)
	if err != nil {
		return Caller{}, err
	}
	token, err := parseToken(raw)
	if err != nil {
		return Caller{}, err
	}
	// The store is asked how strictly to judge only where it matters: a token
	// of nobody's must not cost a read.
	lenient := sync.OnceValue(func() bool { return a.conformance(ctx, own, token.claims.Issuer).Lenient() })
	judge := judgement{own: own, now: a.Now(), lenient: lenient, demand: demand}
	caller, err := judge.claims(token.claims)
	if err != nil {
		return Caller{}, claimedBy(err, token.claims.Issuer)
	}
	if caller.Document, err = a.prove(ctx, own, token, lenient); err != nil {
		return Caller{}, claimedBy(err, token.claims.Issuer)
	}
	if judge.severalAudiences {
		a.relaxed(own, caller.DID, "a self-issued token with several audiences")
	}
	return caller, nil
}

// Use records the token of a caller that was proved, after all else has been
// found right: nobody else may burn an id. Of any number of calls with one
// token it returns nil to one. The store tells its own failures from a replay.
func (a *Authenticator) Use(ctx context.Context, own trust.Participant, c Caller) error {
	u := a.Used(own, c)
	first, err := a.Replays.UseToken(ctx, u.Context, u.Issuer, u.TokenID, u.Until)
	if err != nil {
		return fmt.Errorf("%w: the record of used tokens: %w", trust.ErrUnavailable, err)
	}
	if !first {
		return claimedBy(trust.Refuse("V38", "the token was used before"), c.DID)
	}
	return nil
}

// Used is what Use records, for who records it with something else.
func (*Authenticator) Used(own trust.Participant, c Caller) trust.UsedToken {
	return trust.UsedToken{Context: own.Context, Issuer: c.DID, TokenID: c.TokenID, Until: c.Expires.Add(Leeway)}
}

// Release lets a token be used once more, after an answer of 5xx.
func (a *Authenticator) Release(ctx context.Context, contextID, issuer, tokenID string) error {
	return a.Replays.ReleaseToken(ctx, contextID, issuer, tokenID)
}

func (a *Authenticator) conformance(ctx context.Context, own trust.Participant, caller string) trust.Conformance {
	if a.Conformance == nil || caller == "" {
		return trust.Strict
	}
	return a.Conformance(ctx, own.Context, caller)
}

func (a *Authenticator) relaxed(own trust.Participant, caller, what string) {
	if a.Relaxed != nil {
		a.Relaxed(own.Context, caller, what)
	}
}

// claimedBy writes into a refusal whom the proof claims to be from. That is a
// stranger's text, and is shown to people: it is named only if it could be a
// DID, without anything that a terminal obeys.
func claimedBy(err error, subject string) error {
	if r, ok := errors.AsType[*trust.Refusal](err); ok && r.Subject == "" && showable(subject) {
		r.Subject = subject
	}
	return err
}

func showable(subject string) bool {
	strange := func(c rune) bool { return c <= ' ' || c >= 0x7f }
	return len(subject) <= maxDID && !strings.ContainsFunc(subject, strange)
}
