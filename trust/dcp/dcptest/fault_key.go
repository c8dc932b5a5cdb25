// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"encoding/base64"

	"github.com/musubi-ods/musubi/internal/did"
)

// document makes a fault of the caller's DID document.
func document(check, name string, change func(c *TokenCase)) TokenFault {
	return TokenFault{Check: check, Name: name, Break: change}
}

// section B of the checks: which key.
func keyFaults() []TokenFault {
	oneKey := func(c *TokenCase) {
		delete(c.Draft.Header, "kid")
		c.Document["verificationMethod"] = []any{c.Caller.Method(c.Caller.Key)}
		c.Document["assertionMethod"] = []any{c.Caller.Key.ID}
	}
	return []TokenFault{
		header("V13", "kid of another DID", "kid", "did:web:other.example#identity-1"),
		{Check: "V13", Name: "a dot of the DID replaced, as a pattern would let pass", Break: func(c *TokenCase) {
			c.Draft.Header["kid"] = "did:web:" + c.Caller.Context + "xexample#identity-1"
		}},
		{Check: "V13", Name: "the DID continued", Break: func(c *TokenCase) { c.Draft.Header["kid"] = c.Caller.DID + ":x#identity-1" }},
		header("V13", "a relative kid", "kid", "#identity-1"),
		{Check: "V14", Name: "kid of no key", Break: func(c *TokenCase) { c.Draft.Header["kid"] = c.Caller.DID + "#none" }},
		{
			Check: "V15", Name: "no kid and two keys", Break: func(c *TokenCase) { delete(c.Draft.Header, "kid") }, Mend: oneKey,
		},
		{Check: "V16", Name: "no kid, and the one key is not for this", Break: func(c *TokenCase) {
			oneKey(c)
			c.Document["capabilityInvocation"] = []any{}
		}, Mend: oneKey},
	}
}

// section B: what the key may be used for, and whether it is one.
func useFaults() []TokenFault {
	return []TokenFault{
		{Check: "V17", Name: "a key that is for presentations only", Break: func(c *TokenCase) { c.Document["capabilityInvocation"] = []any{} }},
		{Check: "V17", Name: "the key of credentials", Break: func(c *TokenCase) {
			c.Draft.Header["kid"], c.Draft.Key = c.Caller.Issuer.ID, c.Caller.Issuer.Signer
		}, Mend: func(c *TokenCase) {
			c.Draft.Header["kid"], c.Draft.Key = c.Caller.Issuer.ID, c.Caller.Issuer.Signer
			c.Document["capabilityInvocation"] = []any{c.Caller.Issuer.ID}
		}},
		{Check: "V17", Name: "no relationships at all", Break: func(c *TokenCase) {
			delete(c.Document, "capabilityInvocation")
			delete(c.Document, "authentication")
			delete(c.Document, "assertionMethod")
		}},
		document("V18", "a key of another controller", func(c *TokenCase) { c.method()["controller"] = "did:web:other.example" }),
		document("V25", "two methods of one id", func(c *TokenCase) {
			twin := c.Caller.Method(c.Caller.newKey("identity-1"))
			c.Document["verificationMethod"] = []any{c.Caller.Method(c.Caller.Key), twin}
		}),
		document("V26", "a key with its private half", func(c *TokenCase) { c.jwk()["d"] = c.jwk()["x"] }),
		document("V26", "a point off its curve", func(c *TokenCase) {
			c.jwk()["y"] = base64.RawURLEncoding.EncodeToString(make([]byte, 32))
		}),
		{Check: "V08", Name: "an Ed25519 key and an ES256 token", Break: func(c *TokenCase) {
			key := c.Caller.edKey("identity-1")
			c.Document["verificationMethod"] = []any{c.Caller.Method(key)}
		}, Mend: func(c *TokenCase) {
			key := c.Caller.edKey("identity-1")
			c.Draft.Header["alg"], c.Draft.Key = "EdDSA", key.Signer
			c.Document["verificationMethod"] = []any{c.Caller.Method(key)}
		}},
		{Check: "V08", Name: "a P-384 key and an ES256 token of it", Break: func(c *TokenCase) {
			key := c.Caller.p384Key("identity-1")
			c.Draft.Key = key.Signer
			c.Document["verificationMethod"] = []any{c.Caller.Method(key)}
		}, Mend: func(c *TokenCase) {
			key := c.Caller.p384Key("identity-1")
			c.Draft.Header["alg"], c.Draft.Key = "ES384", key.Signer
			c.Document["verificationMethod"] = []any{c.Caller.Method(key)}
		}},
	}
}

// method returns the verification method that the token names.
func (c *TokenCase) method() map[string]any {
	return c.Document["verificationMethod"].([]any)[0].(map[string]any)
}

func (c *TokenCase) jwk() map[string]any { return c.method()["publicKeyJwk"].(map[string]any) }

// from makes the token one of another DID.
func from(check, name, id string) TokenFault {
	return TokenFault{Check: check, Name: name, Break: func(c *TokenCase) {
		c.Draft.Claims["iss"], c.Draft.Claims["sub"] = id, id
		c.Draft.Header["kid"] = id + "#identity-1"
	}}
}

// failing makes resolution end with a verdict.
func failing(check, name string, err error) TokenFault {
	return TokenFault{Check: check, Name: name, Break: func(c *TokenCase) { c.World.DIDs.Fail(c.Caller.DID, err) }}
}

// section B: how the DID leads to a document.
func resolutionFaults() []TokenFault {
	return []TokenFault{
		document("V19", "the document of another", func(c *TokenCase) { c.Document["id"] = "did:web:other.example" }),
		from("V20", "an unknown method", "did:example:caller"),
		from("V21", "an empty segment", "did:web:caller.example:"),
		from("V21", "a path", "did:web:caller.example%2Fx"),
		from("V21", "an address in numbers", "did:web:192.0.2.1"),
		from("V21", "an address in numbers, of version 6", "did:web:%5B2001%3Adb8%3A%3A1%5D"),
		from("V21", "letters of the other case", "did:WEB:caller.example"),
		document("V22", "a document that is no JSON", func(c *TokenCase) { c.World.DIDs.Put(c.Caller.DID, []byte("<html>")) }),
		document("V22", "no document", func(c *TokenCase) { c.World.DIDs.Put(c.Caller.DID, nil) }),
		failing("V22", "not found", did.ErrNotFound),
		failing("V23", "a private address", did.ErrAddress),
		failing("V24", "plain http", did.ErrScheme),
	}
}
