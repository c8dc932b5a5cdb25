// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// The algorithms that are spoken (RFC 7518 section 3.1, RFC 8037 section 3.1).
const (
	ES256 = "ES256"
	ES384 = "ES384"
	EdDSA = "EdDSA" // with Ed25519
	PS256 = "PS256"
	RS256 = "RS256"
)

// A smaller RSA key is weak (RFC 7518 section 3.3), a larger one a way to keep
// a verifier busy.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

var accepted = []string{ES256, ES384, EdDSA, PS256, RS256}

// algorithmsOf returns the algorithms that belong to a public key, the
// preferred one first. A P-256 key signs by ES256 and nothing else. Anything
// that is not a public key of these kinds, such as a shared secret or a
// private key, is refused.
func algorithmsOf(key crypto.PublicKey) ([]string, error) {
	switch key := key.(type) {
	case nil:
		return nil, ErrUnknownKey
	case *ecdsa.PublicKey:
		return curveAlgorithms(key)
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%w: Ed25519 key of %d bytes", ErrWeakKey, len(key))
		}
		return []string{EdDSA}, nil
	case *rsa.PublicKey:
		return rsaAlgorithms(key)
	default:
		return nil, fmt.Errorf("%w: %T is no public key that signs", ErrKeyAlgorithm, key)
	}
}

func curveAlgorithms(key *ecdsa.PublicKey) ([]string, error) {
	if key == nil || key.Curve == nil {
		return nil, ErrUnknownKey
	}
	if _, err := key.Bytes(); err != nil {
		return nil, fmt.Errorf("%w: the point is not on its curve", ErrWeakKey)
	}
	switch key.Curve {
	case elliptic.P256():
		return []string{ES256}, nil
	case elliptic.P384():
		return []string{ES384}, nil
	}
	return nil, fmt.Errorf("%w: no algorithm is accepted for curve %s", ErrKeyAlgorithm, key.Curve.Params().Name)
}

func rsaAlgorithms(key *rsa.PublicKey) ([]string, error) {
	if key == nil || key.N == nil {
		return nil, ErrUnknownKey
	}
	if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return nil, fmt.Errorf("%w: RSA of %d bits; %d to %d are accepted", ErrWeakKey, bits, minRSABits, maxRSABits)
	}
	if key.E < 3 || key.E%2 == 0 {
		return nil, fmt.Errorf("%w: RSA exponent %d", ErrWeakKey, key.E)
	}
	return []string{PS256, RS256}, nil
}

// match refuses an algorithm that is not one of the key's.
func match(algorithm string, key crypto.PublicKey) error {
	own, err := algorithmsOf(key)
	if err != nil {
		return err
	}
	if !slices.Contains(own, algorithm) {
		return fmt.Errorf("%w: the key signs by %v", ErrKeyAlgorithm, own)
	}
	return nil
}

func signBytes(algorithm string, input []byte, key crypto.Signer) ([]byte, error) {
	signer, err := jws.NewSigner(jwa.SignatureAlgorithm(algorithm))
	if err != nil {
		return nil, fmt.Errorf("jose: %w", err)
	}
	return signer.Sign(input, key)
}

func verifyBytes(algorithm string, input, signature []byte, key crypto.PublicKey) error {
	verifier, err := jws.NewVerifier(jwa.SignatureAlgorithm(algorithm))
	if err != nil {
		return fmt.Errorf("jose: %w", err)
	}
	if err := verifier.Verify(input, signature, key); err != nil {
		return ErrSignature // the module's reason helps only a forger
	}
	return nil
}
