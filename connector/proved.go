// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"container/list"
	"context"
	"sync"

	"github.com/musubi-ods/musubi/trust"
)

// maxProved bounds the counterparties of whom the latest claims are kept.
const maxProved = 4096

// proved keeps the newest verified claims of each counterparty, of those that
// called last, for whoever asks how a counterparty stands.
type proved struct {
	mu    sync.Mutex
	order *list.List // of trust.Claims with their context, the newest in front
	known map[[2]string]*list.Element
}

type provedClaims struct {
	key    [2]string // context and counterparty
	claims trust.Claims
}

func newProved() *proved {
	return &proved{order: list.New(), known: make(map[[2]string]*list.Element)}
}

// keep replaces what was known of the counterparty.
func (p *proved) keep(contextID string, c trust.Claims) {
	key := [2]string{contextID, c.Participant}
	c.TokenID = ""
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.known[key]; ok {
		p.order.Remove(e)
	} else if p.order.Len() >= maxProved {
		oldest := p.order.Back()
		p.order.Remove(oldest)
		delete(p.known, oldest.Value.(*provedClaims).key)
	}
	p.known[key] = p.order.PushFront(&provedClaims{key, c})
}

// of returns the newest claims of a counterparty.
func (p *proved) of(contextID, counterparty string) (trust.Claims, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.known[[2]string{contextID, counterparty}]
	if !ok {
		return trust.Claims{}, false
	}
	return e.Value.(*provedClaims).claims, true
}

// remembering is a profile that keeps what it proved.
type remembering struct {
	trust.Profile
	proved *proved
}

// Verify implements trust.Verifier.
func (r remembering) Verify(ctx context.Context, req trust.Request) (trust.Claims, error) {
	claims, err := r.Profile.Verify(ctx, req)
	if err == nil && claims.Participant != "" {
		r.proved.keep(req.Context, claims)
	}
	return claims, err
}
