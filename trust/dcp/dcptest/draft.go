// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
)

// Draft is a token before it is signed. It may be spoilt in any way: nothing
// of the product makes it.
type Draft struct {
	Header map[string]any
	Claims map[string]any
	// Key signs. nil leaves the signature empty.
	Key crypto.Signer
	// Secret signs instead, as HS256 does.
	Secret []byte
	// HeaderText and ClaimsText, if set, change the JSON before it is signed.
	HeaderText, ClaimsText func(string) string
	// Hash, if set, is used in place of the one that belongs to the key.
	Hash crypto.Hash
}

// Draft returns a good self-issued token of the party for an audience, with a
// claim token.
func (p *Party) Draft(audience string) *Draft {
	now := p.World.Clock.Now()
	return &Draft{
		Header: map[string]any{"alg": "ES256", "kid": p.Key.ID, "typ": "JWT"},
		Claims: map[string]any{
			"iss": p.DID, "sub": p.DID, "aud": audience, "jti": p.World.NewID(),
			"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "token": "access-token",
		},
		Key: p.Key.Signer,
	}
}

// NewDraft returns a token of any content, signed by a key with ES256.
func NewDraft(key jose.Key, claims map[string]any) *Draft {
	return &Draft{Header: map[string]any{"alg": "ES256", "kid": key.ID, "typ": "JWT"}, Claims: claims, Key: key.Signer}
}

// Clone returns a copy whose header and claims may be changed.
func (d *Draft) Clone() *Draft {
	c := *d
	c.Header, c.Claims = maps.Clone(d.Header), maps.Clone(d.Claims)
	return &c
}

// Bearer is Sign as the value of an Authorization header.
func (d *Draft) Bearer(t testing.TB) string {
	t.Helper()
	return "Bearer " + d.Sign(t)
}

// Sign returns the token in compact form.
func (d *Draft) Sign(t testing.TB) string {
	t.Helper()
	input := part(t, d.Header, d.HeaderText) + "." + part(t, d.Claims, d.ClaimsText)
	return input + "." + base64.RawURLEncoding.EncodeToString(d.signature(t, []byte(input)))
}

func part(t testing.TB, members map[string]any, change func(string) string) string {
	t.Helper()
	raw, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		raw = []byte(change(string(raw)))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (d *Draft) signature(t testing.TB, input []byte) []byte {
	t.Helper()
	if d.Secret != nil {
		mac := hmac.New(sha256.New, d.Secret)
		mac.Write(input)
		return mac.Sum(nil)
	}
	if d.Key == nil {
		return nil
	}
	signature, err := sign(d.Key, d.Hash, input)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// sign makes the signature of RFC 7518 section 3 for a kind of key.
func sign(key crypto.Signer, hash crypto.Hash, input []byte) ([]byte, error) {
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(key, input), nil
	case *rsa.PrivateKey:
		sum := sha256.Sum256(input)
		return rsa.SignPSS(reader{}, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case *ecdsa.PrivateKey:
		if hash == 0 {
			hash = map[int]crypto.Hash{256: crypto.SHA256, 384: crypto.SHA384, 521: crypto.SHA512}[key.Curve.Params().BitSize]
		}
		digest := hash.New()
		digest.Write(input)
		r, s, err := ecdsa.Sign(reader{}, key, digest.Sum(nil))
		if err != nil {
			return nil, err
		}
		size := (key.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
	}
	return nil, jose.ErrKey
}
