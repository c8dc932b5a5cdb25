// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// signer makes tokens with ES256. It checks nothing: what it signs is to be
// wrong more often than not.
type signer struct {
	key *ecdsa.PrivateKey
	kid string
}

func newSigner(kid string) (signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return signer{key, kid}, err
}

// readSigner reads a key in PKCS #8.
func readSigner(file, kid string) (signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return signer{}, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return signer{}, errors.New(file + " holds no PEM")
	}
	read, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := read.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return signer{}, fmt.Errorf("%s holds no EC key: %w", file, err)
	}
	return signer{key, kid}, nil
}

// as is the same key under another name.
func (s signer) as(kid string) signer { return signer{s.key, kid} }

// sign makes a compact token; members of header come in place of the usual
// ones.
func (s signer) sign(header, claims object) (string, error) {
	head := merged(object{"alg": "ES256", "kid": s.kid, "typ": "JWT"}, header)
	first, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	second, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := base64URL(first) + "." + base64URL(second)
	sum := sha256.Sum256([]byte(input))
	r, t, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	t.FillBytes(signature[32:])
	return input + "." + base64URL(signature), nil
}

// jwk is the public key.
func (s signer) jwk() (object, error) {
	point, err := s.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, err
	}
	return object{"kty": "EC", "crv": "P-256", "x": base64URL(point[1:33]), "y": base64URL(point[33:])}, nil
}

func base64URL(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// claimsOf reads what a token says, without proof.
func claimsOf(token string) (object, error) {
	parts := strings.Split(strings.TrimPrefix(token, "Bearer "), ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a token: %.60s", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims object
	return claims, json.Unmarshal(raw, &claims)
}
