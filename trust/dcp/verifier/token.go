// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Token implements trust.TokenSource: a self-issued token for exactly that
// peer, with an access token with which it may ask our wallet for what we
// present. Nothing of it is kept. A peer whose id is no DID is
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
	access, err := p.cfg.Tokens.Grant(ctx, own, a.Peer, scopes)
	if err != nil {
		return "", err
	}
	token, err := p.cfg.Tokens.Mint(ctx, own, a.Peer, access)
	if err != nil {
		return "", err
	}
	return "Bearer " + token, nil
}
