// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// recentPeers is the store's peers, remembered like our participants: for a
// moment what another replica decides, and not at all what this one does.
type recentPeers struct {
	store trust.PeerStore
	now   func() time.Time
	one   memo[trust.Peer] // of peers that are known alone
	all   memo[[]trust.Peer]
}

var _ trust.PeerStore = (*recentPeers)(nil)

// Peer implements trust.PeerStore.
func (r *recentPeers) Peer(ctx context.Context, contextID, id string) (trust.Peer, error) {
	now := r.now()
	return r.one.get(contextID, id, now, func() (trust.Peer, time.Time, error) {
		p, err := r.store.Peer(ctx, contextID, id)
		return p, now.Add(recentFor), err
	})
}

// Peers implements trust.PeerStore.
func (r *recentPeers) Peers(ctx context.Context, contextID string) ([]trust.Peer, error) {
	now := r.now()
	list, err := r.all.get(contextID, "", now, func() ([]trust.Peer, time.Time, error) {
		list, err := r.store.Peers(ctx, contextID)
		return list, now.Add(recentFor), err
	})
	return slices.Clip(list), err
}

// PutPeer implements trust.PeerStore.
func (r *recentPeers) PutPeer(ctx context.Context, contextID string, p trust.Peer) error {
	defer r.forget(contextID)
	return r.store.PutPeer(ctx, contextID, p)
}

// DeletePeer implements trust.PeerStore.
func (r *recentPeers) DeletePeer(ctx context.Context, contextID, id string) error {
	defer r.forget(contextID)
	return r.store.DeletePeer(ctx, contextID, id)
}

func (r *recentPeers) forget(contextID string) {
	r.one.forget(contextID)
	r.all.forget(contextID)
}
