// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"

	"github.com/musubi-ods/musubi/internal/cache"
	"github.com/musubi-ods/musubi/trust"
)

// maxProved bounds what is kept of counterparties that called last, in bytes.
const maxProved = 16 << 20

// proved keeps the newest verified claims of each counterparty, for whoever
// asks how it stands.
type proved struct {
	claims *cache.Cache[[2]string, trust.Claims] // by context and counterparty
}

func newProved() *proved { return &proved{claims: cache.New(maxProved, claimsSize)} }

// claimsSize is about what claims take in memory.
func claimsSize(key [2]string, c trust.Claims) int {
	const each = 512 // of a credential or a claim set, beside its texts
	size := each + len(key[0]) + len(key[1])
	for _, one := range c.Credentials {
		size += each + len(one.ID) + len(one.Issuer) + len(one.Subject)
	}
	return size
}

// keep replaces what was known of the counterparty.
func (p *proved) keep(contextID string, c trust.Claims) {
	c.TokenID = ""
	p.claims.Put([2]string{contextID, c.Participant}, c)
}

// of returns the newest claims of a counterparty.
func (p *proved) of(contextID, counterparty string) (trust.Claims, bool) {
	return p.claims.Peek([2]string{contextID, counterparty})
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
