// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"net/http"
	"slices"
	"time"
)

// faults are what EDC was seen to refuse, and what only one side refuses.
func faults(s *Strangers) []fault {
	return slices.Concat(tokenFaults(s), presentationFaults(s), credentialFaults(s), walletFaults())
}

// The parts of a proof that a fault is in.
func ofToken(p *proof) *signed        { return &p.token }
func ofPresentation(p *proof) *signed { return &p.vp }
func ofCredential(p *proof) *signed   { return &p.vc }

func claim(part func(*proof) *signed, name string, value any) func(*proof) {
	return func(p *proof) { part(p).claims[name] = value }
}

// forged signs with another key under the name of the right one.
func (s *Strangers) forged(part func(*proof) *signed) func(*proof) {
	return func(p *proof) { part(p).by = s.rogue.as(part(p).by.kid) }
}

func (s *Strangers) somebodyElse() string { return s.did("somebody-else") }

func tokenFaults(s *Strangers) []fault {
	return []fault{
		{"a token for somebody else", claim(ofToken, "aud", s.somebodyElse()), refused("Token audience claim"), check("V29")},
		{"a token that has expired", claim(ofToken, "exp", time.Now().Add(-time.Hour).Unix()), refused("Token has expired"), check("V32")},
		{"a token without an access token", func(p *proof) { delete(p.token.claims, "token") }, refused("The 'token' claim is mandatory"), check("V39")},
		{"a token about another subject", claim(ofToken, "sub", s.somebodyElse()), refused("'iss' and 'sub' claims"), check("V28")},
		{"a forged token", s.forged(ofToken), refused("Token verification failed"), check("V08")},
		{"a token with algorithm none", func(p *proof) { p.token.header = object{"alg": "none"} }, failed, check("V07")},
		{"a token with a sub_jwk that is no text", claim(ofToken, "sub_jwk", object{"kty": "EC"}), failed, check("V40")},
		{"a token with a kid without its DID", func(p *proof) { p.token.by.kid = "#key-1" }, verdict{http.StatusBadRequest, ""}, check("V13")},
	}
}

func presentationFaults(s *Strangers) []fault {
	return []fault{
		{"a presentation for somebody else", claim(ofPresentation, "aud", s.somebodyElse()), refused("Token audience claim"), check("V56")},
		{"a forged presentation", s.forged(ofPresentation), refused("Token verification failed"), check("V52")},
		{"a presentation of another issuer than its key", claim(ofPresentation, "iss", s.somebodyElse()), refused("expected to correlate"), check("V55")},
		{"one side only, a presentation that has expired", claim(ofPresentation, "exp", time.Now().Add(-time.Hour).Unix()), accepted, check("V57")},
	}
}

func credentialFaults(s *Strangers) []fault {
	return []fault{
		{"a forged credential", s.forged(ofCredential), refused("Token verification failed"), check("V64")},
		{"a credential signed with the key of another DID", func(p *proof) { p.vc.by = s.rogue }, refused("expected to correlate"), check("V65")},
		{"a credential of an issuer that is not trusted", func(p *proof) {
			rogue := hubHost + "rogue"
			p.vc.by, p.vc.claims["iss"], p.vcObject()["issuer"] = s.rogue, rogue, rogue
			delete(p.vcObject(), "credentialStatus")
		}, refused("are not supported for issuer"), check("V68")},
		{"a credential about another participant", func(p *proof) { p.about(s.somebodyElse()) }, refused("Not all credential subject IDs match"), check("V69")},
		{"a credential that has expired", func(p *proof) { p.from(-2 * time.Hour) }, refused("Credential expired."), check("V70")},
		{"a credential that is not valid yet", func(p *proof) { p.from(time.Hour) }, refused("Credential is not yet valid."), check("V72")},
		{"a revoked credential", func(p *proof) { p.revoked = true }, refused("Credential status is 'revocation', status at index 42 is '1'"), check("V80")},
		{"a suspended credential", func(p *proof) { p.suspended = true }, refused("Credential status is 'suspension', status at index 42 is '1'"), check("V81")},
		{"a credential of another type", func(p *proof) {
			p.vcObject()["type"] = []string{"VerifiableCredential", "OtherCredential"}
		}, refused("Not all requested credentials are present"), check("V49")},
		{"a status list that is out of reach", func(p *proof) { p.outage = http.StatusServiceUnavailable }, refused(""), notNow},
	}
}

func walletFaults() []fault {
	return []fault{
		{"a DID document without a wallet", func(p *proof) { p.document["service"] = []object{} }, refused("CredentialService"), check("V43")},
		{"one side only, a key of type JsonWebKey", func(p *proof) {
			p.document["verificationMethod"].([]object)[0]["type"] = "JsonWebKey"
		}, refused(""), accepted},
		{"a wallet that answers 401", answering(http.StatusUnauthorized), refused("Presentation Query failed: HTTP 401"), check("V45")},
		{"a wallet that answers 500", answering(http.StatusInternalServerError), refused("Presentation Query failed: HTTP 500"), notNow},
		{"a wallet that answers without @context", func(p *proof) {
			p.wallet = func(presentation string) (int, object) {
				answer := presented(presentation)
				delete(answer, "@context")
				return http.StatusOK, answer
			}
		}, refused(""), check("V46")},
		{"a wallet that presents nothing", func(p *proof) {
			p.wallet = func(string) (int, object) { return http.StatusOK, presented() }
		}, refused("Number of requested credentials does not match"), check("V47")},
	}
}

func answering(status int) func(*proof) {
	return func(p *proof) { p.wallet = func(string) (int, object) { return status, object{} } }
}
