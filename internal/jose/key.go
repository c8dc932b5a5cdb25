// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
)

const pemType = "PRIVATE KEY" // PKCS#8, RFC 7468 section 10

// GenerateES256 makes a key on P-256 from a source of randomness, crypto/rand's
// Reader outside of tests. The standard library's own generator would ignore
// the source.
func GenerateES256(rand io.Reader) (*ecdsa.PrivateKey, error) {
	// Candidates outside [1, n-1] are thrown away (FIPS 186-5 appendix A.2.2):
	// one in 2^32, so a source that gives several is broken.
	for range 8 {
		candidate := make([]byte, 32)
		if _, err := io.ReadFull(rand, candidate); err != nil {
			return nil, fmt.Errorf("jose: generate a key: %w", err)
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), candidate); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%w: the source of randomness repeats itself", ErrKey)
}

// MarshalPrivateKey returns a key as PKCS#8 in PEM. The text is secret.
func MarshalPrivateKey(key crypto.Signer) ([]byte, error) {
	if err := checkKind(key); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

// ParsePrivateKey reads one key in PKCS#8 from a PEM text that holds nothing
// else. Only keys of the kinds that Sign takes are accepted.
func ParsePrivateKey(text []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || strings.TrimSpace(string(rest)) != "" {
		return nil, fmt.Errorf("%w: not one PEM block of type %s", ErrKey, pemType)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: not PKCS#8", ErrKey)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: %T does not sign", ErrKey, key)
	}
	if err := checkKind(signer); err != nil {
		return nil, err
	}
	return signer, nil
}

// checkKind refuses keys that Sign would not take.
func checkKind(key crypto.Signer) error {
	if key == nil {
		return fmt.Errorf("%w: there is none", ErrKey)
	}
	if _, err := algorithmsOf(key.Public()); err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return nil
}
