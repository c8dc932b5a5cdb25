// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// byProfile runs a test on both data models.
func byProfile(t *testing.T, test func(t *testing.T, p vc.Profile)) {
	t.Helper()
	for _, p := range profiles {
		t.Run(strings.SplitN(string(p), "-", 2)[0], func(t *testing.T) { test(t, p) })
	}
}

// trial is one presentation under one change of claims.
type trial map[string][]func(*claims)

// refuse demands that each change of a presentation is refused.
func (trials trial) refuse(t *testing.T, check string, p vc.Profile) {
	t.Helper()
	for name, edits := range trials {
		t.Run(name, func(t *testing.T) {
			refused(t, check, newWorld(t).judge(t, present(t, p, []string{issue(t, p)}, edits...)))
		})
	}
}

// accept demands that none is refused.
func (trials trial) accept(t *testing.T, p vc.Profile) {
	t.Helper()
	for name, edits := range trials {
		t.Run(name, func(t *testing.T) {
			accepted(t, newWorld(t).judge(t, present(t, p, []string{issue(t, p)}, edits...)))
		})
	}
}

type edits = []func(*claims)

func unix(d time.Duration) int64 { return now.Add(d).Unix() }

func TestV52_PresentationSignature(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			forger := keys[otherDID]()
			forger.ID = holderDID + "#key-1"
			trial{"signed by another key": {signedBy(forger)}}.refuse(t, "V52", p)
			w := newWorld(t)
			good := present(t, p, []string{issue(t, p)})
			half := strings.LastIndexByte(good, '.')
			refused(t, "V52", w.judge(t, good[:half]+"."+strings.Repeat("A", len(good)-half-1)))
			refused(t, "V52", w.judge(t, good[:half]))
			refused(t, "V52", w.judge(t, " "+good))
			unknown := keys[holderDID]()
			unknown.ID = holderDID + "#key-2"
			refused(t, "V52", w.judge(t, present(t, p, []string{issue(t, p)}, signedBy(unknown))))
		})
		t.Run("the envelope alone is forged", func(t *testing.T) {
			forger := keys[otherDID]()
			forger.ID = holderDID + "#key-1"
			inner := plain(t, []string{issue(t, vc.VC20)})
			refused(t, "V52", newWorld(t).judge(t, enclose(t, inner, signedBy(forger))))
			refused(t, "V52", newWorld(t).judge(t, enclose(t, inner+";"+inner)))
		})
		t.Run("an embedded proof", func(t *testing.T) {
			for _, entry := range []string{`{"type":"VerifiablePresentation","proof":{}}`, `null`, `7`, `["a"]`, ``} {
				_, err := newWorld(t).checker.Presentation(t.Context(), json.RawMessage(entry), newWorld(t).want)
				refused(t, "V52", err)
				if !strings.Contains(err.Error(), "embedded proofs are not supported") {
					t.Errorf("the reason is %v", err)
				}
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) { trial{"as made": nil}.accept(t, p) })
		accepted(t, newWorld(t).judge(t, plain(t, []string{issue(t, vc.VC20)})))
	})
}

func TestV53_AuthenticationRelation(t *testing.T) {
	key := keys[holderDID]().Signer.Public()
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			token := present(t, p, []string{issue(t, p)})
			w := newWorld(t).lenient() // even so: the document lists relations, this one not
			w.publish(t, holderDID, key, did.AssertionMethod, did.CapabilityInvocation)
			refused(t, "V53", w.judge(t, token))
			w = newWorld(t)
			w.publish(t, holderDID, key)
			refused(t, "V53", w.judge(t, token))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			w := newWorld(t)
			w.publish(t, holderDID, key, did.Authentication)
			accepted(t, w.judge(t, present(t, p, []string{issue(t, p)})))
		})
	})
}

func TestV54_SignerIsSender(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			token := present(t, p, []string{issue(t, p)}, signedBy(keys[otherDID]()))
			if p == vc.VC20 { // the envelope is the holder's
				refused(t, "V54", newWorld(t).judge(t, plain(t, []string{issue(t, p)}, signedBy(keys[otherDID]()))))
			}
			w := newWorld(t)
			refused(t, "V54", w.judge(t, token))
			for _, id := range w.resolved {
				if id == otherDID {
					t.Error("a DID was resolved that only the token names")
				}
			}
			relative := keys[holderDID]()
			relative.ID = "#key-1"
			refused(t, "V54", w.judge(t, present(t, p, []string{issue(t, p)}, signedBy(relative))))
			relative.ID = strings.ToUpper(holderDID) + "#key-1"
			refused(t, "V54", w.judge(t, present(t, p, []string{issue(t, p)}, signedBy(relative))))
		})
		t.Run("the envelope is somebody else's", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)})
			refused(t, "V54", newWorld(t).judge(t, enclose(t, inner, signedBy(keys[otherDID]()))))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) { trial{"as made": nil}.accept(t, p) })
	})
}

func TestV55_IssuerIsSigner(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		trial{
			"another iss":            {set("iss", otherDID)},
			"no iss":                 {set("iss", nil)},
			"another holder":         {show("holder", otherDID)},
			"a holder that is no id": {show("holder", 7)},
		}.refuse(t, "V55", vc.VC11)
	})
	t.Run("accepted", func(t *testing.T) {
		trial{
			"as made":          nil,
			"no holder":        {show("holder", nil)},
			"holder an object": {show("holder", map[string]any{"id": holderDID})},
			"no sub":           {set("sub", nil)},
			"another claim":    {set("controller", holderDID)},
		}.accept(t, vc.VC11)
	})
}

func TestV56_Audience(t *testing.T) {
	bad := trial{
		"another's":   {set("aud", otherDID)},
		"our address": {set("aud", "https://verifier.example")},
		"several":     {set("aud", []string{verifierDID, otherDID})},
	}
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) { bad.refuse(t, "V56", p) })
		trial{"none": {set("aud", nil)}}.refuse(t, "V56", vc.VC11)
		t.Run("none in either token", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)}, set("aud", nil))
			refused(t, "V56", newWorld(t).judge(t, enclose(t, inner, set("aud", nil))))
			refused(t, "V56", newWorld(t).judge(t, inner))
		})
		t.Run("wrong in the envelope, even leniently", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)}, set("aud", nil))
			refused(t, "V56", newWorld(t).lenient().judge(t, enclose(t, inner, set("aud", otherDID))))
		})
		t.Run("none in data model 1.1, even leniently", func(t *testing.T) {
			token := present(t, vc.VC11, []string{issue(t, vc.VC11)}, set("aud", nil))
			refused(t, "V56", newWorld(t).lenient().judge(t, token))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{"ours": nil, "ours in a list": {set("aud", []string{verifierDID})}}.accept(t, p)
		})
		trial{"in the envelope alone": {set("aud", nil)}}.accept(t, vc.VC20)
		t.Run("in the inner token alone", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)})
			accepted(t, newWorld(t).judge(t, enclose(t, inner, set("aud", nil))))
		})
	})
}

func TestV57_PresentationTimes(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"over":         {set("exp", unix(-5*time.Second))},
				"begins later": {set("nbf", unix(6*time.Second))},
				"issued later": {set("iat", unix(6*time.Second))},
				"long over":    {set("exp", 1)},
			}.refuse(t, "V57", p)
		})
		trial{"no end": {set("exp", nil)}}.refuse(t, "V57", vc.VC11)
		t.Run("no end in either token", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)}, set("exp", nil))
			refused(t, "V57", newWorld(t).judge(t, enclose(t, inner, set("exp", nil))))
		})
		t.Run("over in the envelope, even leniently", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)}, set("exp", nil))
			refused(t, "V57", newWorld(t).lenient().judge(t, enclose(t, inner, set("exp", unix(-time.Minute)))))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"over within leeway":   {set("exp", unix(-4*time.Second))},
				"begins within leeway": {set("nbf", unix(5*time.Second)), set("iat", unix(5*time.Second))},
				"with a fraction":      {set("exp", float64(unix(time.Minute))+0.5)},
				"neither nbf nor iat":  {set("nbf", nil), set("iat", nil)},
			}.accept(t, p)
		})
		trial{"the end in the envelope alone": {set("exp", nil)}}.accept(t, vc.VC20)
	})
}

func TestV58_PresentationClaim(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		trial{
			"no vp":                {set("vp", nil)},
			"vp a string":          {set("vp", "{}")},
			"vp null":              {set("vp", json.RawMessage("null"))},
			"vp and a 2.0 payload": {set("type", "VerifiablePresentation")},
			"vp in a vp+jwt":       {typed("vp+jwt")},
			"a claim vc":           {set("vc", map[string]any{})},
		}.refuse(t, "V58", vc.VC11)
		trial{
			"a claim vp": {set("vp", map[string]any{})},
			"a claim vc": {set("vc", map[string]any{})},
		}.refuse(t, "V58", vc.VC20)
		byProfile(t, func(t *testing.T, p vc.Profile) {
			for name, edit := range map[string]func(*claims){
				"a credential with a claim vp": set("vp", map[string]any{}),
				"a credential with a claim vc": set("vc", map[string]any{"@context": []string{base20}, "credentialSubject": map[string]any{"id": holderDID}}),
				"a 1.1 credential as vc+jwt":   typed("vc+jwt"),
			} {
				if p == vc.VC11 && strings.HasSuffix(name, "vc") || p == vc.VC20 && strings.HasSuffix(name, "vc+jwt") {
					continue
				}
				t.Run(name, func(t *testing.T) { refused(t, "V58", newWorld(t).judgeCredential(t, issue(t, p, edit))) })
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		trial{"as made": nil, "without a typ": {typed("")}, "typ in full": {typed("application/JWT")}}.accept(t, vc.VC11)
		trial{"as made": nil, "without a typ": {typed("")}}.accept(t, vc.VC20)
	})
}

func TestV59_PresentationType(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"none":         {show("type", nil)},
				"another":      {show("type", "Presentation")},
				"another case": {show("type", []string{"verifiablePresentation"})},
				"no string":    {show("type", []any{"VerifiablePresentation", 7})},
				"another typ":  {typed("vc+jwt")},
			}.refuse(t, "V59", p)
		})
		inner := plain(t, []string{issue(t, vc.VC20)})
		for name, token := range map[string]string{
			"an envelope without a token":   enclose(t, inner, set("id", "urn:x")),
			"an envelope of another kind":   enclose(t, inner, set("id", "data:application/vc+jwt,"+inner)),
			"an envelope in an envelope":    enclose(t, enclose(t, inner)),
			"an envelope of data model 1.1": enclose(t, present(t, vc.VC11, []string{issue(t, vc.VC11)})),
			"an envelope of two types":      enclose(t, inner, set("type", []string{"EnvelopedVerifiablePresentation", "X"})),
			"an envelope of another typ":    enclose(t, inner, typed("at+jwt")),
		} {
			t.Run(name, func(t *testing.T) { refused(t, "V59", newWorld(t).judge(t, token)) })
		}
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"a string":      {show("type", "VerifiablePresentation")},
				"an array":      {show("type", []string{"VerifiablePresentation"})},
				"one of others": {show("type", []string{"X", "VerifiablePresentation"})},
			}.accept(t, p)
		})
		accepted(t, newWorld(t).judge(t, enclose(t, plain(t, []string{issue(t, vc.VC20)}), typed("JWT"))))
	})
}

func TestV60_NoCredentials(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"an empty array": {show("verifiableCredential", []string{})},
				"none":           {show("verifiableCredential", nil)},
				"null":           {show("verifiableCredential", json.RawMessage("null"))},
				"too many":       {show("verifiableCredential", make([]string, vc.MaxCredentials+1))},
			}.refuse(t, "V60", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			one := issue(t, p)
			accepted(t, newWorld(t).judge(t, present(t, p, []string{one})))
			accepted(t, newWorld(t).judge(t, present(t, p, []string{one, one})))
		})
		trial{"one without an array": {show("verifiableCredential", issue(t, vc.VC11))}}.accept(t, vc.VC11)
	})
}

func TestV61_HolderIsSigner(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		trial{
			"another holder": {set("holder", otherDID)},
			"no holder":      {set("holder", nil)},
			"holder no id":   {set("holder", []string{holderDID})},
			"another iss":    {set("iss", otherDID)},
		}.refuse(t, "V61", vc.VC20)
		t.Run("another iss of the envelope", func(t *testing.T) {
			inner := plain(t, []string{issue(t, vc.VC20)})
			refused(t, "V61", newWorld(t).judge(t, enclose(t, inner, set("iss", otherDID))))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		trial{
			"as made":          nil,
			"holder an object": {set("holder", map[string]any{"id": holderDID})},
			"no iss":           {set("iss", nil)},
		}.accept(t, vc.VC20)
	})
}

func TestV62_OneDataModel(t *testing.T) {
	one := map[vc.Profile]string{vc.VC11: issue(t, vc.VC11), vc.VC20: issue(t, vc.VC20)}
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			other := one[vc.VC11]
			if p == vc.VC11 {
				other = one[vc.VC20]
			}
			refused(t, "V62", newWorld(t).judge(t, present(t, p, []string{one[p], other})))
			trial{
				"no context":        {show("@context", nil)},
				"another model's":   {show("@context", []string{"https://www.w3.org/ns/credentials/v3"})},
				"context an object": {show("@context", map[string]any{"x": base11})},
			}.refuse(t, "V62", p)
		})
		trial{"an embedded proof": {show("verifiableCredential", []any{map[string]any{"proof": 1}})}}.refuse(t, "V62", vc.VC11)
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			accepted(t, newWorld(t).judge(t, present(t, p, []string{one[p], one[p]})))
		})
		trial{"a further context before it": {show("@context", []string{"https://x.example", base11})}}.accept(t, vc.VC11)
	})
}

func TestV63_Envelopes(t *testing.T) {
	raw := issue(t, vc.VC20)
	envelope := func(change func(map[string]any)) edits {
		m := map[string]any{"@context": base20, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + raw}
		change(m)
		return edits{set("verifiableCredential", []any{m})}
	}
	t.Run("refused", func(t *testing.T) {
		trial{
			"a bare token":    {set("verifiableCredential", []string{raw})},
			"another type":    envelope(func(m map[string]any) { m["type"] = "VerifiableCredential" }),
			"no type":         envelope(func(m map[string]any) { delete(m, "type") }),
			"no id":           envelope(func(m map[string]any) { delete(m, "id") }),
			"no prefix":       envelope(func(m map[string]any) { m["id"] = raw }),
			"an older prefix": envelope(func(m map[string]any) { m["id"] = "data:application/vc+ld+jwt," + raw }),
			"a presentation":  envelope(func(m map[string]any) { m["id"] = "data:application/vp+jwt," + raw }),
		}.refuse(t, "V63", vc.VC20)
	})
	t.Run("accepted", func(t *testing.T) {
		trial{
			"as made":         nil,
			"type an array":   envelope(func(m map[string]any) { m["type"] = []string{"EnvelopedVerifiableCredential"} }),
			"without context": envelope(func(m map[string]any) { delete(m, "@context") }),
			"an object":       {set("verifiableCredential", map[string]any{"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + raw})},
		}.accept(t, vc.VC20)
	})
}
