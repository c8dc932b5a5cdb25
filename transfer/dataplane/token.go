// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/transfer"
)

// keyUse names the participant's keys that sign tokens (trust.KeyStore).
const keyUse = "data"

// tokenType keeps a token for data from being taken for any other.
const tokenType = "musubi-data+jwt" //nolint:gosec // a media type, no secret

// claims are what a token says. It holds for one start of one transfer.
type claims struct {
	Issuer    string `json:"iss"` // provider's participant id
	Subject   string `json:"sub"` // provider's pid
	Audience  string `json:"aud"` // consumer's participant id
	Agreement string `json:"agreement"`
	ID        string `json:"jti"` // the grant
	IssuedAt  int64  `json:"iat"`
	Expires   int64  `json:"exp"`
}

func (p *Plane) mint(ctx context.Context, f transfer.Flow) (string, error) {
	key, err := p.cfg.Keys.SigningKey(ctx, f.Context, keyUse)
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	now := p.cfg.Now()
	return jose.Sign(claims{
		Issuer: f.Participant, Subject: f.Process, Audience: f.Counterparty, Agreement: f.Agreement, ID: f.MessageID,
		IssuedAt: now.Unix(), Expires: now.Add(p.cfg.Lifetime).Unix(),
	}, jose.Key{ID: key.ID, Signer: key.Signer, Algorithm: jose.ES256}, tokenType)
}

// verify checks that the request's token was made for this transfer. Whether
// it is still the transfer's grant is checked with the transfer's state.
func (p *Plane) verify(r *http.Request, run transfer.Running) (grant string, err error) {
	token := bearer(r)
	if token == "" {
		return "", refusal{http.StatusUnauthorized, "token-missing", "there is no token", "send the authorization of the data address in the header Authorization"}
	}
	var failed error // of the key store
	keys := func(kid string) (crypto.PublicKey, error) {
		key, err := p.cfg.Keys.VerificationKey(r.Context(), run.Context, kid)
		if err != nil || key == nil {
			failed = err
			return nil, jose.ErrUnknownKey
		}
		return key, nil
	}
	c, err := jose.Verify(token, keys, jose.Expect{
		Now: p.cfg.Now(), Audience: run.Peer, Issuer: run.Participant, Type: tokenType,
		Required: []string{"sub", "jti", "agreement"},
	})
	if err != nil && r.Context().Err() != nil {
		return "", failed
	}
	agreement, _ := c.Text("agreement")
	switch {
	case errors.Is(err, jose.ErrExpired):
		return "", refusal{http.StatusUnauthorized, "token-expired", "the token has expired", "suspend and resume the transfer for a new one"}
	case err != nil || c.Header.Algorithm != jose.ES256 || c.Subject != run.Process || agreement != run.Agreement:
		return "", errToken
	}
	return c.ID, nil
}

var errToken = refusal{http.StatusUnauthorized, "token-invalid", "the token is not one of this transfer", "use the latest data address of this transfer"}

// bearer returns the token, with or without the scheme: both are sent.
func bearer(r *http.Request) string {
	value := strings.TrimSpace(r.Header.Get("Authorization"))
	if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(token)
	}
	return value
}
