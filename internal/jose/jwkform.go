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
	"math/big"
)

// The forms of RFC 7518 sections 6.2 and 6.3 and RFC 8037 section 2.
var (
	curveForm   = KeyForm{Kty: "EC", Read: readCurve, Write: writeCurve}
	edwardsForm = KeyForm{Kty: "OKP", Read: readEdwards, Write: writeEdwards}
	rsaForm     = KeyForm{Kty: "RSA", Read: readRSA, Write: writeRSA}
)

func readCurve(m Members) (crypto.PublicKey, error) {
	name, err := text(m["crv"])
	if err != nil {
		return nil, fmt.Errorf("%w: crv %w", ErrJWK, err)
	}
	var curve elliptic.Curve
	switch name {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	default:
		return nil, fmt.Errorf("%w: no algorithm is accepted for curve %.20q", ErrKeyAlgorithm, name)
	}
	point := []byte{4} // uncompressed, SEC 1 section 2.3.3
	for _, coordinate := range []string{"x", "y"} {
		size := (curve.Params().BitSize + 7) / 8
		raw, err := m.Bytes(coordinate, size)
		if err != nil {
			return nil, err
		}
		if len(raw) != size { // RFC 7518 section 6.2.1.2: leading zeros stay
			return nil, fmt.Errorf("%w: %s is not %d bytes", ErrJWK, coordinate, size)
		}
		point = append(point, raw...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("%w: the point is not on its curve", ErrWeakKey)
	}
	return key, nil
}

func writeCurve(public crypto.PublicKey) map[string]string {
	key, ok := public.(*ecdsa.PublicKey)
	if !ok {
		return nil
	}
	point, err := key.Bytes()
	if err != nil {
		return nil
	}
	size := (len(point) - 1) / 2
	return map[string]string{
		"crv": key.Params().Name,
		"x":   encoding.EncodeToString(point[1 : 1+size]),
		"y":   encoding.EncodeToString(point[1+size:]),
	}
}

func readEdwards(m Members) (crypto.PublicKey, error) {
	if name, err := text(m["crv"]); err != nil || name != "Ed25519" {
		return nil, fmt.Errorf("%w: of the kty OKP only Ed25519 is accepted", ErrKeyAlgorithm)
	}
	raw, err := m.Bytes("x", ed25519.PublicKeySize)
	if err != nil {
		return nil, err
	}
	return ParseEd25519(raw)
}

func writeEdwards(public crypto.PublicKey) map[string]string {
	key, ok := public.(ed25519.PublicKey)
	if !ok {
		return nil
	}
	return map[string]string{"crv": "Ed25519", "x": encoding.EncodeToString(key)}
}

func readRSA(m Members) (crypto.PublicKey, error) {
	n, err := m.Bytes("n", maxRSABits/8)
	if err != nil {
		return nil, err
	}
	e, err := m.Bytes("e", 4)
	if err != nil {
		return nil, err
	}
	exponent := new(big.Int).SetBytes(e)
	if n[0] == 0 || e[0] == 0 || exponent.BitLen() > 31 { // RFC 7518 section 6.3.1: no zeros in front
		return nil, fmt.Errorf("%w: n or e is out of range or begins with a zero", ErrJWK)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
}

func writeRSA(public crypto.PublicKey) map[string]string {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	return map[string]string{
		"n": encoding.EncodeToString(key.N.Bytes()),
		"e": encoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}
