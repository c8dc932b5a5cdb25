// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// known is a token that was verified a moment ago. All but its signature is
// compared at each use.
type known struct {
	grantee
	expires time.Time
	checked time.Time    // when its signature was verified last
	arrived *atomic.Bool // that it is in use was noted
}

// keyBelief is how long a key is believed that a token was verified with: it
// may be deleted.
const keyBelief = 5 * time.Second

// maxKnown bounds the verified tokens that are remembered. When there are
// more, all are forgotten: to verify one again takes a tenth of a millisecond.
const maxKnown = 16 << 10

// tokens remembers verified tokens. A token is the key itself: what is not the
// same to the last letter was not verified. The zero value is ready.
type tokens struct {
	mu   sync.RWMutex
	list map[string]known
}

func (t *tokens) get(token string) (known, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	k, ok := t.list[token]
	return k, ok
}

func (t *tokens) put(token string, k known) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.list == nil || len(t.list) >= maxKnown {
		t.list = map[string]known{}
	}
	if k.arrived = t.list[token].arrived; k.arrived == nil {
		k.arrived = new(atomic.Bool)
	}
	t.list[token] = k
}

// arrive notes once that a token is in use. If that fails, the refresh token
// before it is good until the next use.
func (p *Plane) arrive(ctx context.Context, run transfer.Running, token string, k known) {
	if k.generation < 2 || k.grant != run.Grant {
		return // nothing to note, or of an earlier start
	}
	if k, ok := p.tokens.get(token); ok && k.arrived.CompareAndSwap(false, true) {
		if err := p.arrived(ctx, run, k.generation); err != nil {
			k.arrived.Store(false)
		}
	}
}
