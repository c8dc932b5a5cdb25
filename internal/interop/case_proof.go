// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// fault is one thing wrong with a message, and what either side makes of it.
type fault struct {
	name  string
	spoil func(*proof)
	edc   verdict
	us    verdict
}

// verdict is an answer, and the reason that its side keeps for itself: a part
// of EDC's log, the number of our check.
type verdict struct {
	status int
	why    string
}

// refused is what EDC answers to nearly all that is wrong.
func refused(why string) verdict { return verdict{http.StatusUnauthorized, why} }

func check(number string) verdict { return verdict{http.StatusUnauthorized, number} }

var (
	accepted = verdict{http.StatusOK, ""}
	notNow   = verdict{http.StatusServiceUnavailable, ""}
)

// proofCases send each fault to both sides, and the same without the fault.
func (c *Claims) proofCases() []Case {
	var cases []Case
	for _, f := range faults(c.strangers) {
		cases = append(cases, Case{"both verify: " + f.name, func(ctx context.Context) error { return c.judge(ctx, f) }})
	}
	return cases
}

func (c *Claims) judge(ctx context.Context, f fault) error {
	for _, side := range []struct {
		name, id, address string
		want              verdict
		because           func(ctx context.Context, l *proof, mark int) error
	}{
		{"EDC", c.EDC.ID, c.EDC.Protocol, f.edc, func(ctx context.Context, _ *proof, mark int) error { return c.logged(ctx, mark, f.edc.why) }},
		{"Musubi", c.ID, c.Peer.Address, f.us, func(ctx context.Context, l *proof, _ int) error { return c.checked(ctx, l, f.us.why) }},
	} {
		l, err := c.strangers.proof(side.id)
		if err != nil {
			return err
		}
		f.spoil(l)
		mark := c.mark()
		if err := l.post(ctx, side.address, side.want.status); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
		if err := side.because(ctx, l, mark); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
		mended, err := c.strangers.proof(side.id)
		if err == nil {
			err = mended.post(ctx, side.address, http.StatusOK)
		}
		if err != nil {
			return fmt.Errorf("%s, the same without the fault: %w", side.name, err)
		}
	}
	return nil
}

// checked compares the number of the check that our side kept.
func (c *Claims) checked(ctx context.Context, l *proof, want string) error {
	claimed := l.did
	if who, ok := l.token.claims["iss"].(string); ok {
		claimed = who
	}
	last, err := c.lastRefusal(ctx, claimed)
	if err == nil && last.Check != want {
		err = fmt.Errorf("refused by %q (%s), not by %q", last.Check, last.Reason, want)
	}
	return err
}

// post asks for the catalogue with a proof, and compares the answer.
func (l *proof) post(ctx context.Context, address string, want int) error {
	bearer, err := l.bearer()
	if err != nil {
		return err
	}
	call := NewAPI(address, "")
	call.Header = map[string]string{"Authorization": bearer}
	body, status, err := call.Send(ctx, http.MethodPost, "/catalog/request",
		[]byte(`{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`))
	switch {
	case err != nil:
		return err
	case status != want:
		return fmt.Errorf("it answers %d, not %d: %.300s", status, want, body)
	}
	var answer struct {
		Type string `json:"@type"`
		Code string
	}
	err = json.Unmarshal(body, &answer)
	switch {
	case want == http.StatusOK && (err != nil || answer.Type != "Catalog"):
		return fmt.Errorf("no catalogue: %w: %.300s", err, body)
	case want == http.StatusUnauthorized && (err != nil || answer.Type != "CatalogError" || answer.Code == ""):
		return fmt.Errorf("no CatalogError: %w: %.300s", err, body)
	}
	return nil
}

// faults are what EDC was seen to refuse, and what only one side refuses.
func faults(s *Strangers) []fault {
	other := s.did("somebody-else")
	claim := func(part func(*proof) object, name string, value any) func(*proof) {
		return func(l *proof) { part(l)[name] = value }
	}
	token := func(l *proof) object { return l.token.claims }
	vp := func(l *proof) object { return l.vp.claims }
	forged := func(part func(*proof) *signed) func(*proof) {
		return func(l *proof) { p := part(l); p.by = s.rogue.as(p.by.kid) }
	}
	hour := time.Hour
	return []fault{
		{"a token for somebody else", claim(token, "aud", other), refused("Token audience claim"), check("V29")},
		{"a token that has expired", claim(token, "exp", time.Now().Add(-hour).Unix()), refused("Token has expired"), check("V32")},
		{"a token without an access token", func(l *proof) { delete(l.token.claims, "token") }, refused("token"), check("V39")},
		{"a token about another subject", claim(token, "sub", other), refused("sub"), check("V28")},
		{"a forged token", forged(func(l *proof) *signed { return &l.token }), refused("Token verification failed"), check("V08")},
		{"a token with algorithm none", func(l *proof) { l.token.header = object{"alg": "none"} }, verdict{500, ""}, check("V07")},
		{"a token with a sub_jwk that is no text", claim(token, "sub_jwk", object{"kty": "EC"}), verdict{500, ""}, check("V40")},
		{"a presentation for somebody else", claim(vp, "aud", other), refused("Token audience claim"), check("V56")},
		{"a forged presentation", forged(func(l *proof) *signed { return &l.vp }), refused("Token verification failed"), check("V52")},
		{"a presentation of another issuer than its key", claim(vp, "iss", other), refused("expected to correlate"), check("V55")},
		{"a forged credential", forged(func(l *proof) *signed { return &l.vc }), refused("Token verification failed"), check("V64")},
		{"a credential signed with the key of another DID", func(l *proof) { l.vc.by = s.rogue }, refused("expected to correlate"), check("V65")},
		{"a credential of an issuer that is not trusted", func(l *proof) {
			rogue := hubHost + "rogue"
			l.vc.by, l.vc.claims["iss"], l.vcObject()["issuer"] = s.rogue, rogue, rogue
			delete(l.vcObject(), "credentialStatus")
		}, refused("are not supported for issuer"), check("V68")},
		{"a credential about another participant", func(l *proof) {
			l.vc.claims["sub"], l.vcObject()["credentialSubject"].(object)["id"] = other, other
		}, refused("Not all credential subject IDs match"), check("V69")},
		{"a credential that has expired", func(l *proof) { l.dates(time.Now().Add(-2*hour), time.Now().Add(-hour)) }, refused("Credential expired."), check("V70")},
		{"a credential that is not valid yet", func(l *proof) { l.dates(time.Now().Add(hour), time.Now().Add(2*hour)) }, refused("Credential is not yet valid."), check("V72")},
		{"a revoked credential", func(l *proof) { l.revoked = true }, refused("Credential status is 'revocation', status at index 42 is '1'"), check("V80")},
		{"a suspended credential", func(l *proof) { l.suspended = true }, refused("Credential status is 'suspension', status at index 42 is '1'"), check("V81")},
		{"a credential of another type", func(l *proof) { l.vcObject()["type"] = []string{"VerifiableCredential", "OtherCredential"} }, refused("Not all requested credentials are present"), check("V49")},
		{"a DID document without a wallet", func(l *proof) { l.document["service"] = []object{} }, refused("CredentialService"), check("V43")},
		{"a wallet that answers 401", answering(http.StatusUnauthorized), refused("Presentation Query failed: HTTP 401"), check("V45")},
		{"a wallet that answers without @context", func(l *proof) {
			l.wallet = func(p string) (int, object) {
				return http.StatusOK, object{"type": "PresentationResponseMessage", "presentation": []string{p}}
			}
		}, refused(""), check("V46")},
		{"a wallet that presents nothing", func(l *proof) {
			l.wallet = func(string) (int, object) { return http.StatusOK, presented() }
		}, refused("Number of requested credentials does not match"), check("V47")},
		{"out of reach, a wallet that answers 500", answering(http.StatusInternalServerError), refused("Presentation Query failed: HTTP 500"), notNow},
		{"out of reach, a status list that answers 503", func(l *proof) { l.outage = http.StatusServiceUnavailable }, refused(""), notNow},
		{"a kid without its DID", func(l *proof) { l.token.by.kid = "#key-1" }, verdict{http.StatusBadRequest, ""}, check("V13")},
		{"one side only, a presentation that has expired", claim(vp, "exp", time.Now().Add(-hour).Unix()), accepted, check("V57")},
		{"one side only, a key of type JsonWebKey", func(l *proof) {
			l.document["verificationMethod"].([]object)[0]["type"] = "JsonWebKey"
		}, refused(""), accepted},
	}
}

func answering(status int) func(*proof) {
	return func(l *proof) { l.wallet = func(string) (int, object) { return status, object{} } }
}
