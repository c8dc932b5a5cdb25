// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Resolver finds the public key that a token's kid names: *ecdsa.PublicKey,
// ed25519.PublicKey or *rsa.PublicKey. It returns ErrUnknownKey where there is
// none; any other error is handed to Verify's caller, who can tell a key that
// could not be fetched from a verdict.
type Resolver func(kid string) (crypto.PublicKey, error)

// Expect says what a token must be to be accepted.
type Expect struct {
	// Now is the time of verification. It is required.
	Now time.Time
	// Audience must be among the token's. Empty: the token must name none
	// (RFC 7519 section 4.1.3).
	Audience string
	// Issuer is the token's iss. Empty: any, for the caller to judge.
	Issuer string
	// Type is the header's typ, by the comparison of RFC 7515 section 4.1.9.
	// Empty: any.
	Type string
	// Required lists the claims that must be present, besides exp, which
	// always must.
	Required []string
	// Leeway is how far the clocks of the two sides may differ. It widens the
	// checks of exp, nbf, iat and MaxAge.
	Leeway time.Duration
	// MaxAge is how long ago the token may have been issued; it makes iat
	// required. Zero: no bound.
	MaxAge time.Duration
	// MaxSize bounds header and payload as they stand in the token, in bytes.
	// Zero: DefaultMaxSize.
	MaxSize int
}

// Verify returns the claims of a token that fulfils every expectation and is
// signed by the key its kid names. The checks run in the order of the package
// comment; the first that fails is the error.
func Verify(token string, keys Resolver, expect Expect) (Claims, error) {
	if expect.Now.IsZero() || keys == nil {
		return Claims{}, ErrExpect
	}
	if expect.MaxSize <= 0 {
		expect.MaxSize = DefaultMaxSize
	}
	p, err := parse(token, expect.MaxSize)
	if err != nil {
		return Claims{}, err
	}
	if expect.Type != "" && mediaType(p.header.Type) != mediaType(expect.Type) {
		return Claims{}, ErrType
	}
	if err := p.verify(keys); err != nil {
		return Claims{}, err
	}
	claims, err := parseClaims(p.header, p.payload)
	if err != nil {
		return Claims{}, err
	}
	if err := expect.check(claims); err != nil {
		return Claims{}, err
	}
	return claims, nil
}

// verify finds the key and checks the signature with it.
func (p parsed) verify(keys Resolver) error {
	if p.header.KeyID == "" {
		return ErrKeyID
	}
	key, err := keys(p.header.KeyID)
	if err != nil {
		return fmt.Errorf("jose: the token's key: %w", err)
	}
	return p.verifySignature(key)
}

func (e Expect) check(c Claims) error {
	for _, name := range e.Required {
		if !c.Has(name) {
			return fmt.Errorf("%w: %s", ErrMissing, name)
		}
	}
	if e.Issuer != "" && c.Issuer != e.Issuer {
		return ErrIssuer
	}
	if e.Audience == "" && len(c.Audience) > 0 || e.Audience != "" && !slices.Contains(c.Audience, e.Audience) {
		return ErrAudience
	}
	return e.checkTimes(c)
}

func (e Expect) checkTimes(c Claims) error {
	switch {
	case !c.Has("exp"):
		return fmt.Errorf("%w: exp", ErrMissing)
	case e.MaxAge > 0 && !c.Has("iat"):
		return fmt.Errorf("%w: iat", ErrMissing)
	case !e.Now.Before(c.Expires.Add(e.Leeway)):
		return ErrExpired
	case e.Now.Before(c.NotBefore.Add(-e.Leeway)):
		return ErrNotYet
	case e.Now.Before(c.IssuedAt.Add(-e.Leeway)):
		return ErrFuture
	case e.MaxAge > 0 && e.Now.After(c.IssuedAt.Add(e.MaxAge+e.Leeway)):
		return ErrTooOld
	}
	return nil
}

// mediaType is the typ in full: letters do not differ by case, and a name
// without a slash stands for one under application.
func mediaType(typ string) string {
	typ = strings.ToLower(typ)
	if typ != "" && !strings.Contains(typ, "/") {
		return "application/" + typ
	}
	return typ
}
