// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
)

// TokenFaults returns the faults of V01 to V41, at least one for each.
func TokenFaults() []TokenFault {
	all := transportFaults()
	all = append(all, algorithmFaults()...)
	all = append(all, headerFaults()...)
	all = append(all, keyFaults()...)
	all = append(all, useFaults()...)
	all = append(all, resolutionFaults()...)
	all = append(all, claimFaults()...)
	return append(all, timeFaults()...)
}

// values makes a fault of the header's values.
func values(check, name string, change func(string) []string) TokenFault {
	return TokenFault{Check: check, Name: name, Break: func(c *TokenCase) { c.Values = change }}
}

// section A of the checks: how the token comes.
func transportFaults() []TokenFault {
	return []TokenFault{
		values("V01", "no header", func(string) []string { return nil }),
		values("V01", "an empty header", func(string) []string { return []string{""} }),
		values("V02", "the bare token", func(b string) []string { return []string{strings.TrimPrefix(b, "Bearer ")} }),
		values("V02", "another scheme", func(b string) []string { return []string{"DPoP" + strings.TrimPrefix(b, "Bearer")} }),
		values("V03", "two headers", func(b string) []string { return []string{b, b} }),
		values("V03", "no token", func(string) []string { return []string{"Bearer "} }),
		values("V04", "two parts", func(b string) []string { return []string{b[:strings.LastIndexByte(b, '.')]} }),
		values("V04", "five parts, as encrypted", func(b string) []string { return []string{b + ".AAAA.AAAA"} }),
		values("V04", "the JSON serialization", func(b string) []string {
			p := strings.Split(strings.TrimPrefix(b, "Bearer "), ".")
			return []string{"Bearer " + `{"protected":"` + p[0] + `","payload":"` + p[1] + `","signature":"` + p[2] + `"}`}
		}),
		values("V04", "padded base64", func(b string) []string { return []string{b + "="} }),
		header("V04", "the type of another kind of token", "typ", "at+jwt"),
		values("V04", "two tokens in one header", func(b string) []string { return []string{b + ", " + b} }),
		{Check: "V05", Name: "more than 16 KiB", Break: func(c *TokenCase) {
			c.Draft.Claims["padding"] = strings.Repeat("x", 16<<10)
		}, Mend: func(c *TokenCase) { c.Draft.Claims["padding"] = strings.Repeat("x", 8<<10) }},
		values("V06", "a space before", func(b string) []string { return []string{"Bearer " + strings.Replace(b, "Bearer", "", 1)} }),
		values("V06", "a line break behind", func(b string) []string { return []string{b + "\n"} }),
	}
}

// header makes a fault of one header member.
func header(check, name, member string, value any) TokenFault {
	return TokenFault{Check: check, Name: name, Break: func(c *TokenCase) { c.Draft.Header[member] = value }}
}

// stranger is a key that nobody publishes.
func (c *TokenCase) stranger() jose.Key { return c.Caller.newKey("stranger") }

// section A: which algorithm, and the signature.
func algorithmFaults() []TokenFault {
	return []TokenFault{
		{Check: "V07", Name: "alg none", Break: func(c *TokenCase) { c.Draft.Header["alg"], c.Draft.Key = "none", nil; c.Values = addSignature }},
		{Check: "V07", Name: "HS256 with the public key as secret", Break: func(c *TokenCase) {
			c.Draft.Header["alg"], c.Draft.Secret = "HS256", []byte("public key")
		}},
		header("V07", "an unknown algorithm", "alg", "ES256K"),
		header("V07", "ES512", "alg", "ES512"),
		{Check: "V08", Name: "ES384 made with a P-256 key", Break: func(c *TokenCase) {
			c.Draft.Header["alg"], c.Draft.Hash = "ES384", crypto.SHA384
		}},
		header("V08", "EdDSA with an elliptic curve key", "alg", "EdDSA"),
		{Check: "V08", Name: "another's signature", Break: func(c *TokenCase) { c.Draft.Key = c.stranger().Signer }},
		{Check: "V08", Name: "an altered claim", Break: func(c *TokenCase) {
			c.Values = func(b string) []string {
				p := strings.Split(b, ".")
				forged := c.Draft.Clone()
				forged.Claims["token"] = "other"
				return []string{p[0] + "." + strings.Split(forged.Sign(c.World.T), ".")[1] + "." + p[2]}
			}
		}},
	}
}

// section A: what else the envelope says.
func headerFaults() []TokenFault {
	return []TokenFault{
		{Check: "V09", Name: "crit", Break: func(c *TokenCase) {
			c.Draft.Header["crit"], c.Draft.Header["urn:example:extension"] = []any{"urn:example:extension"}, true
		}, Mend: func(c *TokenCase) { c.Draft.Header["urn:example:extension"] = true }},
		header("V09", "an empty crit", "crit", []any{}),
		{Check: "V10", Name: "a key in the header", Break: func(c *TokenCase) {
			own := c.stranger()
			c.Draft.Header["jwk"], c.Draft.Key = JWK(c.World, own.Signer.Public()), own.Signer
		}, Mend: func(c *TokenCase) { c.Draft.Header["jwk"] = JWK(c.World, c.Caller.Key.Signer.Public()) }},
		{Check: "V10", Name: "the address of a key", Break: func(c *TokenCase) {
			c.Draft.Header["jku"], c.Draft.Key = "https://stranger.example/jwks", c.stranger().Signer
		}, Mend: func(c *TokenCase) { c.Draft.Header["jku"] = "https://stranger.example/jwks" }},
		header("V11", "an unencoded payload", "b64", false),
		{Check: "V11", Name: "an unencoded payload, marked critical", Break: func(c *TokenCase) {
			c.Draft.Header["b64"], c.Draft.Header["crit"] = false, []any{"b64"}
		}},
		{Check: "V12", Name: "kid twice", Break: func(c *TokenCase) {
			c.Draft.HeaderText = func(s string) string { return strings.Replace(s, "{", `{"kid":"did:web:other.example#k",`, 1) }
		}},
		{Check: "V12", Name: "iss twice", Break: func(c *TokenCase) {
			c.Draft.ClaimsText = func(s string) string { return strings.Replace(s, "{", `{"iss":"did:web:other.example",`, 1) }
		}},
		{Check: "V12", Name: "a member twice, deep inside", Break: func(c *TokenCase) {
			c.Draft.ClaimsText = func(s string) string { return strings.Replace(s, "{", `{"x":[{"a":1,"\u0061":2}],`, 1) }
		}},
	}
}

// addSignature gives a token without one a third part that decodes.
func addSignature(bearer string) []string {
	return []string{bearer + base64.RawURLEncoding.EncodeToString([]byte("signature"))}
}

// EdDSA and P-384 keys are made as needed: they are for faults alone.
func (p *Party) edKey(fragment string) jose.Key {
	_, private, err := ed25519.GenerateKey(p.World.random)
	if err != nil {
		p.World.T.Fatal(err)
	}
	return jose.Key{ID: p.DID + "#" + fragment, Signer: private}
}

func (p *Party) p384Key(fragment string) jose.Key {
	private, err := ecdsa.GenerateKey(elliptic.P384(), reader{})
	if err != nil {
		p.World.T.Fatal(err)
	}
	return jose.Key{ID: p.DID + "#" + fragment, Signer: private}
}

// claim makes a fault of one claim; nil takes it away.
func claim(check, name, member string, value any) TokenFault {
	return TokenFault{Check: check, Name: name, Break: func(c *TokenCase) {
		if c.Draft.Claims[member] = value; value == nil {
			delete(c.Draft.Claims, member)
		}
	}}
}

// at makes a fault of a claim that is a time, so far from now.
func at(check, name, member string, broken, mended time.Duration) TokenFault {
	set := func(d time.Duration) func(*TokenCase) {
		return func(c *TokenCase) { c.Draft.Claims[member] = c.World.Clock.Now().Add(d).Unix() }
	}
	return TokenFault{Check: check, Name: name, Break: set(broken), Mend: set(mended)}
}
