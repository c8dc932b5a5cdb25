// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"encoding/json"
	"fmt"
	"slices"
)

// maxJWK bounds a JSON Web Key, in bytes. An RSA key of 4096 bits needs less
// than 1 KiB; the rest is for certificates, which are not looked at.
const maxJWK = 16 << 10

// Members are those of a JSON Web Key. One that is null is left out.
type Members map[string]json.RawMessage

// KeyForm reads and writes the keys of one kty (RFC 7517 section 4.1).
type KeyForm struct {
	Kty string
	// Read returns the public key. What it says of a key's strength is checked
	// again by Fits.
	Read func(Members) (crypto.PublicKey, error)
	// Write returns the members besides kty, or nil for a key of another kind.
	Write func(crypto.PublicKey) map[string]string
}

// privateMembers are those of which a public key has none (RFC 7518 sections
// 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2; priv is that of the kty AKP).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// ParseJWK reads a public key (RFC 7517) of a kind that Verify takes. A key
// with a private member, off its curve, too weak, or with an alg, use or
// key_ops that contradicts signing is refused. Errors wrap ErrJWK, ErrPrivate,
// ErrDuplicate, ErrWeakKey or ErrKeyAlgorithm.
func ParseJWK(raw []byte) (crypto.PublicKey, error) {
	if len(raw) > maxJWK {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrJWK, maxJWK)
	}
	members, err := object(raw, ErrJWK)
	if err != nil {
		return nil, err
	}
	for name, value := range members {
		if string(value) == "null" {
			delete(members, name)
		}
	}
	for _, name := range privateMembers {
		if _, present := members[name]; present {
			return nil, fmt.Errorf("%w: %s", ErrPrivate, name)
		}
	}
	key, err := readKey(members)
	if err != nil {
		return nil, err
	}
	if err := signs(members, key); err != nil {
		return nil, err
	}
	return key, nil
}

func readKey(members Members) (crypto.PublicKey, error) {
	kty, err := text(members["kty"])
	if err != nil {
		return nil, fmt.Errorf("%w: kty %w", ErrJWK, err)
	}
	for _, a := range current.Load().rows {
		if a.Form != nil && a.Form.Kty == kty {
			return a.Form.Read(members)
		}
	}
	return nil, fmt.Errorf("%w: kty %.20q is not known", ErrKeyAlgorithm, kty)
}

// signs refuses a key that fits no algorithm or says itself that it is for
// something else (RFC 7517 sections 4.2 to 4.4).
func signs(members Members, key crypto.PublicKey) error {
	if _, err := algorithmsOf(key); err != nil {
		return err
	}
	if raw, present := members["use"]; present {
		if use, err := text(raw); err != nil || use != "sig" {
			return fmt.Errorf("%w: its use is not sig", ErrKeyAlgorithm)
		}
	}
	if raw, present := members["key_ops"]; present {
		var ops []string
		if err := json.Unmarshal(raw, &ops); err != nil || !slices.Contains(ops, "verify") {
			return fmt.Errorf("%w: its key_ops lack verify", ErrKeyAlgorithm)
		}
	}
	if raw, present := members["alg"]; present {
		alg, err := text(raw)
		if err != nil {
			return fmt.Errorf("%w: alg %w", ErrJWK, err)
		}
		if _, err := match(alg, key); err != nil {
			return err
		}
	}
	return nil
}

// MarshalJWK returns a public key as a JSON Web Key, its members sorted by
// name. kid may be empty. Errors wrap ErrKeyAlgorithm or ErrWeakKey.
func MarshalJWK(key crypto.PublicKey, kid string) ([]byte, error) {
	if _, err := algorithmsOf(key); err != nil {
		return nil, err
	}
	for _, a := range current.Load().rows {
		if a.Form == nil {
			continue
		}
		if members := a.Form.Write(key); members != nil {
			members["kty"] = a.Form.Kty
			if kid != "" {
				members["kid"] = kid
			}
			return json.Marshal(members)
		}
	}
	return nil, fmt.Errorf("%w: %s has no form as a JSON Web Key", ErrKeyAlgorithm, kind(key))
}

// Bytes reads a member of base64url (RFC 7515 section 2) that decodes to at
// most limit bytes.
func (m Members) Bytes(name string, limit int) ([]byte, error) {
	s, err := text(m[name])
	if err != nil {
		return nil, fmt.Errorf("%w: %s %w", ErrJWK, name, err)
	}
	raw, err := decodePart(s)
	if err != nil || len(raw) > limit {
		return nil, fmt.Errorf("%w: %s is not base64url of at most %d bytes", ErrJWK, name, limit)
	}
	return raw, nil
}
