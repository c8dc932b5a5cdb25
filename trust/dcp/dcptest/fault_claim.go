// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"strings"
	"time"
)

// section C of the checks: what the token claims.
func claimFaults() []TokenFault {
	return []TokenFault{
		claim("V27", "no iss", "iss", nil),
		claim("V27", "iss is a web address", "iss", "https://caller.example"),
		claim("V28", "sub is another", "sub", "did:web:other.example"),
		claim("V28", "no sub", "sub", nil),
		claim("V29", "no aud", "aud", nil),
		claim("V29", "aud is another", "aud", "did:web:other.example"),
		{
			Check: "V29", Name: "aud is our address", Break: func(c *TokenCase) { c.Draft.Claims["aud"] = c.Own.URL() },
			Mend: func(c *TokenCase) { c.Draft.Claims["aud"] = []any{c.Own.DID} },
		},
		{Check: "V30", Name: "several audiences", Break: func(c *TokenCase) {
			c.Draft.Claims["aud"] = []any{c.Own.DID, "did:web:other.example"}
		}, Mend: func(c *TokenCase) { c.Draft.Claims["aud"] = []any{c.Own.DID} }},
		claim("V37", "no jti", "jti", nil),
		claim("V37", "an empty jti", "jti", ""),
		{
			Check: "V37", Name: "a jti of more than 256 bytes", Break: func(c *TokenCase) { c.Draft.Claims["jti"] = strings.Repeat("x", 257) },
			Mend: func(c *TokenCase) { c.Draft.Claims["jti"] = strings.Repeat("x", 200) + c.World.NewID() },
		},
		{Check: "V38", Name: "the same token again", Break: func(*TokenCase) {}, Again: true},
		{Check: "V39", Name: "no claim token", Break: func(c *TokenCase) { delete(c.Draft.Claims, "token") }, AccessToken: true},
		claim("V39", "an empty claim token", "token", ""),
		claim("V39", "a claim token that is an object", "token", map[string]any{"a": 1}),
		claim("V40", "sub_jwk", "sub_jwk", map[string]any{"kty": "EC"}),
		claim("V40", "an empty sub_jwk", "sub_jwk", []any{}),
		claim("V41", "iss is a number", "iss", 5),
		claim("V41", "sub is an array", "sub", []any{"did:web:other.example"}),
		claim("V41", "jti is a number", "jti", 17),
		claim("V41", "exp is a string", "exp", "9999999999"),
		claim("V41", "iat is an object", "iat", map[string]any{}),
		claim("V41", "aud holds a number", "aud", []any{5}),
	}
}

// section C: times. Leeway is 5 s.
func timeFaults() []TokenFault {
	return []TokenFault{
		claim("V31", "no exp", "exp", nil),
		{
			Check: "V32", Name: "expired", Break: expire(-10 * time.Second), Mend: expire(-4 * time.Second),
		},
		{Check: "V32", Name: "expired at this second, leeway over", Break: expire(-5 * time.Second), Mend: expire(time.Second)},
		claim("V33", "no iat", "iat", nil),
		at("V34", "issued in a minute", "iat", time.Minute, 4*time.Second),
		at("V34", "issued in an hour", "iat", time.Hour, -4*time.Second),
		at("V35", "not before a minute from now", "nbf", time.Minute, 4*time.Second),
		at("V36", "good for more than ten minutes", "exp", 10*time.Minute+time.Second, 10*time.Minute),
	}
}

// expire sets the end of a token that was issued a while before.
func expire(d time.Duration) func(*TokenCase) {
	return func(c *TokenCase) {
		now := c.World.Clock.Now()
		c.Draft.Claims["iat"], c.Draft.Claims["exp"] = now.Add(-time.Minute).Unix(), now.Add(d).Unix()
	}
}
