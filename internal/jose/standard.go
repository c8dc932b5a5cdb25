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

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// A smaller RSA key is weak (RFC 7518 section 3.3), a larger one a way to keep
// a verifier busy, as a large exponent is: nearly all keys have 65537. With
// 8192 bits and an exponent of 31, a check takes 70 times that of 2048 bits.
const (
	minRSABits     = 2048
	maxRSABits     = 4096
	maxRSAExponent = 1 << 24
)

// standard is the table without additions. RFC 9864 gives EdDSA with Ed25519
// the name Ed25519, which some signers write already.
func standard() []Algorithm {
	return []Algorithm{
		withModule(Algorithm{Name: ES256, Fits: onCurve(elliptic.P256()), MaxSignature: 64, Form: &curveForm}),
		withModule(Algorithm{Name: ES384, Fits: onCurve(elliptic.P384()), MaxSignature: 96}),
		withModule(Algorithm{Name: EdDSA, Aliases: []string{"Ed25519"}, Fits: isEd25519, MaxSignature: ed25519.SignatureSize, Form: &edwardsForm}),
		withModule(Algorithm{Name: PS256, Fits: isRSA, MaxSignature: maxRSABits / 8, Form: &rsaForm}),
		withModule(Algorithm{Name: RS256, Fits: isRSA, MaxSignature: maxRSABits / 8}),
	}
}

// withModule leaves a row's arithmetic to jwx.
func withModule(a Algorithm) Algorithm {
	id := jwa.SignatureAlgorithm(a.Name)
	a.Sign = func(input []byte, key crypto.Signer) ([]byte, error) {
		signer, err := jws.NewSigner(id)
		if err != nil {
			return nil, err
		}
		return signer.Sign(input, key)
	}
	a.Verify = func(input, signature []byte, key crypto.PublicKey) error {
		verifier, err := jws.NewVerifier(id)
		if err != nil {
			return err
		}
		return verifier.Verify(input, signature, key)
	}
	return a
}

func onCurve(curve elliptic.Curve) func(crypto.PublicKey) (bool, error) {
	return func(public crypto.PublicKey) (bool, error) {
		key, ok := public.(*ecdsa.PublicKey)
		switch {
		case !ok:
			return false, nil
		case key == nil || key.Curve == nil:
			return false, ErrUnknownKey
		case key.Curve != curve:
			return false, nil
		}
		if _, err := key.Bytes(); err != nil {
			return false, fmt.Errorf("%w: the point is not on its curve", ErrWeakKey)
		}
		return true, nil
	}
}

func isEd25519(public crypto.PublicKey) (bool, error) {
	key, ok := public.(ed25519.PublicKey)
	if ok && len(key) != ed25519.PublicKeySize {
		return false, fmt.Errorf("%w: Ed25519 key of %d bytes", ErrWeakKey, len(key))
	}
	return ok, nil
}

func isRSA(public crypto.PublicKey) (bool, error) {
	key, ok := public.(*rsa.PublicKey)
	switch {
	case !ok:
		return false, nil
	case key == nil || key.N == nil:
		return false, ErrUnknownKey
	}
	if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return false, fmt.Errorf("%w: RSA of %d bits; %d to %d are accepted", ErrWeakKey, bits, minRSABits, maxRSABits)
	}
	if key.E < 3 || key.E > maxRSAExponent || key.E%2 == 0 || key.N.Bit(0) == 0 {
		return false, fmt.Errorf("%w: RSA modulus or exponent is even, too small or too large", ErrWeakKey)
	}
	return true, nil
}

// kind names a key for an error, without a word of its value.
func kind(key crypto.PublicKey) string {
	if key, ok := key.(*ecdsa.PublicKey); ok {
		return "a key on " + key.Curve.Params().Name
	}
	return fmt.Sprintf("%T", key)
}
