// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	memory "github.com/musubi-ods/musubi/internal/cache"
	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// Bindings remember which corporate identifier a counterparty is known under
// (C13).
type Bindings interface {
	// Bind returns the identifier on record, which is i if there was none.
	Bind(ctx context.Context, contextID, participant string, i trust.Identifier, at time.Time) (trust.Identifier, error)
	// Bindings lists them by participant; Unbind removes one
	// (trust.ErrUnknownPeer), after a person has looked.
	Bindings(ctx context.Context, contextID string) (map[string]trust.Identifier, error)
	Unbind(ctx context.Context, contextID, participant string) error
}

// Presentations judges one entry of a wallet's answer; *vc.Checker.
type Presentations interface {
	Presentation(ctx context.Context, entry json.RawMessage, want vc.Want) ([]vc.Credential, error)
}

// Statuses judges the status entries of a credential; *status.Checker.
type Statuses interface {
	Check(ctx context.Context, e status.Entry) error
}

// Issuers says whom a participant believes; *trustlist.Source.
type Issuers interface {
	Trusts(ctx context.Context, contextID, issuer, credentialType string) (trusted bool, c trust.Conformance, sequence int64, err error)
}

// Config is what a Profile needs.
type Config struct {
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	// Settings reads a participant's, which are not changed; nil:
	// dcp.ReadSettings.
	Settings func(trust.Participant) (dcp.Settings, error)
	// Peer finds the settings for a counterparty; trust.ErrUnknownPeer is no
	// failure.
	Peer     func(ctx context.Context, contextID, id string) (trust.Peer, error)
	Auth     *dcp.Authenticator
	Tokens   *dcp.Tokens
	HTTP     did.Doer // safehttp.Clients.Foreign: wallets
	Checker  Presentations
	Status   Statuses
	Trust    Issuers
	Bindings Bindings
	Now      func() time.Time
	Log      *slog.Logger
}

// Profile is the identity profile "dcp".
type Profile struct {
	cfg    Config
	cache  *cache
	grants *memory.Cache[grantKey, granted]
	judged *memory.Cache[judgedKey, judged]
}

var _ trust.Profile = (*Profile)(nil)

// New makes the profile.
func New(c Config) *Profile {
	if c.Settings == nil {
		c.Settings = dcp.ReadSettings
	}
	return &Profile{cfg: c, cache: newCache(maxCached, maxCachedBytes), grants: memory.New(maxGrants, grantSize), judged: memory.New(maxJudged, judgedSize)}
}

// Name implements trust.Profile.
func (*Profile) Name() string { return "dcp" }

// party is a counterparty in the eyes of one of our participants.
type party struct {
	own         trust.Participant
	settings    dcp.Settings
	id          string // the counterparty's DID
	conformance trust.Conformance
}

// verifyTime bounds a proof as a whole, however many parties are asked for it:
// a message waits, and a stranger may be the one who keeps it waiting.
const verifyTime = 20 * time.Second

// Verify implements trust.Verifier. Errors are a *trust.Refusal, or wrap
// trust.ErrUnavailable; then the token is not used up. A token is recorded
// last: anybody has a DID, and only who presents what is required may cost our
// store a write.
func (p *Profile) Verify(ctx context.Context, r trust.Request) (trust.Claims, error) {
	asking, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	own, settings, err := p.own(asking, r.Context)
	if err != nil {
		return trust.Claims{}, err
	}
	caller, err := p.cfg.Auth.Prove(asking, own, r.Authorization, dcp.Demand{AccessToken: true})
	if err != nil {
		return trust.Claims{}, err
	}
	from := party{own: own, settings: settings, id: caller.DID}
	claims, err := p.prove(asking, from, caller, r.Purpose)
	if err == nil {
		err = p.use(asking, from, caller, claims.Credentials, r.Use)
	}
	if err != nil {
		return trust.Claims{}, claimedBy(err, caller.DID)
	}
	if err := p.bind(asking, from, claims); err != nil {
		if _, ok := errors.AsType[*trust.Refusal](err); ok {
			return trust.Claims{}, claimedBy(err, caller.DID)
		}
		if r.Use.Open() { // the record is another call's, if there is one
			return trust.Claims{}, err
		}
		return trust.Claims{}, errors.Join(err, p.release(ctx, r.Context, caller.DID, caller.TokenID))
	}
	return claims, nil
}

// use records the token of a caller, or leaves that to whoever answers the call.
// Where the call is to be the first of its counterparty, its effect begins here.
func (p *Profile) use(ctx context.Context, from party, caller dcp.Caller, list []trust.Credential, later *trust.Use) error {
	if j, ok := p.judgedNow(from, list); later == nil || !ok || !j.bound {
		return p.cfg.Auth.Use(ctx, from.own, caller)
	}
	later.Token = p.cfg.Auth.Used(from.own, caller)
	later.Alone = func(ctx context.Context) error {
		return claimedBy(p.cfg.Auth.Use(ctx, from.own, caller), caller.DID)
	}
	return nil
}

// claimedBy writes into a refusal whom the proof claims to be from.
func claimedBy(err error, id string) error {
	if refusal, ok := errors.AsType[*trust.Refusal](err); ok && refusal.Subject == "" {
		refusal.Subject = id
	}
	return err
}

// prove asks for what the caller must present, or takes it from the cache, and
// judges what may have changed since. The claims hold the presentation itself:
// where they are judged again, it is known by its place (judgedKey).
func (p *Profile) prove(ctx context.Context, from party, caller dcp.Caller, purpose trust.Purpose) (trust.Claims, error) {
	var err error
	if from.conformance, err = p.conformance(ctx, from.own, from.id); err != nil {
		return trust.Claims{}, err
	}
	types := from.settings.RequiredFor(purpose)
	list, err := p.presented(ctx, from, caller, types)
	if err != nil {
		return trust.Claims{}, err
	}
	if err := p.judge(ctx, from, list, 0); err != nil {
		// What is over for good, the holder may have replaced.
		if no, ok := errors.AsType[*trust.Refusal](err); ok && (no.Check == "V71" || no.Check == "V80") {
			p.cache.forget(keyOf(from, scopesOf(ordered(types))))
		}
		return trust.Claims{}, err
	}
	return trust.Claims{
		Participant: from.id, Profile: p.Name(), Proved: p.cfg.Now(), Credentials: slices.Clip(list), TokenID: caller.TokenID,
	}, nil
}

// Release implements trust.Verifier.
func (p *Profile) Release(ctx context.Context, contextID string, c trust.Claims) error {
	return p.cfg.Auth.Release(ctx, contextID, c.Participant, c.TokenID)
}

// releaseTime is how long a token may take to be released once its call is
// over.
const releaseTime = 5 * time.Second

// release lets a token be used again, even if the caller has hung up.
func (p *Profile) release(ctx context.Context, contextID, issuer, tokenID string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	return p.cfg.Auth.Release(ctx, contextID, issuer, tokenID)
}

// Recheck judges again the status, dates and issuers of credentials that were
// accepted, as behind a running transfer; lists may be at most maxAge old.
// Errors are those of Verify.
func (p *Profile) Recheck(ctx context.Context, contextID string, c trust.Claims, maxAge time.Duration) error {
	own, settings, err := p.own(ctx, contextID)
	if err != nil {
		return err
	}
	return p.judge(ctx, party{own: own, settings: settings, id: c.Participant}, c.Credentials, maxAge)
}

// own returns one of our participants with its settings. What is wrong with
// them is no verdict on anybody.
func (p *Profile) own(ctx context.Context, contextID string) (trust.Participant, dcp.Settings, error) {
	own, err := p.cfg.Participant(ctx, contextID)
	if err != nil {
		return own, dcp.Settings{}, fmt.Errorf("%w: the participant: %w", trust.ErrUnavailable, err)
	}
	settings, err := p.cfg.Settings(own)
	if err != nil {
		return own, settings, fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return own, settings, nil
}

func (p *Profile) conformance(ctx context.Context, own trust.Participant, id string) (trust.Conformance, error) {
	peer, err := p.cfg.Peer(ctx, own.Context, id)
	switch {
	case errors.Is(err, trust.ErrUnknownPeer):
		return trust.Strict, nil
	case err != nil:
		return trust.Strict, fmt.Errorf("%w: the peer: %w", trust.ErrUnavailable, err)
	case peer.Conformance.Lenient():
		return trust.Lenient, nil
	}
	return trust.Strict, nil
}
