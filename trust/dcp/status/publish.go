// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
)

// ErrList marks a list that cannot be published.
var ErrList = errors.New("not a status list to publish")

// List is a status list to be published.
type List struct {
	ID         string // its URL
	Issuer     string
	Purpose    string
	ValidFrom  time.Time
	ValidUntil time.Time
	Bits       []byte // at least MinBits/8; index 0 is the highest bit of the first byte
}

// Set changes the status of an index in bits that are to be published. It
// reports whether the index is within them.
func Set(bits []byte, index uint64, set bool) bool {
	if index >= uint64(len(bits))*8 {
		return false
	}
	mask := byte(0x80 >> (index % 8))
	bits[index/8] &^= mask
	if set {
		bits[index/8] |= mask
	}
	return true
}

// Sign returns the list as a token: a credential of data model 1.1 (with a
// claim vc) for StatusList2021 and for Bitstring, or of 2.0 if plain is set.
// kind is the type of the entries that point to it. The key's ID is the whole
// DID URL. Errors wrap ErrList or are the key's own.
//
// Of what the specifications leave open, the list has what deployed verifiers
// need: one subject, and a purpose that is a string.
func Sign(l List, kind string, plain bool, key jose.Key) (string, error) {
	if err := l.check(kind); err != nil {
		return "", err
	}
	if len(l.Bits)*8 < MinBits {
		return "", fmt.Errorf("%w: %d entries; at least %d are needed", ErrList, len(l.Bits)*8, MinBits)
	}
	return l.sign(kind, plain, key)
}

func (l List) sign(kind string, plain bool, key jose.Key) (string, error) {
	claims := l.claims()
	if plain {
		maps.Copy(claims, l.credential(kind, true, encodeAs))
		return jose.Sign(claims, key, "vc+jwt")
	}
	claims["vc"] = l.credential(kind, false, encodeAs)
	return jose.Sign(claims, key, "JWT")
}

// JSON returns the list as a credential without a signature. It proves
// nothing: it is for peers that can read no other form.
func JSON(l List, kind string) ([]byte, error) {
	if err := l.check(kind); err != nil {
		return nil, err
	}
	return json.Marshal(l.credential(kind, kind == Bitstring, encodePlain))
}

func (l List) check(kind string) error {
	switch {
	case kind != StatusList2021 && kind != Bitstring:
		return fmt.Errorf("%w: %q is no kind of entry", ErrList, kind)
	case l.ID == "" || l.Issuer == "" || len(l.Bits) == 0:
		return fmt.Errorf("%w: it needs an id, an issuer and bits", ErrList)
	case l.Purpose != Revocation && l.Purpose != Suspension:
		return fmt.Errorf("%w: the purpose is %q", ErrList, l.Purpose)
	case l.ValidFrom.IsZero() || !l.ValidUntil.After(l.ValidFrom):
		return fmt.Errorf("%w: it has no validity", ErrList)
	}
	return nil
}

// claims are those that both forms of a token have (RFC 7519).
func (l List) claims() map[string]any {
	return map[string]any{
		"iss": l.Issuer,
		"sub": l.ID + "#list",
		"jti": l.ID,
		"iat": l.ValidFrom.Unix(),
		"exp": l.ValidUntil.Unix(),
	}
}

// credential is the list in the words of data model 1.1 or 2.0.
func (l List) credential(kind string, two bool, encode func(bits []byte, kind string) string) map[string]any {
	context, from, until := "https://www.w3.org/2018/credentials/v1", "issuanceDate", "expirationDate"
	if two {
		context, from, until = "https://www.w3.org/ns/credentials/v2", "validFrom", "validUntil"
	}
	contexts, names := []string{context}, kinds[0]
	switch {
	case kind == StatusList2021:
		contexts = append(contexts, "https://w3id.org/vc/status-list/2021/v1")
	case !two: // 2.0 has these terms itself
		contexts = append(contexts, "https://www.w3.org/ns/credentials/status/v1")
	}
	if kind == Bitstring {
		names = kinds[1]
	}
	return map[string]any{
		"@context": contexts,
		"id":       l.ID,
		"type":     []string{"VerifiableCredential", names.credential},
		"issuer":   l.Issuer,
		from:       l.ValidFrom.UTC().Format(time.RFC3339),
		until:      l.ValidUntil.UTC().Format(time.RFC3339),
		"credentialSubject": map[string]any{
			"id":            l.ID + "#list",
			"type":          names.subject,
			"statusPurpose": l.Purpose,
			"encodedList":   encode(l.Bits, kind),
		},
	}
}
