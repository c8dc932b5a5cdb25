// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"sync"
)

// Token is a token whose form and header are right and of which nothing is
// proved. It is for callers who must read a claim before they know whose key
// to ask for; all others call Verify.
type Token struct {
	parsed parsed
	claims func() (Claims, error) // read once
}

// Parse reads a token's form and header. maxSize is that of Expect.
func Parse(token string, maxSize int) (Token, error) {
	if maxSize <= 0 {
		maxSize = DefaultMaxSize
	}
	p, err := parse(token, maxSize)
	if err != nil {
		return Token{}, err
	}
	return Token{p, sync.OnceValues(func() (Claims, error) { return parseClaims(p.header, p.payload) })}, nil
}

// Header returns the header.
func (t Token) Header() Header { return t.parsed.header }

// Unproved returns the claims as the sender wrote them. Nothing may be
// believed of them before Verify has accepted the token.
func (t Token) Unproved() (Claims, error) {
	if t.claims == nil {
		return Claims{}, ErrForm
	}
	return t.claims()
}

// Verify checks that the algorithm belongs to the key and that the key signed,
// and returns the claims. Their times, issuer and audience are for the caller
// to judge.
func (t Token) Verify(key crypto.PublicKey) (Claims, error) {
	if err := t.parsed.verifySignature(key); err != nil {
		return Claims{}, err
	}
	return t.Unproved()
}
