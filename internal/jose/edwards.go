// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto/ed25519"
	"fmt"
	"math/big"
	"slices"
)

// The curve of RFC 8032 section 5.1: -x² + y² = 1 + d·x²·y² modulo p.
var (
	edwardsP = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edwardsD = fraction(big.NewInt(-121665), big.NewInt(121666))
)

// ParseEd25519 returns 32 bytes as a public key if they are a point of the
// curve in its one spelling and of large order: under a key of small order
// nearly every signature is right. The standard library would see the first
// two at the signature only, and the last never. Errors wrap ErrWeakKey.
func ParseEd25519(raw []byte) (ed25519.PublicKey, error) {
	if len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: Ed25519 key of %d bytes", ErrWeakKey, len(raw))
	}
	spelled := slices.Clone(raw)
	spelled[31] &= 0x7f // the highest bit is the sign of x
	slices.Reverse(spelled)
	y := new(big.Int).SetBytes(spelled)
	if y.Cmp(edwardsP) >= 0 || !edwardsPoint(y) {
		return nil, fmt.Errorf("%w: the point is not on its curve", ErrWeakKey)
	}
	if smallOrder(y) {
		return nil, fmt.Errorf("%w: the point is of small order", ErrWeakKey)
	}
	return slices.Clone(raw), nil
}

// edwardsPoint reports whether there is an x: x² = (y² - 1) / (d·y² + 1).
func edwardsPoint(y *big.Int) bool {
	square := new(big.Int).Mul(y, y)
	over := new(big.Int).Sub(square, big.NewInt(1))
	under := new(big.Int).Add(new(big.Int).Mul(square, edwardsD), big.NewInt(1))
	return big.Jacobi(fraction(over, under), edwardsP) >= 0
}

// smallOrder tells the points of order 1, 2, 4 and 8. The first three have y =
// 1, -1 and 0. Doubling the last gives y = 0, which is d·y⁴ + 2·y² - 1 = 0.
func smallOrder(y *big.Int) bool {
	square := mod(new(big.Int).Mul(y, y))
	if square.Sign() == 0 || square.Cmp(big.NewInt(1)) == 0 {
		return true
	}
	sum := new(big.Int).Mul(edwardsD, new(big.Int).Mul(square, square))
	sum.Add(sum, new(big.Int).Lsh(square, 1))
	sum.Sub(sum, big.NewInt(1))
	return mod(sum).Sign() == 0
}

func fraction(over, under *big.Int) *big.Int {
	inverse := new(big.Int).ModInverse(mod(new(big.Int).Set(under)), edwardsP)
	return mod(inverse.Mul(inverse, over))
}

// mod reduces in place.
func mod(x *big.Int) *big.Int { return x.Mod(x, edwardsP) }
