// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"
)

// Preshared is the identity profile of one exact Authorization value per peer
// and direction. A value may come any number of times. It proves no more than
// that the caller holds the secret, so a connector uses it on loopback only.
type Preshared struct {
	Peers PeerStore
	Now   func() time.Time
}

// Name implements Profile.
func (*Preshared) Name() string { return "preshared" }

// Verify implements Verifier. Every peer's value is compared, in a time that
// does not depend on where the first difference is.
func (p *Preshared) Verify(ctx context.Context, r Request) (Claims, error) {
	if len(r.Authorization) != 1 || r.Authorization[0] == "" {
		return Claims{}, fmt.Errorf("%w: %d Authorization headers", ErrUnauthenticated, len(r.Authorization))
	}
	peers, err := p.Peers.Peers(ctx, r.Context)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	got := sha256.Sum256([]byte(r.Authorization[0]))
	found, matches := -1, 0
	for i, peer := range peers {
		want := sha256.Sum256([]byte(peer.Inbound))
		if subtle.ConstantTimeCompare(got[:], want[:]) == 1 && peer.Inbound != "" {
			found = i
			matches++
		}
	}
	if matches != 1 { // of two peers with one value neither is proved
		return Claims{}, fmt.Errorf("%w: %d peers have this Authorization", ErrUnauthenticated, matches)
	}
	return Claims{Participant: peers[found].ID, Profile: p.Name(), Proved: p.Now()}, nil
}

// Release implements Verifier. A value may come any number of times.
func (*Preshared) Release(context.Context, string, Claims) error { return nil }

// Token implements TokenSource.
func (p *Preshared) Token(ctx context.Context, a Audience) (string, error) {
	peer, err := p.Peers.Peer(ctx, a.Context, a.Peer)
	if err != nil {
		return "", err
	}
	return peer.Outbound, nil
}
