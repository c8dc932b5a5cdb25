// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Token implements trust.TokenSource: a self-issued token for exactly that
// peer, with an access token with which it may ask our wallet for what we
// present. A peer whose id is no DID is
// trust.ErrUnknownPeer.
func (p *Profile) Token(ctx context.Context, a trust.Audience) (string, error) {
	if a.Peer == "" || did.Owner(a.Peer) != a.Peer {
		return "", fmt.Errorf("%w: the participant id %q is no DID, and no token can be for it", trust.ErrUnknownPeer, a.Peer)
	}
	own, settings, err := p.own(ctx, a.Context)
	if err != nil {
		return "", err
	}
	scopes := make([]dcp.Scope, len(settings.Presents))
	for i, name := range settings.Presents {
		scopes[i] = dcp.TypeScope(name)
	}
	access, err := p.grant(ctx, own, a.Peer, scopes)
	if err != nil {
		return "", err
	}
	token, err := p.cfg.Tokens.Mint(ctx, own, a.Peer, access)
	if err != nil {
		return "", err
	}
	return "Bearer " + token, nil
}

// grantUse is for how long an access token goes into new tokens: the last one
// does not outlive it.
const grantUse = dcp.AccessLife - dcp.TokenLife

// maxGrants bounds the access tokens that are kept, in bytes.
const maxGrants = 1 << 20

// grantKey says for whom an access token is, for what, and by which key it is
// signed.
type grantKey struct{ context, own, peer, scopes, key string }

type granted struct {
	token string
	until time.Time
}

func grantSize(k grantKey, g granted) int {
	const each = 256
	return each + len(k.context) + len(k.own) + len(k.peer) + len(k.scopes) + len(k.key) + len(g.token)
}

// grant returns an access token for a peer, the one at hand while it is new
// enough.
func (p *Profile) grant(ctx context.Context, own trust.Participant, peer string, scopes []dcp.Scope) (string, error) {
	key, err := p.cfg.Tokens.Keys.SigningKey(ctx, own.Context, trust.UseIdentity)
	if err != nil {
		return "", unavailable("the identity key", err)
	}
	at, now := grantKey{own.Context, own.ID, peer, dcp.FormatScopes(scopes), key.ID}, p.cfg.Now()
	if known, ok := p.grants.Peek(at); ok && now.Before(known.until) && !now.Before(known.until.Add(-grantUse)) {
		return known.token, nil
	}
	token, err := p.cfg.Tokens.Grant(ctx, own, peer, scopes)
	if err == nil {
		p.grants.Put(at, granted{token, now.Add(grantUse)})
	}
	return token, err
}
