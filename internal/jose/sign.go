// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"encoding/json"
	"fmt"
)

// Key signs tokens. The Signer may live elsewhere, as in a hardware module.
type Key struct {
	// ID goes into the header's kid. It is required.
	ID string
	// Signer holds an ECDSA key on P-256 or P-384, an Ed25519 key, or an RSA
	// key of at least 2048 bits.
	Signer crypto.Signer
	// Algorithm is one that belongs to the Signer. Empty means ES256, ES384,
	// EdDSA or PS256, by the kind of key.
	Algorithm string
}

// Sign returns the claims as a signed token in compact form. The claims are
// anything that encodes as a JSON object. A typ that is not empty goes into
// the header; it keeps a token from being taken for another kind (RFC 8725
// section 3.11). Errors wrap ErrKey or ErrClaims, or are the Signer's own.
func Sign(claims any, key Key, typ string) (string, error) {
	algorithm, err := key.algorithm()
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrClaims, err)
	}
	if len(payload) == 0 || payload[0] != '{' {
		return "", fmt.Errorf("%w: claims are a JSON object", ErrClaims)
	}
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
		Type      string `json:"typ,omitempty"`
	}{algorithm, key.ID, typ})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrHeader, err)
	}
	token := encoding.AppendEncode(nil, header)
	token = append(token, '.')
	token = encoding.AppendEncode(token, payload)
	signature, err := signBytes(algorithm, token, key.Signer)
	if err != nil {
		return "", fmt.Errorf("jose: sign: %w", err)
	}
	token = append(token, '.')
	return string(encoding.AppendEncode(token, signature)), nil
}

func (k Key) algorithm() (string, error) {
	if k.ID == "" || k.Signer == nil {
		return "", fmt.Errorf("%w: it needs an ID and a Signer", ErrKey)
	}
	own, err := algorithmsOf(k.Signer.Public())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	if k.Algorithm == "" {
		return own[0], nil
	}
	if err := match(k.Algorithm, k.Signer.Public()); err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return k.Algorithm, nil
}
