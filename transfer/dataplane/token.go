// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/transfer"
)

// keyUse names the participant's keys that sign tokens (trust.KeyStore).
const keyUse = "data"

// tokenType keeps a token for data from being taken for any other.
const tokenType = "musubi-data+jwt" //nolint:gosec // a media type, no secret

// claims are what a token says. It holds for one start of one transfer.
type claims struct {
	Issuer     string `json:"iss"` // provider's participant id
	Subject    string `json:"sub"` // provider's pid
	Audience   string `json:"aud"` // consumer's participant id
	Agreement  string `json:"agreement"`
	ID         string `json:"jti"`                  // the grant
	Generation int64  `json:"generation,omitempty"` // of the refresh token beside it
	IssuedAt   int64  `json:"iat"`
	Expires    int64  `json:"exp"`
}

// grantee is whom a token is for, and for what.
type grantee struct {
	context, participant, process, peer, agreement, grant string
	generation                                            int64
}

func (p *Plane) mint(ctx context.Context, g grantee, life time.Duration) (string, error) {
	key, err := p.cfg.Keys.SigningKey(ctx, g.context, keyUse)
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	now := p.cfg.Now()
	return jose.Sign(claims{
		Issuer: g.participant, Subject: g.process, Audience: g.peer, Agreement: g.agreement, ID: g.grant, Generation: g.generation,
		IssuedAt: now.Unix(), Expires: now.Add(life).Unix(),
	}, jose.Key{ID: key.ID, Signer: key.Signer, Algorithm: jose.ES256}, tokenType)
}

// verify checks that the request's token was made for this transfer. Whether
// it is still the transfer's grant is checked with the transfer's state.
func (p *Plane) verify(r *http.Request, run transfer.Running) (grant string, err error) {
	token := bearerOf(r.Header.Get("Authorization"))
	if token == "" {
		return "", refusal{http.StatusUnauthorized, "token-missing", "there is no token", "send the authorization of the data address in the header Authorization"}
	}
	known, err := p.proved(r.Context(), run, token)
	switch {
	case errors.Is(err, jose.ErrExpired):
		return "", refusal{http.StatusUnauthorized, "token-expired", "the token has expired", "renew it; where the data address says not how, suspend and resume the transfer for a new one"}
	case err != nil:
		return "", err
	}
	p.arrive(r.Context(), run, token, known)
	return known.grant, nil
}

// proved returns what a token says that we signed for this transfer, with
// jose.ErrExpired where its time is over.
func (p *Plane) proved(ctx context.Context, run transfer.Running, token string) (known, error) {
	k, ok := p.tokens.get(token)
	if now := p.cfg.Now(); !ok || now.Sub(k.checked) >= keyBelief {
		var err error
		if k, err = p.check(ctx, run, token); err != nil {
			return known{}, err
		}
		k.checked = now
		p.tokens.put(token, k)
	}
	switch {
	case k.context != run.Context || k.participant != run.Participant:
		return known{}, errToken
	case k.peer != run.Peer:
		return known{}, errOtherConsumer
	case k.process != run.Process:
		return known{}, errOtherTransfer
	case k.agreement != run.Agreement:
		return known{}, errToken
	case !p.cfg.Now().Before(k.expires):
		return k, jose.ErrExpired
	}
	return k, nil
}

// check verifies a token, apart from its end.
func (p *Plane) check(ctx context.Context, run transfer.Running, token string) (known, error) {
	parsed, err := jose.Parse(token, 0)
	if err != nil || parsed.Header().Type != tokenType || parsed.Header().Algorithm != jose.ES256 {
		return known{}, errToken
	}
	key, err := p.cfg.Keys.VerificationKey(ctx, run.Context, parsed.Header().KeyID)
	switch {
	case err != nil && ctx.Err() != nil:
		return known{}, err
	case err != nil || key == nil:
		return known{}, errToken
	}
	if _, err := parsed.Verify(key); err != nil {
		return known{}, errToken
	}
	c, err := parsed.Unproved()
	var said claims
	if err != nil || c.Decode(&said) != nil || said.ID == "" || !c.Has("exp") {
		return known{}, errToken
	}
	return known{grantee: grantee{
		run.Context, said.Issuer, said.Subject, said.Audience, said.Agreement, said.ID, said.Generation,
	}, expires: c.Expires}, nil
}

const useLatest = "use the latest data address of this transfer"

var (
	errToken         = refusal{http.StatusUnauthorized, "token-invalid", "the token is not one of this transfer", useLatest}
	errOtherConsumer = refusal{http.StatusUnauthorized, "token-wrong-participant", "the token was given to another participant", useLatest}
	errOtherTransfer = refusal{http.StatusUnauthorized, "token-wrong-transfer", "the token is one of another transfer", useLatest}
)

// bearerOf returns the token, with or without the scheme: both are sent.
func bearerOf(header string) string {
	value := strings.TrimSpace(header)
	if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(token)
	}
	if strings.EqualFold(value, "bearer") {
		return ""
	}
	return value
}
