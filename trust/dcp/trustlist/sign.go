// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

const (
	listType = "trust-list+jwt" // typ of a list: no other token passes for one
	// MaxSize is the largest list that is read, in bytes as it is signed.
	MaxSize = 1 << 20
	leeway  = 5 * time.Second // between the authority's clock and ours
)

// claims are what a list says as a token.
type claims struct {
	Issuer   string `json:"iss"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	List     List   `json:"list"`
}

// Sign returns the list as a token that its authority signed. The key's ID is
// the whole DID URL. Times are cut to seconds.
func Sign(l List, key jose.Key) (string, error) {
	l.Issued, l.ValidUntil = l.Issued.UTC().Truncate(time.Second), l.ValidUntil.UTC().Truncate(time.Second)
	if err := l.check(); err != nil {
		return "", err
	}
	if did.Owner(key.ID) != l.Authority {
		return "", fmt.Errorf("%w: the key is not the authority's", ErrList)
	}
	raw, err := jose.Sign(claims{Issuer: l.Authority, IssuedAt: l.Issued.Unix(), Expires: l.ValidUntil.Unix(), List: l}, key, listType)
	if err == nil && len(raw) > MaxSize {
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrList, MaxSize)
	}
	return raw, err
}

// Verify reads a list and proves it: signature by an assertionMethod of the
// authority, dates, form. Errors wrap ErrList, and ErrEnded where only the end
// is past; or trust.ErrUnavailable where the authority's keys are out of reach.
func Verify(ctx context.Context, raw, authority string, dids did.Resolver, now time.Time) (List, error) {
	l, err := prove(ctx, raw, authority, dids, now)
	if err == nil && l.over(now, 0) {
		return List{}, fmt.Errorf("%w: %w on %s", ErrList, ErrEnded, l.ValidUntil.Format(time.RFC3339))
	}
	return l, err
}

// prove is Verify without the end.
func prove(ctx context.Context, raw, authority string, dids did.Resolver, now time.Time) (List, error) {
	token, err := parse(raw)
	if err != nil {
		return List{}, err
	}
	key, err := keyOf(ctx, token.Header().KeyID, authority, dids)
	if err != nil {
		return List{}, err
	}
	c, err := token.Verify(key)
	if err != nil {
		return List{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	l, err := read(c)
	switch {
	case err != nil:
		return List{}, err
	case l.Authority != authority:
		return List{}, fmt.Errorf("%w: it is of another authority", ErrList)
	case l.Issued.After(now.Add(leeway)):
		return List{}, fmt.Errorf("%w: it is issued in the future", ErrList)
	}
	return l, nil
}

func parse(raw string) (jose.Token, error) {
	token, err := jose.Parse(raw, MaxSize)
	if err == nil && token.Header().Type != listType {
		err = jose.ErrType
	}
	if err != nil {
		return jose.Token{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	return token, nil
}

// keyOf finds the key that the list names in the document of the authority
// that is configured, not in that of whoever the list claims to be from.
func keyOf(ctx context.Context, kid, authority string, dids did.Resolver) (crypto.PublicKey, error) {
	if kid == "" || did.Owner(kid) != authority {
		return nil, fmt.Errorf("%w: it is signed by another than the authority", ErrList)
	}
	doc, err := dids.Resolve(ctx, authority)
	switch {
	case err != nil && (errors.Is(err, did.ErrUnreachable) || ctx.Err() != nil):
		return nil, fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	case err != nil:
		return nil, fmt.Errorf("%w: its authority: %w", ErrList, err)
	}
	key, err := doc.Key(kid, did.AssertionMethod, false)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	return key, nil
}

// read takes the list out of a token's claims and compares what both say.
func read(c jose.Claims) (List, error) {
	var body claims
	if err := c.Decode(&body); err != nil {
		return List{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	l := body.List
	if err := l.check(); err != nil {
		return List{}, err
	}
	if c.Issuer != l.Authority || !c.IssuedAt.Equal(l.Issued) || !c.Expires.Equal(l.ValidUntil) {
		return List{}, fmt.Errorf("%w: token and list differ in authority or dates", ErrList)
	}
	return l, nil
}

// known reads a list that was proved before it was stored.
func known(raw string) (List, error) {
	token, err := parse(raw)
	if err != nil {
		return List{}, err
	}
	c, err := token.Unproved()
	if err != nil {
		return List{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	return read(c)
}
