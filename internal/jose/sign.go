// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
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

// Type is what a header says of the token's kind.
type Type struct {
	Typ string // of the whole token (RFC 7515 section 4.1.9)
	Cty string // of the payload (RFC 7515 section 4.1.10)
}

// Sign returns the claims as a signed token in compact form. The claims are
// anything that encodes as a JSON object; a json.RawMessage is signed byte for
// byte. A typ that is not empty goes into the header; it keeps a token from
// being taken for another kind (RFC 8725 section 3.11). Errors wrap ErrKey,
// ErrClaims or ErrDuplicate, or are the Signer's own.
func Sign(claims any, key Key, typ string) (string, error) {
	return SignTyped(claims, key, Type{Typ: typ})
}

// SignTyped is Sign with a header that may name the payload's kind as well.
func SignTyped(claims any, key Key, t Type) (string, error) {
	algorithm, err := key.algorithm()
	if err != nil {
		return "", err
	}
	payload, err := encodeClaims(claims)
	if err != nil {
		return "", err
	}
	header, err := json.Marshal(struct {
		Algorithm   string `json:"alg"`
		KeyID       string `json:"kid"`
		Type        string `json:"typ,omitempty"`
		ContentType string `json:"cty,omitempty"`
	}{algorithm.Name, key.ID, t.Typ, t.Cty})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrHeader, err)
	}
	token := make([]byte, 0, len("..")+encoding.EncodedLen(len(header))+encoding.EncodedLen(len(payload))+encoding.EncodedLen(algorithm.MaxSignature))
	token = encoding.AppendEncode(token, header)
	token = append(token, '.')
	token = encoding.AppendEncode(token, payload)
	signature, err := algorithm.Sign(token, key.Signer)
	if err != nil {
		return "", fmt.Errorf("jose: sign: %w", err)
	}
	token = append(token, '.')
	return string(encoding.AppendEncode(token, signature)), nil
}

// encodeClaims keeps raw JSON as it is, where the encoder of the standard
// library would rewrite it: what was stored, hashed or shown is what is
// signed.
func encodeClaims(claims any) ([]byte, error) {
	raw, ok := claims.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(claims); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrClaims, err)
		}
	}
	err := CheckJSON(raw)
	if err == nil && bytes.TrimLeft(raw, " \t\r\n")[0] != '{' {
		err = errObject
	}
	if err != nil && !errors.Is(err, ErrDuplicate) {
		err = fmt.Errorf("%w: %w", ErrClaims, err)
	}
	return raw, err
}

func (k Key) algorithm() (Algorithm, error) {
	if k.ID == "" || k.Signer == nil {
		return Algorithm{}, fmt.Errorf("%w: it needs an ID and a Signer", ErrKey)
	}
	own, err := algorithmsOf(k.Signer.Public())
	if err != nil {
		return Algorithm{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if k.Algorithm == "" {
		return own[0], nil
	}
	named, err := match(k.Algorithm, k.Signer.Public())
	if err != nil || named.Name != k.Algorithm { // never an alias
		return Algorithm{}, fmt.Errorf("%w: %q is no algorithm of it", ErrKey, k.Algorithm)
	}
	return named, nil
}
