// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"

	"github.com/musubi-ods/musubi/trust"
)

// Token is an Authorization value of a participant for a peer.
func (p *Participant) Token(ctx context.Context, peer string) (string, error) {
	return p.c.profile.Token(ctx, trust.Audience{Context: p.context, Peer: peer, Purpose: trust.ForNegotiation})
}
