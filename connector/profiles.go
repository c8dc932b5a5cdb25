// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
)

// profiles picks the identity profile: a participant's own for what comes in,
// and for what goes out the peer's, if it has one.
type profiles struct {
	participant func(ctx context.Context, contextID string) (trust.Participant, error)
	peer        func(ctx context.Context, contextID, id string) (trust.Peer, error)
	byName      map[string]trust.Profile
}

var _ trust.Profile = (*profiles)(nil)

// Name implements trust.Profile.
func (*profiles) Name() string { return profileDCP }

func (p *profiles) of(ctx context.Context, contextID string) (trust.Profile, error) {
	own, err := p.participant(ctx, contextID)
	if err != nil {
		return nil, err
	}
	return p.named(own.Profile)
}

func (p *profiles) named(name string) (trust.Profile, error) {
	if profile := p.byName[name]; profile != nil {
		return profile, nil
	}
	return nil, fmt.Errorf("there is no identity profile %q", name)
}

// Verify implements trust.Verifier.
func (p *profiles) Verify(ctx context.Context, r trust.Request) (trust.Claims, error) {
	profile, err := p.of(ctx, r.Context)
	if err != nil {
		return trust.Claims{}, err
	}
	return profile.Verify(ctx, r)
}

// Release implements trust.Verifier.
func (p *profiles) Release(ctx context.Context, contextID string, c trust.Claims) error {
	profile, err := p.named(c.Profile)
	if err != nil {
		return err
	}
	return profile.Release(ctx, contextID, c)
}

// Token implements trust.TokenSource.
func (p *profiles) Token(ctx context.Context, a trust.Audience) (string, error) {
	peer, err := p.peer(ctx, a.Context, a.Peer)
	if err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
		return "", err
	}
	var profile trust.Profile
	if peer.Profile != "" {
		profile, err = p.named(peer.Profile)
	} else {
		profile, err = p.of(ctx, a.Context)
	}
	if err != nil {
		return "", err
	}
	return profile.Token(ctx, a)
}
