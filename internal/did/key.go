// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/musubi-ods/musubi/internal/jose"
)

// The prefixes of keys in binary: a multicodec number as a varint.
const (
	codeEd25519 = "\xed\x01"
	codeP256    = "\x80\x24" // 0x1200
	codeP384    = "\x81\x24" // 0x1201
)

// FromKey returns the did:key of a public key on P-256, P-384 or Ed25519.
func FromKey(key crypto.PublicKey) (string, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return "did:key:" + multikey(codeEd25519, key), nil
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrKey, err)
		}
		code := codeP256
		if key.Curve == elliptic.P384() {
			code = codeP384
		} else if key.Curve != elliptic.P256() {
			break
		}
		// The compressed form (SEC 1 section 2.3.3) says whether y is odd.
		x := point[1 : 1+(len(point)-1)/2]
		return "did:key:" + multikey(code, append([]byte{2 + point[len(point)-1]&1}, x...)), nil
	}
	return "", fmt.Errorf("%w: did:key is written for P-256, P-384 and Ed25519", ErrKey)
}

func multikey(code string, raw []byte) string {
	return "z" + base58(append([]byte(code), raw...))
}

// keyDocument derives the document of a did:key (did:key section 3.1.1). The
// key may be used for everything; services there are none.
func keyDocument(did string) (*Document, error) {
	text := strings.TrimPrefix(did, "did:key:")
	key, err := parseMultikey(text)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(did))
	d := &Document{ID: did, Hash: hex.EncodeToString(sum[:]), relations: map[Relation][]string{}}
	id := did + "#" + text
	d.methods = []method{{id: id, key: key}}
	for _, relation := range []Relation{Authentication, AssertionMethod, CapabilityInvocation} {
		d.relations[relation] = []string{id}
	}
	return d, nil
}

// parseMultikey reads a key as did:key and the type Multikey write it.
func parseMultikey(text string) (crypto.PublicKey, error) {
	digits, ok := strings.CutPrefix(text, "z") // multibase: base58btc
	if !ok {
		return nil, fmt.Errorf("%w: it is not in base58btc", ErrKey)
	}
	raw, err := parseBase58(digits)
	if err != nil {
		return nil, err
	}
	if len(raw) < 2 {
		return nil, fmt.Errorf("%w: it is too short", ErrKey)
	}
	switch code, rest := string(raw[:2]), raw[2:]; code {
	case codeEd25519:
		key, err := jose.ParseEd25519(rest)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return key, nil
	case codeP256:
		return parsePoint(elliptic.P256(), rest)
	case codeP384:
		return parsePoint(elliptic.P384(), rest)
	}
	return nil, fmt.Errorf("%w: its kind is not known", ErrKey)
}

func parsePoint(curve elliptic.Curve, compressed []byte) (crypto.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(curve, compressed)
	if x == nil {
		return nil, fmt.Errorf("%w: it is not a point of its curve", ErrKey)
	}
	size := len(compressed) - 1
	point := make([]byte, 1+2*size)
	point[0] = 4
	x.FillBytes(point[1 : 1+size])
	y.FillBytes(point[1+size:])
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not a point of its curve", ErrKey)
	}
	return key, nil
}

// alphabet58 leaves out what looks alike: 0 and O, I and l.
const alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// maxBase58 is enough for a key on P-384; the conversion is quadratic.
const maxBase58 = 96

func base58(raw []byte) string {
	var digits []byte
	n, rest, radix := new(big.Int).SetBytes(raw), new(big.Int), big.NewInt(58)
	for n.Sign() > 0 {
		n.DivMod(n, radix, rest)
		digits = append(digits, alphabet58[rest.Int64()])
	}
	for i := 0; i < len(raw) && raw[i] == 0; i++ {
		digits = append(digits, alphabet58[0])
	}
	for i, j := 0, len(digits)-1; i < j; i, j = i+1, j-1 {
		digits[i], digits[j] = digits[j], digits[i]
	}
	return string(digits)
}

func parseBase58(text string) ([]byte, error) {
	if len(text) > maxBase58 {
		return nil, fmt.Errorf("%w: it is too long", ErrKey)
	}
	n, radix := new(big.Int), big.NewInt(58)
	for _, c := range []byte(text) {
		digit := strings.IndexByte(alphabet58, c)
		if digit < 0 {
			return nil, fmt.Errorf("%w: it is not in base58btc", ErrKey)
		}
		n.Add(n.Mul(n, radix), big.NewInt(int64(digit)))
	}
	zeros := len(text) - len(strings.TrimLeft(text, alphabet58[:1]))
	return append(make([]byte, zeros), n.Bytes()...), nil
}
