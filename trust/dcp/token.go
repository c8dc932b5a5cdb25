// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

const (
	// TokenLife is how long a self-issued token of ours is good: enough for
	// clocks that differ by a minute, and one token is made for each call.
	TokenLife = 3 * time.Minute
	// AccessLife is how long an access token for our wallet is good.
	AccessLife = 5 * time.Minute
	// Leeway is how far the clocks of the two sides may differ. It stays well
	// below a minute: a token from the future or of the past is refused.
	Leeway = 5 * time.Second
)

// The header's typ keeps the two kinds of tokens apart (RFC 8725 section
// 3.11). The second is that of RFC 9068.
const (
	selfIssuedType = "JWT"
	accessType     = "at+jwt"
)

// Tokens mints self-issued tokens (DCP 1.0, section 4) and access tokens for
// our own credential service.
type Tokens struct {
	Keys  trust.KeyStore
	Now   func() time.Time
	NewID func() string
}

type selfIssued struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	Token    string `json:"token,omitempty"`
	Scope    string `json:"scope,omitempty"`
}

// Mint returns a self-issued token of a participant for one audience, without
// "Bearer ". token is embedded as the claim token where it is not empty.
// Errors wrap trust.ErrUnavailable.
func (t *Tokens) Mint(ctx context.Context, own trust.Participant, audience, token string) (string, error) {
	c := t.claims(own, TokenLife)
	c.Subject, c.Audience, c.Token = own.ID, audience, token
	return t.sign(ctx, own, c, selfIssuedType)
}

// Grant returns an access token with which peer may ask our credential service
// for what the scopes name: signed by us, for at most five minutes, any number
// of times. Errors wrap trust.ErrUnavailable.
func (t *Tokens) Grant(ctx context.Context, own trust.Participant, peer string, scopes []Scope) (string, error) {
	c := t.claims(own, AccessLife)
	c.Subject, c.Audience, c.Scope = peer, own.ID, FormatScopes(scopes)
	return t.sign(ctx, own, c, accessType)
}

// claims returns what both kinds of tokens have. The time of issue is a second
// back: some verifiers allow no token from their future at all.
func (t *Tokens) claims(own trust.Participant, life time.Duration) selfIssued {
	issued := t.Now().Add(-time.Second).Truncate(time.Second)
	return selfIssued{Issuer: own.ID, ID: t.NewID(), IssuedAt: issued.Unix(), Expires: issued.Add(life).Unix()}
}

func (t *Tokens) sign(ctx context.Context, own trust.Participant, c selfIssued, typ string) (string, error) {
	key, err := t.Keys.SigningKey(ctx, own.Context, trust.UseIdentity)
	if err != nil {
		return "", fmt.Errorf("%w: the identity key: %w", trust.ErrUnavailable, err)
	}
	token, err := jose.Sign(c, jose.Key{ID: own.ID + "#" + key.ID, Signer: key.Signer}, typ)
	if err != nil {
		return "", fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return token, nil
}

// Granted checks an access token of ours that peer presents, and returns its
// scopes. Errors are a *trust.Refusal (V39), or wrap trust.ErrUnavailable.
func (t *Tokens) Granted(ctx context.Context, own trust.Participant, peer, token string) ([]Scope, error) {
	claims, err := t.proved(ctx, own, peer, token)
	if err != nil {
		return nil, err
	}
	now := t.Now()
	switch {
	case claims.Issuer != own.ID || len(claims.Audience) != 1 || claims.Audience[0] != own.ID:
		return nil, refuseAccess(peer, "is not for our credential service")
	case claims.Subject != peer:
		return nil, refuseAccess(peer, "was granted to somebody else")
	case !claims.Has("exp") || !now.Before(claims.Expires.Add(Leeway)):
		return nil, refuseAccess(peer, "has expired")
	}
	text, _ := claims.Text("scope")
	scopes, err := ParseScopes(text)
	if err != nil {
		return nil, refuseAccess(peer, "has no readable scope").Because(err)
	}
	return scopes, nil
}

// proved checks that an access token is one and that we signed it.
func (t *Tokens) proved(ctx context.Context, own trust.Participant, peer, token string) (jose.Claims, error) {
	parsed, err := jose.Parse(token, maxToken)
	if err != nil {
		return jose.Claims{}, refuseAccess(peer, "is none of ours").Because(err)
	}
	keyID, ours := strings.CutPrefix(parsed.Header().KeyID, own.ID+"#")
	if !ours || parsed.Header().Type != accessType {
		return jose.Claims{}, refuseAccess(peer, "is none of ours")
	}
	keys, err := t.Keys.PublicKeys(ctx, own.Context, trust.UseIdentity)
	if err != nil {
		return jose.Claims{}, fmt.Errorf("%w: our identity keys: %w", trust.ErrUnavailable, err)
	}
	for _, key := range keys { // the keys of other uses grant nothing
		if key.ID != keyID {
			continue
		}
		claims, err := parsed.Verify(key.Key)
		if err != nil {
			return jose.Claims{}, refuseAccess(peer, "is none of ours").Because(err)
		}
		return claims, nil
	}
	return jose.Claims{}, refuseAccess(peer, "is signed by a key that is none of ours")
}

func refuseAccess(peer, why string) *trust.Refusal {
	r := trust.Refuse("V39", "the access token %s", why)
	r.Subject = peer
	return r
}
