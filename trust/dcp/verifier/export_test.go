// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"encoding/json"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Query is query, for tests of what no call can lead to.
func (p *Profile) Query(ctx context.Context, own trust.Participant, caller dcp.Caller, scopes []string) ([]json.RawMessage, error) {
	return p.query(ctx, own, caller, scopes)
}

// Cached returns how many presentations are kept.
func (p *Profile) Cached() int { return p.cache.oldest.Len() }

// Limit changes how many may be.
func (p *Profile) Limit(n int) { p.cache.limit = n }

// Room changes how many bytes they may have.
func (p *Profile) Room(n int) { p.cache.room = n }

// Left returns how many bytes are left.
func (p *Profile) Left() int { return p.cache.room }
