// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
)

// PIDs returns a record's pids by role.
func PIDs(r engine.Record) (consumerPID, providerPID string) {
	if r.Role == consumer {
		return r.ID, r.PeerPID
	}
	return r.PeerPID, r.ID
}

// CallbackBase is a participant's DSP base URL, without a trailing slash.
func CallbackBase(p trust.Participant) string {
	return strings.TrimRight(p.PublicURL, "/") + "/dsp/2025-1"
}

// PeerAddress judges the callback address that a peer named. One below the
// peer's own configured URL is ours by configuration; any other is foreign
// and must be one that may be called.
func PeerAddress(ctx context.Context, peers trust.PeerStore, check func(string) (*url.URL, error), contextID, peer, callback string) (address string, foreign bool, err error) {
	address = strings.TrimRight(callback, "/")
	known, err := peers.Peer(ctx, contextID, peer)
	if err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
		return "", true, err
	}
	if err == nil && strings.TrimRight(known.URL, "/") == address {
		return address, false, nil
	}
	if _, err := check(address); err != nil {
		return "", true, engine.Refusef("callback-refused", "the callbackAddress cannot be used: %v", err)
	}
	return address, true, nil
}
