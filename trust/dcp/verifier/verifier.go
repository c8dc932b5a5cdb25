// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"log/slog"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
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

// Config is what a Profile needs.
type Config struct {
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	// Peer finds the settings for a counterparty; trust.ErrUnknownPeer is no
	// failure.
	Peer     func(ctx context.Context, contextID, id string) (trust.Peer, error)
	Auth     *dcp.Authenticator
	Tokens   *dcp.Tokens
	DIDs     did.Resolver
	HTTP     did.Doer // safehttp.Clients.Foreign: wallets
	Checker  *vc.Checker
	Status   *status.Checker
	Trust    *trustlist.Source
	Bindings Bindings
	Now      func() time.Time
	Log      *slog.Logger
}

// Profile is the identity profile "dcp".
type Profile struct{ cfg Config }

var _ trust.Profile = (*Profile)(nil)

// New makes the profile.
func New(c Config) *Profile { return &Profile{cfg: c} }

// Name implements trust.Profile.
func (*Profile) Name() string { return "dcp" }

// Verify implements trust.Verifier.
func (p *Profile) Verify(ctx context.Context, r trust.Request) (trust.Claims, error) {
	panic("to be written")
}

// Release implements trust.Verifier.
func (p *Profile) Release(ctx context.Context, contextID string, c trust.Claims) error {
	panic("to be written")
}

// Token implements trust.TokenSource: a token for exactly that peer, with an
// access token for our wallet.
func (p *Profile) Token(ctx context.Context, a trust.Audience) (string, error) {
	panic("to be written")
}

// Recheck judges again the status and dates of credentials that were accepted,
// as behind a running transfer; lists may be at most maxAge old. Errors are
// those of Verify.
func (p *Profile) Recheck(ctx context.Context, contextID string, c trust.Claims, maxAge time.Duration) error {
	panic("to be written")
}
