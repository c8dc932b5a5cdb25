// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// relaxations are all that leniency lets pass, each a fault that is refused
// otherwise.
var relaxations = map[string]struct {
	profile      vc.Profile
	check        string
	credential   edits
	presentation edits
	world        func(t *testing.T, w *world)
	told         string // part of what is told of it
	issuers      bool   // it is the issuer's to be judged leniently by, not the holder's
}{
	"type without VerifiableCredential": {
		profile: vc.VC11, check: "V76", credential: edits{say("type", []string{"MembershipCredential"})},
		told: "not of type VerifiableCredential", issuers: true,
	},
	"@context is the credential's id": {
		profile: vc.VC11, check: "V75", credential: edits{say("@context", draft().ID)},
		told: "@context is a string", issuers: true,
	},
	"@context is a UUID": {
		profile: vc.VC11, check: "V75", credential: edits{say("@context", "5bd9c1a5-3f7a-4b4e-8c62-0d4b9a1d7f10")},
		told: "@context is a string", issuers: true,
	},
	"@context is a string": {
		profile: vc.VC11, check: "V75", credential: edits{say("@context", base11)},
		told: "@context is a string", issuers: true,
	},
	"sub is the credential's id": {
		profile: vc.VC11, check: "V66", credential: edits{set("sub", draft().ID)},
		told: "sub is not its subject", issuers: true,
	},
	"the presentation's context is named context": {
		profile: vc.VC11, check: "V62", presentation: edits{show("@context", nil), show("context", []string{base11})},
		told: "no @context",
	},
	"the presentation has no context": {
		profile: vc.VC11, check: "V62", presentation: edits{show("@context", nil)},
		told: "no @context",
	},
	"several audiences": {
		profile: vc.VC11, check: "V56", presentation: edits{set("aud", []string{otherDID, verifierDID})},
		told: "several audiences",
	},
	"the holder's document lists no relation": {
		profile: vc.VC11, check: "V53", told: "authentication is meant",
		world: func(t *testing.T, w *world) { w.publish(t, holderDID, keys[holderDID]().Signer.Public()) },
	},
	"the issuer's document lists no relation": {
		profile: vc.VC20, check: "V67", told: "assertionMethod is meant", issuers: true,
		world: func(t *testing.T, w *world) { w.publish(t, issuerDID, keys[issuerDID]().Signer.Public()) },
	},
}

func TestLenient(t *testing.T) {
	for name, r := range relaxations {
		t.Run(name, func(t *testing.T) {
			token := present(t, r.profile, []string{issue(t, r.profile, r.credential...)}, r.presentation...)
			judge := func(w *world) error {
				if r.world != nil {
					r.world(t, w)
				}
				return w.judge(t, token)
			}
			w := newWorld(t)
			refused(t, r.check, judge(w))
			if len(w.relaxed) != 0 {
				t.Errorf("strictly, but told of %v", w.relaxed)
			}

			w = newWorld(t).lenient() // but not the party that is at fault
			party := holderDID
			if r.issuers {
				party = issuerDID
				w.trusted = newWorld(t).trusted
			} else {
				w.want.Conformance = ""
			}
			refused(t, r.check, judge(w))

			w = newWorld(t).lenient()
			accepted(t, judge(w))
			if len(w.relaxed) != 1 || !strings.HasPrefix(w.relaxed[0], party+": ") || !strings.Contains(w.relaxed[0], r.told) {
				t.Errorf("told of %q, want %q of %s", w.relaxed, r.told, party)
			}
		})
	}
}

// A presentation of data model 2.0 as some wallets make it has no audience and
// no end, and says only in its own claims whose it is.
func TestLenientEnvelope(t *testing.T) {
	bare := edits{set("aud", nil), set("exp", nil), set("iat", nil), set("jti", nil), set("iss", nil), typed("")}
	array := say("credentialSubject", []any{map[string]any{"id": holderDID}})
	token := enclose(t, plain(t, []string{issue(t, vc.VC20, typed(""), array)}, bare...), bare...)
	refused(t, "V56", newWorld(t).judge(t, token))
	w := newWorld(t).lenient()
	accepted(t, w.judge(t, token))
	if len(w.relaxed) != 2 {
		t.Errorf("told of %q", w.relaxed)
	}
}

// What is not on the list is refused of lenient parties as well.
func TestLenientIsNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		profile      vc.Profile
		check        string
		credential   edits
		presentation edits
	}{
		"an unknown context":      {vc.VC11, "V75", edits{say("@context", "https://x.example")}, nil},
		"a string in 2.0":         {vc.VC20, "V75", edits{say("@context", base20)}, nil},
		"a UUID in 2.0":           {vc.VC20, "V75", edits{say("@context", "5bd9c1a5-3f7a-4b4e-8c62-0d4b9a1d7f10")}, nil},
		"a context not first":     {vc.VC11, "V75", edits{say("@context", []string{"https://x.example", base11})}, nil},
		"no context":              {vc.VC11, "V75", edits{say("@context", nil)}, nil},
		"another jti":             {vc.VC11, "V66", edits{set("jti", "urn:x")}, nil},
		"another iss":             {vc.VC11, "V66", edits{set("iss", otherDID)}, nil},
		"another sub in 2.0":      {vc.VC20, "V66", edits{set("sub", otherDID)}, nil},
		"another subject":         {vc.VC11, "V69", edits{say("credentialSubject", map[string]any{"id": otherDID})}, nil},
		"expired":                 {vc.VC11, "V71", edits{say("expirationDate", stamp(-time.Minute))}, nil},
		"no issuanceDate":         {vc.VC11, "V73", edits{say("issuanceDate", nil), set("nbf", nil)}, nil},
		"another audience":        {vc.VC11, "V56", nil, edits{set("aud", otherDID)}},
		"another model's context": {vc.VC11, "V62", nil, edits{show("@context", []string{base20})}},
		"no context of a 2.0":     {vc.VC20, "V62", nil, edits{show("@context", nil)}},
		"no holder in 2.0":        {vc.VC20, "V61", nil, edits{set("holder", nil)}},
		"another typ":             {vc.VC20, "V78", edits{typed("JWT")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			token := present(t, c.profile, []string{issue(t, c.profile, c.credential...)}, c.presentation...)
			refused(t, c.check, newWorld(t).lenient().judge(t, token))
		})
	}
}

// An issuer that is judged strictly for one of the types is so for the
// credential.
func TestLenientForAllTypes(t *testing.T) {
	w := newWorld(t)
	w.trusted[issuerDID+" CorporateIdentityCredential"] = trust.Lenient
	raw := issue(t, vc.VC11, say("type", []string{"CorporateIdentityCredential", "MembershipCredential"}))
	refused(t, "V76", w.judgeCredential(t, raw))
	accepted(t, w.judgeCredential(t, issue(t, vc.VC11, say("type", []string{"CorporateIdentityCredential"}))))
}

// A relaxation needs no listener.
func TestLenientUntold(t *testing.T) {
	w := newWorld(t).lenient()
	w.checker.Relaxed = nil
	accepted(t, w.judgeCredential(t, issue(t, vc.VC11, set("sub", otherDID))))
}

func TestStatusOfCredential(t *testing.T) {
	entry := func(change map[string]any) func(*claims) {
		m := map[string]any{
			"id": "https://issuer.example/status/1#7", "type": "StatusList2021Entry", "statusPurpose": "revocation",
			"statusListIndex": "7", "statusListCredential": "https://issuer.example/status/1",
		}
		for name, value := range change {
			put(m, name, value)
		}
		return say("credentialStatus", m)
	}
	for check, edit := range map[string]func(*claims){
		"V91": entry(map[string]any{"type": "Other"}),
		"V93": entry(map[string]any{"statusSize": 2}),
		"V87": entry(map[string]any{"statusListIndex": "-1"}),
	} {
		raw := issue(t, vc.VC11, edit)
		refused(t, check, newWorld(t).judgeCredential(t, raw))
		if _, err := vc.Read(raw); err == nil {
			t.Errorf("%s: read", check)
		}
	}
	list, err := newWorld(t).checker.Presentation(t.Context(), quote(present(t, vc.VC11, []string{issue(t, vc.VC11, entry(map[string]any{"statusListIndex": 9}))})), newWorld(t).want)
	accepted(t, err)
	if len(list[0].Status) != 1 || list[0].Status[0].Index != 9 {
		t.Errorf("status %+v", list[0].Status)
	}
	list, err = newWorld(t).checker.Presentation(t.Context(), quote(present(t, vc.VC11, []string{issue(t, vc.VC11, say("credentialStatus", json.RawMessage("null")))})), newWorld(t).want)
	accepted(t, err)
	if len(list[0].Status) != 0 {
		t.Errorf("status %+v", list[0].Status)
	}
}

// What the compatibility kits of DCP present: the newer ones in order, the
// first of them only leniently.
func TestKitPresentations(t *testing.T) {
	const id, number = "0a4f9a8e-4dc1-4a5c-8a0e-5d8f0a3c9b11", "5bd9c1a5-3f7a-4b4e-8c62-0d4b9a1d7f10"
	credential := edits{
		func(c *claims) { c.all["vc"] = map[string]any{} },
		set("iss", issuerDID), set("sub", holderDID), set("jti", number),
		set("nbf", unix(0)), set("iat", unix(0)), set("exp", unix(5*time.Minute)),
		say("@context", []string{base11}), say("id", id), say("type", []string{"VerifiableCredential", "MembershipCredential"}),
		say("issuer", issuerDID), say("issuanceDate", "2026-11-01T12:00:00.123456789Z"),
		say("expirationDate", "2026-11-01T12:10:00.123456789Z"),
		say("credentialSubject", map[string]any{"id": holderDID, "foo": "bar"}),
		say("credentialStatus", map[string]any{
			"id": number, "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
			"statusListIndex": "1", "statusListCredential": "http://localhost:8083/statuslist/1",
		}),
	}
	vp := func(context string) edits {
		return edits{func(c *claims) {
			list := c.presentation()["verifiableCredential"]
			c.all["vp"] = map[string]any{
				context: []string{base11, "https://identity.foundation/presentation-exchange/submission/v1"},
				"type":  "VerifiablePresentation", "verifiableCredential": list,
			}
		}}
	}
	w := newWorld(t)
	accepted(t, w.judge(t, present(t, vc.VC11, []string{issue(t, vc.VC11, credential...)}, vp("@context")...)))
	if len(w.relaxed) != 0 {
		t.Errorf("relaxed %q", w.relaxed)
	}

	older := append(slices.Clone(credential), set("sub", id), say("@context", id), say("type", []string{"MembershipCredential"}),
		say("expirationDate", json.RawMessage("null")))
	w = newWorld(t).lenient()
	for _, party := range []string{holderDID, issuerDID} {
		w.publish(t, party, keys[party]().Signer.Public())
	}
	accepted(t, w.judge(t, present(t, vc.VC11, []string{issue(t, vc.VC11, older...)}, vp("context")...)))
	if len(w.relaxed) != 6 {
		t.Errorf("relaxed %q", w.relaxed)
	}
}
