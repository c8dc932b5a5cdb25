// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"crypto"
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/jose"
)

// methodTypes are those whose key is in publicKeyJwk or publicKeyMultibase.
// Which algorithm the key signs by is said by the key alone.
var methodTypes = map[string]bool{
	"JsonWebKey2020":                    true,
	"JsonWebKey":                        true,
	"Multikey":                          true,
	"EcdsaSecp256r1VerificationKey2019": true,
	"Ed25519VerificationKey2018":        true,
	"Ed25519VerificationKey2020":        true,
	"RsaVerificationKey2018":            true,
}

// addMethod keeps a verification method (DID Core section 5.2) and returns its
// id.
func (d *Document) addMethod(raw json.RawMessage) (string, error) {
	m, err := object(raw, "a verification method")
	if err != nil {
		return "", err
	}
	id, err := m.text("id")
	if err != nil || id == "" {
		return "", malformed("a verification method has no id")
	}
	id = absolute(id, d.ID)
	for _, other := range d.methods {
		if other.id == id {
			return "", ErrTwice
		}
	}
	if len(d.methods) == maxMethods {
		return "", malformed("it has more than %d verification methods", maxMethods)
	}
	added := method{id: id}
	added.key, added.err = d.readKey(id, m)
	d.methods = append(d.methods, added)
	return id, nil
}

// readKey returns the key of a method that the document's subject controls.
func (d *Document) readKey(id string, m members) (crypto.PublicKey, error) {
	if controller, err := m.text("controller"); err != nil || controller != d.ID || Owner(id) != d.ID {
		return nil, ErrOwner
	}
	if name, err := m.text("type"); err != nil || !methodTypes[name] {
		return nil, fmt.Errorf("%w: its type %.40q is not known", ErrKey, name)
	}
	jwk, hasJWK := m["publicKeyJwk"]
	multibase, err := m.text("publicKeyMultibase")
	switch {
	case err != nil || hasJWK == (multibase != ""):
		return nil, fmt.Errorf("%w: it is not given in exactly one form", ErrKey)
	case hasJWK:
		key, err := jose.ParseJWK(jwk)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return key, nil
	}
	return parseMultikey(multibase)
}
