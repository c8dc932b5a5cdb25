// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import "crypto"

// ParseJWK reads a public key (RFC 7517) of a kind that Verify takes. A key
// with a private member, off its curve, too weak, or with an alg or use that
// contradicts signing is refused.
func ParseJWK(raw []byte) (crypto.PublicKey, error) { panic("to be written") }

// MarshalJWK returns a public key as a JSON Web Key. kid may be empty.
func MarshalJWK(key crypto.PublicKey, kid string) ([]byte, error) { panic("to be written") }
