// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

const (
	maxToken   = 16 << 10 // a whole self-issued token, in bytes
	maxTokenID = 256      // a jti, in bytes
	maxDID     = 1024     // a DID, in bytes
)

// token is a self-issued token of which nothing is proved yet.
type token struct {
	jose.Token
	claims jose.Claims
	raw    string
}

// bearer returns the token in the values of the Authorization header: V01 to
// V03, V05 and V06.
func bearer(values []string) (string, error) {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return "", trust.Refuse("V01", "there is no Authorization header")
	}
	if len(values) > 1 {
		return "", trust.Refuse("V03", "there are %d Authorization headers", len(values))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", trust.Refuse("V02", "the Authorization header is not of scheme Bearer")
	}
	switch {
	case token == "":
		return "", trust.Refuse("V03", "the Authorization header holds no token")
	case len(token) > maxToken:
		return "", trust.Refuse("V05", "the token has more than %d bytes", maxToken)
	case strings.TrimSpace(token) != token:
		return "", trust.Refuse("V06", "there is white space around the token")
	}
	return token, nil
}

// parseToken reads form, header and claims: V04, V07, V09, V11, V12, V41.
func parseToken(raw string) (token, error) {
	parsed, err := jose.Parse(raw, maxToken)
	if err != nil {
		return token{}, claimedBy(malformed(raw, err), issuerOf(raw))
	}
	claims, err := parsed.Unproved()
	if err != nil {
		return token{}, claimedBy(malformed(raw, err), issuerOf(raw))
	}
	switch strings.ToLower(parsed.Header().Type) {
	case "", "jwt", "application/jwt":
		return token{parsed, claims, raw}, nil
	}
	return token{}, claimedBy(trust.Refuse("V04", "the token is of another type than JWT"), claims.Issuer)
}

// issuerOf returns whom a token that is not in order claims to be from; "" where
// it names nobody.
func issuerOf(raw string) string {
	var claims map[string]json.RawMessage
	_, payload := parts(raw)
	_ = json.Unmarshal(payload, &claims)
	var issuer string
	_ = json.Unmarshal(claims["iss"], &issuer)
	return issuer
}

// malformed numbers what is wrong with a token that could not be read.
func malformed(raw string, err error) error {
	header, payload := parts(raw)
	switch {
	case errors.Is(err, jose.ErrTooLarge):
		return trust.Refuse("V05", "the token is too large").Because(err)
	case errors.Is(err, jose.ErrCritical) && has(header, "b64"):
		return trust.Refuse("V11", "the token's payload is not encoded").Because(err)
	case errors.Is(err, jose.ErrCritical):
		return trust.Refuse("V09", "the token demands an extension").Because(err)
	case errors.Is(err, jose.ErrAlgorithm):
		return trust.Refuse("V07", "the token's algorithm is not accepted").Because(err)
	case errors.Is(err, jose.ErrDuplicate):
		return trust.Refuse("V12", "the token has a member twice").Because(err)
	case errors.Is(err, jose.ErrSpace):
		return trust.Refuse("V06", "there is white space around the token").Because(err)
	case errors.Is(err, jose.ErrClaims) && isObject(payload):
		return trust.Refuse("V41", "a claim is of the wrong type").Because(err)
	}
	return trust.Refuse("V04", "the token is not in compact form").Because(err)
}

// parts returns header and payload of a token, as far as they can be decoded.
func parts(raw string) (header, payload []byte) {
	list := strings.SplitN(raw, ".", 4)
	if len(list) != 3 {
		return nil, nil
	}
	header, _ = base64.RawURLEncoding.DecodeString(list[0])
	payload, _ = base64.RawURLEncoding.DecodeString(list[1])
	return header, payload
}

func isObject(raw []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(raw, &members) == nil && members != nil
}

func has(raw []byte, names ...string) bool {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(raw, &members) // no object has no members
	for _, name := range names {
		if _, present := members[name]; present {
			return true
		}
	}
	return false
}
