// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestC12_OneHolder(t *testing.T) {
	type change func(membership, company, evaluation *world)
	together := func(t *testing.T, do change) error {
		t.Helper()
		m, c, e := aMembership(), aCompany(), anEvaluation()
		do(m, c, e)
		var list []Credential
		for _, w := range []*world{m, c, e} {
			w.credential.Subject, _ = json.Marshal(w.subject)
			list = append(list, w.credential)
		}
		return m.domain.Together(aHolder, list)
	}
	t.Run("refused", func(t *testing.T) {
		for name, do := range map[string]change{
			"membership of another": func(m, _, _ *world) { m.subject["id"] = "did:web:b.example" },
			"company of another":    func(_, c, _ *world) { c.subject["id"] = "did:web:b.example" },
			"evaluation of another": func(_, _, e *world) { e.subject["id"] = "did:web:b.example" },
			"all of another": func(m, c, e *world) {
				m.subject["id"], c.subject["id"], e.subject["id"] = "did:web:b.example", "did:web:b.example", "did:web:b.example"
			},
			"in other letters":    func(_, c, _ *world) { c.subject["id"] = "did:web:A.example" },
			"about nobody":        func(m, _, _ *world) { delete(m.subject, "id") },
			"a list as id":        func(m, _, _ *world) { m.subject["id"] = []any{aHolder} },
			"two companies":       func(m, _, _ *world) { *m = *aForeigner() },
			"of two corporations": func(m, _, _ *world) { *m = *aCompany(); m.first()["value"] = "8999900000001" },
		} {
			t.Run(name, func(t *testing.T) { wantRefusal(t, together(t, do), "C12") })
		}
	})
	t.Run("accepted", func(t *testing.T) {
		for name, do := range map[string]change{
			"all of the holder":   func(_, _, _ *world) {},
			"one company twice":   func(m, _, _ *world) { *m = *aCompany() },
			"of a type not known": func(m, _, _ *world) { m.credential.Types = []string{"Other"}; m.subject["id"] = "did:web:b.example" },
		} {
			t.Run(name, func(t *testing.T) {
				if err := together(t, do); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

func TestC14_SecurityLevel(t *testing.T) {
	other := func(scheme string, level any, kind string) func(*world) {
		return func(w *world) {
			w.subject["securityScheme"], w.subject["level"], w.subject["assessmentType"] = scheme, level, kind
		}
	}
	pair(t, "C14", []try{
		{"a text", anEvaluation, set("level", "4")},
		{"a fraction", anEvaluation, set("level", 3.5)},
		{"with an exponent", anEvaluation, set("level", json.Number("4e0"))},
		{"far too large", anEvaluation, set("level", json.Number("99999999999999999999"))},
		{"missing", anEvaluation, drop("level")},
		{"null", anEvaluation, set("level", nil)},
		{"a list", anEvaluation, set("level", []any{4})},
		{"5 is reserved", anEvaluation, other(SCS, 5, ThirdParty)},
		{"2 is of another scheme", anEvaluation, other(SCS, 2, ThirdParty)},
		{"4 of SECURITY ACTION", anEvaluation, other(SecurityAction, 4, SelfDeclared)},
		{"4 without an assessor", anEvaluation, drop("assessor")},
		{"4 by the company with an expert", anEvaluation, set("assessmentType", SelfWithExpert)},
		{"3 by the company alone", anEvaluation, other(SCS, 3, SelfDeclared)},
		{"an assessor without identifier", anEvaluation, set("assessor", doc{"name": "Fictional Evaluators"})},
		{"an assessor that is a text", anEvaluation, set("assessor", "Fictional Evaluators")},
	}, []try{
		{"4 by a third party", anEvaluation, asIs},
		{"4.0", anEvaluation, set("level", json.Number("4.0"))},
		{"3 with an expert, without an assessor", anEvaluation, func(w *world) {
			other(SCS, 3, SelfWithExpert)(w)
			delete(w.subject, "assessor")
			w.credential.ValidUntil = aDay.AddDate(0, 10, 0)
		}},
		{"2 of SECURITY ACTION", anEvaluation, other(SecurityAction, 2, SelfDeclared)},
		{"ISO/IEC 27001 has no levels", anEvaluation, other(ISO27001, 1, ThirdParty)},
		{"9 of a scheme that we do not know", anEvaluation, other("urn:example:other", 9, SelfDeclared)},
	})
}

func TestC15_Term(t *testing.T) {
	until := func(end time.Time) func(*world) {
		return func(w *world) { w.credential.ValidUntil = end }
	}
	from := aDay.AddDate(0, 0, -9) // ValidFrom
	level3 := func(end time.Time) func(*world) {
		return func(w *world) {
			w.subject["level"], w.subject["assessmentType"] = 3, SelfWithExpert
			w.credential.ValidUntil = end
		}
	}
	pair(t, "C15", []try{
		{"membership of more than a year", aMembership, until(from.AddDate(1, 0, 1))},
		{"membership without end", aMembership, until(time.Time{})},
		{"company of more than a year", aCompany, until(from.AddDate(1, 0, 0).Add(2 * time.Minute))},
		{"company without end", aCompany, until(time.Time{})},
		{"★3 of more than a year", anEvaluation, level3(time.Date(2027, 11, 3, 0, 0, 0, 0, time.UTC))},
		{"★4 of more than three years", anEvaluation, until(time.Date(2029, 11, 3, 0, 0, 0, 0, time.UTC))},
		{"★4 issued anew, assessed long ago", anEvaluation, func(w *world) {
			w.subject["assessedAt"] = "2023-06-01"
		}},
		{"a scheme that we do not know, of four years", anEvaluation, func(w *world) {
			w.subject["securityScheme"] = "urn:example:other"
			w.credential.ValidUntil = aDay.AddDate(4, 0, 0)
		}},
	}, []try{
		{"membership of a year", aMembership, until(from.AddDate(1, 0, 0))},
		{"membership without end, where no dataspace is ours", aMembership, func(w *world) {
			w.domain.Dataspace = ""
			w.credential.ValidUntil = time.Time{}
		}},
		{"company of a year", aCompany, until(from.AddDate(1, 0, 0))},
		{"company of a year and a second", aCompany, until(from.AddDate(1, 0, 0).Add(time.Second))},
		{"company of a year from now, where no start is given", aCompany, func(w *world) {
			w.credential.ValidFrom, w.credential.ValidUntil = time.Time{}, aDay.AddDate(1, 0, 0)
		}},
		{"★3 of a year", anEvaluation, level3(time.Date(2027, 11, 1, 23, 59, 59, 0, time.UTC))},
		{"★4 of three years", anEvaluation, until(time.Date(2029, 11, 1, 0, 0, 0, 0, time.UTC))},
	})
}

// TestC17_UnknownScheme: an identifier of a scheme that we do not know is
// kept, but no company is named by it and no policy satisfied.
func TestC17_UnknownScheme(t *testing.T) {
	pair(t, "C17", []try{
		{"alone", aForeigner, func(w *world) { w.first()["scheme"], w.first()["value"] = "iso6523:9999", "1" }},
		{"our own under another spelling", aForeigner, func(w *world) { w.first()["scheme"] = "ISO6523:0199" }},
		{"primary beside one that is known", aCompany, func(w *world) {
			w.first()["primary"] = false
			w.add("iso6523:9999", "1")["primary"] = true
		}},
	}, []try{
		{"beside the primary one", aCompany, func(w *world) { w.add("iso6523:9999", "any value") }},
		{"known", aForeigner, asIs},
	})
	w := aForeigner()
	w.first()["scheme"], w.first()["value"] = "iso6523:9999", "1"
	raw, err := json.Marshal(w.subject)
	if err != nil {
		t.Fatal(err)
	}
	w.credential.Subject = raw
	claims := Claims{Participant: aHolder, Credentials: []Credential{w.credential}}
	if primary, ok := claims.Primary(); ok {
		t.Errorf("the company is %v", primary)
	}
	kept := claims.Identifiers()
	if len(kept) != 1 || kept[0].Known() || kept[0].String() != "iso6523:9999:1" {
		t.Errorf("kept %v", kept)
	}
}

func TestC18_HiddenCharacters(t *testing.T) {
	name := func(text string) func(*world) { return set("legalName", doc{"en": text}) }
	pair(t, "C18", []try{
		{"line feed", aCompany, name("Example\nIndustries")},
		{"escape", aCompany, name("Example \x1b[31m")},
		{"right-to-left override", aCompany, name("Example \u202esdtL")},
		{"isolate", aCompany, name("Example \u2066Ltd")},
		{"mark", aCompany, name("Example\u200e")},
		{"zero-width space", aCompany, name("Exam\u200bple")},
		{"soft hyphen", aCompany, name("Exam\u00adple")},
		{"tag characters", aCompany, name("Example\U000e0041")},
		{"line separator", aCompany, name("Example\u2028Ltd")},
		{"replacement character", aCompany, name("Example \ufffd")},
		{"in one of the languages", aCompany, set("legalName", doc{"en": "Example", "ja": "例示\u202e工業"})},
		{"in the address", aCompany, set("registeredAddress", "1\u202e2")},
		{"in the assessor's name", anEvaluation, func(w *world) { w.subject["assessor"].(doc)["name"] = "a\u202eb" }},
		{"in the scope", anEvaluation, set("evaluationScope", "all\u202e")},
		{"empty", aCompany, name("")},
		{"spaces alone", aCompany, name(" \u3000")},
		{"too long", aCompany, name(strings.Repeat("あ", 1001))},
	}, []try{
		{"letters", aCompany, asIs},
		{"of any script, with joiners", aCompany, name("شرکت نمونه\u200cها & Söhne™ ㈱例示 क्\u200dष")},
		{"long", aCompany, name(strings.Repeat("あ", 1000))},
		{"an address", aCompany, set("registeredAddress", "東京都千代田区１−２−３")},
	})
}

// TestV79_DomainRules: what the types demand and no number of its own names.
func TestV79_DomainRules(t *testing.T) {
	raw := func(text string) func(*world) {
		return func(w *world) { w.credential.Subject = json.RawMessage(text) }
	}
	pair(t, "V79", []try{
		{"no subject", aCompany, raw(``)},
		{"a text", aCompany, raw(`"did:web:a.example"`)},
		{"null", aCompany, raw(`null`)},
		{"an empty list", aCompany, raw(`[]`)},
		{"a list with a text", aCompany, raw(`[{},"x"]`)},
		{"too large", aCompany, raw(`{"id":"` + strings.Repeat("a", 65<<10) + `"}`)},
		{"without id", aCompany, drop("id")},
		{"membership without id", aMembership, drop("id")},
		{"evaluation without id", anEvaluation, drop("id")},
		{"an internal id that is a number", aCompany, set("operatorId", 1)},
		{"member of another type", aMembership, set("type", "Person")},
		{"member without a type", aMembership, drop("type")},
		{"no number", aMembership, drop("membershipNumber")},
		{"digest of another kind", aMembership, set("termsDigest", "md5:00")},
		{"country of three letters", aCompany, set("country", "JPN")},
		{"country in small letters", aCompany, set("country", "jp")},
		{"no name", aCompany, drop("legalName")},
		{"a name without language", aCompany, set("legalName", "Example")},
		{"a name in no language", aCompany, set("legalName", doc{})},
		{"a language that is none", aCompany, set("legalName", doc{"日本語": "例示"})},
		{"onboarding unknown", aCompany, set("onboardingMethod", "telephone")},
		{"onboarding by its own word", aCompany, set("onboardingMethod", "self")},
		{"verified by somebody", aCompany, entry("verifiedBy", "somebody")},
		{"an identifier without scheme", aForeigner, func(w *world) { delete(w.add(DUNS, "150483782"), "scheme") }},
		{"an identifier that is a text", aCompany, func(w *world) {
			w.subject["identifier"] = append(w.subject["identifier"].([]any), "iso6523:0188:7123456789012")
		}},
		{"primary as a text", aCompany, func(w *world) { w.add(DUNS, "150483782")["primary"] = "true" }},
		{"scheme of security not named", anEvaluation, drop("securityScheme")},
		{"assessed tomorrow", anEvaluation, set("assessedAt", "2026-11-12")},
		{"assessed on no day", anEvaluation, func(w *world) {
			w.subject["assessedAt"] = "2026-02-30"
		}},
		{"not registered", anEvaluation, drop("registrationNumber")},
		{"registry without https", anEvaluation, set("registryUrl", "http://registry.example/")},
	}, []try{
		{"membership", aMembership, set("termsDigest", "sha-256:"+strings.Repeat("0a", 32))},
		{"company", aCompany, set("operatorId", "0190c0de-0000-7000-8000-000000000001")},
		{"evaluation", anEvaluation, set("registryUrl", "https://registry.example/R-1")},
		{"a list of one", aCompany, func(w *world) {
			text, _ := json.Marshal([]any{w.subject})
			w.credential.Subject = text
		}},
		{"members of others", aCompany, set("https://other.example/ns#x", 1)},
		{"a type that we do not know", aCompany, func(w *world) {
			w.credential.Types = []string{"VerifiableCredential", "CorporateIdentityCredentialX"}
			w.subject = doc{}
		}},
	})
}

// TestEverySubject: a fault in the second subject is found.
func TestEverySubject(t *testing.T) {
	w := aCompany()
	bad := aCompany()
	bad.subject["country"] = "jp"
	w.credential.Subject, _ = json.Marshal([]any{w.subject, bad.subject})
	wantRefusal(t, w.judge(t), "V79")
	if err := w.domain.Check(w.credential); !strings.Contains(err.Error(), "[1].country") {
		t.Error(err)
	}
}
