// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// DefaultMaxSize bounds header and payload together, as they stand in the
// token, in bytes.
const DefaultMaxSize = 8 << 10

// encoding refuses padding and stray bits in the last character, so that a
// token has one spelling only.
var encoding = base64.RawURLEncoding.Strict()

// Header is what is read of a token's header. Members that offer a key (jwk,
// jku, x5c, x5u) are never looked at: the Resolver alone knows keys.
type Header struct {
	Algorithm   string // alg; an alias reads as the name it stands for
	KeyID       string // kid
	Type        string // typ, as written
	ContentType string // cty, as written
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
	longest := current.Load().longer
	if len(token) > maxSize+longest+2 {
		return p, ErrTooLarge
	}
	if token != strings.TrimSpace(token) {
		return p, ErrSpace
	}
	parts := strings.SplitN(token, ".", 4) // one more shows that there are too many
	if len(parts) != 3 {
		return p, ErrForm
	}
	if len(parts[0])+len(parts[1]) > maxSize || len(parts[2]) > longest {
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
	members, err := object(raw, ErrHeader)
	if err != nil {
		return Header{}, err
	}
	// b64 (RFC 7797) and zip would change what was signed; both are extensions
	// that a header may not use without crit.
	for _, name := range []string{"crit", "b64", "zip"} {
		if _, present := members[name]; present {
			return Header{}, fmt.Errorf("%w: %s", ErrCritical, name)
		}
	}
	var h Header
	for _, m := range [...]struct {
		name string
		to   *string
	}{{"alg", &h.Algorithm}, {"kid", &h.KeyID}, {"typ", &h.Type}, {"cty", &h.ContentType}} {
		if value, present := members[m.name]; present {
			if *m.to, err = text(value); err != nil {
				return Header{}, fmt.Errorf("%w: %s %w", ErrHeader, m.name, err)
			}
		}
	}
	known := current.Load()
	algorithm, ok := known.find(h.Algorithm)
	if !ok {
		return Header{}, fmt.Errorf("%w: %v are", ErrAlgorithm, known.names())
	}
	h.Algorithm = algorithm.Name
	return h, nil
}

// object reads a JSON object in which no name is used twice at any depth, so
// that no two readers can see different members. The values are of the text
// itself. Errors are ErrDuplicate or wrap malformed.
func object(raw []byte, malformed error) (map[string]json.RawMessage, error) {
	members, err := membersOf(raw)
	switch {
	case errors.Is(err, ErrDuplicate):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", malformed, err)
	case members == nil:
		return nil, fmt.Errorf("%w: %w", malformed, errObject)
	}
	return members, nil
}

// text reads a JSON string; null is none.
func text(raw json.RawMessage) (string, error) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", fmt.Errorf("is not a string")
	}
	if inner := raw[1 : len(raw)-1]; plain(inner) { // as most are
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fmt.Errorf("is not a string")
	}
	return s, nil
}

// plain reports whether what stands between quotation marks is what it means.
func plain(inner []byte) bool {
	for _, c := range inner {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}
