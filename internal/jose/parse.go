// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
)

const (
	// DefaultMaxSize bounds header and payload together, as they stand in the
	// token, in bytes.
	DefaultMaxSize = 8 << 10
	// maxSignature is enough for the largest RSA signature accepted.
	maxSignature = 2 << 10
)

// encoding refuses padding and stray bits in the last character, so that a
// token has one spelling only.
var encoding = base64.RawURLEncoding.Strict()

// Header is what is read of a token's header. Members that offer a key (jwk,
// jku, x5c, x5u) are never looked at: the Resolver alone knows keys.
type Header struct {
	Algorithm string // alg
	KeyID     string // kid
	Type      string // typ, as written
}

// parsed is a token whose form is right and of which nothing is proved.
type parsed struct {
	header    Header
	payload   []byte
	input     []byte // what was signed: the first two parts and their dot
	signature []byte
}

// parse reads the compact form (RFC 7515 section 7.1).
func parse(token string, maxSize int) (parsed, error) {
	var p parsed
	parts := strings.SplitN(token, ".", 4) // one more shows that there are too many
	if len(parts) != 3 {
		return p, ErrForm
	}
	if len(parts[0])+len(parts[1]) > maxSize || len(parts[2]) > maxSignature {
		return p, ErrTooLarge
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = decodePart(part); err != nil {
			return p, err
		}
	}
	header, err := parseHeader(raw[0])
	if err != nil {
		return p, err
	}
	p = parsed{header: header, payload: raw[1], signature: raw[2]}
	p.input = []byte(token[:len(parts[0])+1+len(parts[1])])
	return p, nil
}

func decodePart(part string) ([]byte, error) {
	// The decoder of the standard library skips line breaks.
	if part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, ErrForm
	}
	raw, err := encoding.DecodeString(part)
	if err != nil {
		return nil, ErrForm
	}
	return raw, nil
}

func parseHeader(raw []byte) (Header, error) {
	members, err := object(raw)
	if err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	// b64 (RFC 7797) and zip would change what was signed; both are extensions
	// that a header may not use without crit.
	for _, name := range []string{"crit", "b64", "zip"} {
		if _, present := members[name]; present {
			return Header{}, fmt.Errorf("%w: %s", ErrCritical, name)
		}
	}
	var h Header
	for name, to := range map[string]*string{"alg": &h.Algorithm, "kid": &h.KeyID, "typ": &h.Type} {
		if value, present := members[name]; present {
			if *to, err = text(value); err != nil {
				return Header{}, fmt.Errorf("%w: %s %w", ErrHeader, name, err)
			}
		}
	}
	if !slices.Contains(accepted, h.Algorithm) {
		return Header{}, fmt.Errorf("%w: %v are", ErrAlgorithm, accepted)
	}
	return h, nil
}

// object reads a JSON object in which no name is used twice at any depth, so
// that no two readers can see different members.
func object(raw []byte) (map[string]json.RawMessage, error) {
	if _, err := jcs.Transform(raw); err != nil {
		return nil, fmt.Errorf("not strict JSON: %w", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, fmt.Errorf("not a JSON object")
	}
	return members, nil
}

// text reads a JSON string; null is none.
func text(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", fmt.Errorf("is not a string")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fmt.Errorf("is not a string")
	}
	return s, nil
}
