// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"testing"
	"time"
)

func TestC01_OtherDataspace(t *testing.T) {
	pair(t, "C01", []try{
		{"another", aMembership, set("dataspace", "https://other.example/")},
		{"nearly ours", aMembership, set("dataspace", "https://dataspace.example")},
		{"missing", aMembership, drop("dataspace")},
		{"null", aMembership, set("dataspace", nil)},
		{"a list that has ours", aMembership, set("dataspace", []any{ourDataspace})},
		{"no URI", aMembership, set("dataspace", "ours")},
	}, []try{
		{"ours", aMembership, asIs},
		{"any, where none is ours", aMembership, func(w *world) {
			w.domain.Dataspace = ""
			w.subject["dataspace"] = "https://other.example/"
		}},
		{"none, where none is ours", aMembership, func(w *world) {
			w.domain.Dataspace = ""
			w.subject = doc{"id": aHolder}
		}},
	})
}

func TestC02_StartAndRoles(t *testing.T) {
	anywhere := func(do func(*world)) func(*world) {
		return func(w *world) {
			w.domain.Dataspace = ""
			do(w)
		}
	}
	pair(t, "C02", []try{
		{"starts tomorrow", aMembership, set("membershipStartDate", "2026-11-11T12:00:00Z")},
		{"starts tomorrow, anywhere", aMembership, anywhere(set("membershipStartDate", "2026-11-11T12:00:00Z"))},
		{"starts in two minutes", aMembership, set("membershipStartDate", "2026-11-10T12:02:00Z")},
		{"without a start", aMembership, drop("membershipStartDate")},
		{"a start without a zone", aMembership, set("membershipStartDate", "2026-11-01T00:00:00")},
		{"a start that is a number", aMembership, set("membershipStartDate", 1762000000)},
		{"no role", aMembership, set("role", []any{})},
		{"without roles", aMembership, drop("role")},
		{"unknown role", aMembership, set("role", []any{"provider", "king"})},
		{"unknown role, anywhere", aMembership, anywhere(set("role", "king"))},
		{"in capitals", aMembership, set("role", []any{"Provider"})},
		{"a role that is no text", aMembership, set("role", []any{1})},
		{"a role that is null", aMembership, set("role", []any{nil})},
	}, []try{
		{"started", aMembership, asIs},
		{"starts in half a minute by a clock that is ahead", aMembership, set("membershipStartDate", "2026-11-10T12:00:30Z")},
		{"starts at noon in Japan", aMembership, set("membershipStartDate", "2026-11-10T12:00:00+09:00")},
		{"each role", aMembership, set("role", []any{"provider", "consumer", "operator", "issuer", "observer"})},
		{"one role as a text", aMembership, set("role", "observer")},
		{"without a start, anywhere", aMembership, anywhere(drop("membershipStartDate"))},
		{"null roles, anywhere", aMembership, anywhere(set("role", nil))},
	})
}

func TestC03_OnePrimary(t *testing.T) {
	pair(t, "C03", []try{
		{"none", aCompany, entry("primary", false)},
		{"not said", aCompany, func(w *world) { delete(w.first(), "primary") }},
		{"two", aCompany, func(w *world) { w.add(LEI, "506700GE1G29325QX363")["primary"] = true }},
		{"under another spelling", aCompany, func(w *world) {
			delete(w.first(), "primary")
			w.first()["Primary"] = true
		}},
		{"verified by the company", aCompany, entry("verifiedBy", "self")},
		{"no identifiers", aCompany, set("identifier", []any{})},
		{"without identifiers", aCompany, drop("identifier")},
		{"no list", aCompany, set("identifier", doc{"scheme": CorporateNumber, "value": "7123456789012"})},
	}, []try{
		{"one", aCompany, asIs},
		{"one of two", aCompany, func(w *world) { w.add(LEI, "506700GE1G29325QX363")["primary"] = false }},
		{"another verified by the company", aCompany, func(w *world) { w.add(DUNS, "150483782")["verifiedBy"] = "self" }},
	})
}

func TestC04_CorporateNumber(t *testing.T) {
	number := func(value any) func(*world) { return entry("value", value) }
	pair(t, "C04", []try{
		{"wrong check digit", aCompany, number("1234567890123")},
		{"first digit 0", aCompany, number("0180301018771")},
		{"twelve digits", aCompany, number("123456789012")},
		{"fourteen digits", aCompany, number("71234567890120")},
		{"two digits swapped", aCompany, number("7123456789021")},
		{"full-width", aCompany, number("７１２３４５６７８９０１２")},
		{"spaces", aCompany, number("7 1234 5678 9012")},
		{"a space behind", aCompany, number("7123456789012 ")},
		{"a line feed behind", aCompany, number("7123456789012\n")},
		{"hyphens", aCompany, number("7-1234-5678-9012")},
		{"T prefix", aCompany, number("T7123456789012")},
		{"of an assessor", anEvaluation, func(w *world) {
			w.subject["assessor"].(doc)["identifier"] = doc{"scheme": CorporateNumber, "value": "1234567890123"}
		}},
	}, []try{
		{"right", aCompany, number("7123456789012")},
		{"fictional", aCompany, number("8999900000001")},
		{"a sample, where samples pass", aCompany, func(w *world) {
			w.domain.Samples = true
			w.first()["value"] = "1234567890123"
		}},
	})
}

func TestC05_InvoiceNumber(t *testing.T) {
	invoice := func(value string) func(*world) { return func(w *world) { w.add(InvoiceNumber, value) } }
	pair(t, "C05", []try{
		{"another company's", aCompany, invoice("T8999900000001")},
		{"without T, of a foreigner", aForeigner, invoice("7123456789012")},
		{"small t, of a foreigner", aForeigner, invoice("t7123456789012")},
		{"wrong check digit, of a foreigner", aForeigner, invoice("T1234567890123")},
	}, []try{
		{"the company's", aCompany, invoice("T7123456789012")},
		{"of a foreigner", aForeigner, invoice("T7123456789012")},
		{"of a sole proprietor, by another formula", aForeigner, func(w *world) {
			w.subject["type"], w.subject["country"] = "SoleProprietor", "JP"
			invoice("T1234567890123")(w)
		}},
	})
}

func TestC06_LEI(t *testing.T) {
	pair(t, "C06", []try{
		{"wrong check digits", aForeigner, entry("value", "5493006Z4DXP3JNCAY09")},
		{"lower case", aForeigner, entry("value", "506700ge1g29325qx363")},
		{"19 characters", aForeigner, entry("value", "506700GE1G29325QX36")},
		{"full-width", aForeigner, entry("value", "５06700GE1G29325QX363")},
	}, []try{
		{"right", aForeigner, asIs},
		{"without zeros at 5 and 6", aForeigner, entry("value", "W38RGI023J3WT1HWRP32")},
	})
}

func TestC07_JapaneseCorporation(t *testing.T) {
	japan := func(types any) func(*world) {
		return func(w *world) {
			w.subject["country"] = "JP"
			if w.subject["type"] = types; types == nil {
				delete(w.subject, "type")
			}
		}
	}
	pair(t, "C07", []try{
		{"without a corporate number", aForeigner, japan("Corporation")},
		{"without a type", aForeigner, japan(nil)},
		{"of several types", aForeigner, japan([]any{"Organization", "Corporation"})},
	}, []try{
		{"with one", aCompany, asIs},
		{"with one that is not primary", aForeigner, func(w *world) {
			japan("Corporation")(w)
			w.add(CorporateNumber, "7123456789012")
		}},
		{"foreign", aForeigner, asIs},
		{"no corporation", aForeigner, japan("SoleProprietor")},
	})
}

func TestC08_DUNSAndGLN(t *testing.T) {
	more := func(scheme, value string) func(*world) { return func(w *world) { w.add(scheme, value) } }
	pair(t, "C08", []try{
		{"D-U-N-S with hyphens", aCompany, more(DUNS, "15-048-3782")},
		{"D-U-N-S of 8 digits", aCompany, more(DUNS, "15048378")},
		{"GLN with a wrong check digit", aCompany, more(GLN, "4012345000000")},
		{"GLN of 12 digits", aCompany, more(GLN, "401234500000")},
	}, []try{
		{"D-U-N-S", aCompany, more(DUNS, "150483782")},
		{"GLN", aCompany, more(GLN, "4012345000009")},
	})
}

func TestC09_BPN(t *testing.T) {
	more := func(value string) func(*world) { return func(w *world) { w.add(BPN, value) } }
	pair(t, "C09", []try{
		{"of a site", aCompany, more("BPNS00000003AXS3")},
		{"lower case", aCompany, more("bpnl00000003crhk")},
		{"short", aCompany, more("BPNL00000003CRH")},
	}, []try{
		{"right", aCompany, more("BPNL00000003CRHK")},
		{"wrong check characters are only warned of", aCompany, more("BPNL00000003CRHX")},
	})
}

func TestC10_TwoValuesOfAScheme(t *testing.T) {
	pair(t, "C10", []try{
		{"two LEIs", aForeigner, func(w *world) { w.add(LEI, "5493006W3QUS5LMH6R84") }},
		{"two corporate numbers", aCompany, func(w *world) { w.add(CorporateNumber, "8999900000001") }},
		{"of an unknown scheme", aCompany, func(w *world) {
			w.add("vendor", "1")
			w.add("vendor", "2")
		}},
	}, []try{
		{"the same twice", aForeigner, func(w *world) { w.add(LEI, "506700GE1G29325QX363") }},
		{"of two schemes", aForeigner, func(w *world) { w.add(DUNS, "150483782") }},
	})
}

func TestC11_VerifiedAt(t *testing.T) {
	pair(t, "C11", []try{
		{"tomorrow", aCompany, entry("verifiedAt", "2026-11-11T12:00:00Z")},
		{"14 months ago", aCompany, entry("verifiedAt", "2025-09-10T12:00:00Z")},
		{"a second more than 13 months ago", aCompany, entry("verifiedAt", "2025-10-10T11:59:59Z")},
		{"missing", aCompany, func(w *world) { delete(w.first(), "verifiedAt") }},
		{"a day alone", aCompany, entry("verifiedAt", "2026-10-30")},
		{"of another than the primary", aCompany, func(w *world) { w.add(DUNS, "150483782")["verifiedAt"] = "2020-01-01T00:00:00Z" }},
	}, []try{
		{"lately", aCompany, asIs},
		{"now", aCompany, entry("verifiedAt", aDay.Format(time.RFC3339))},
		{"13 months ago", aCompany, entry("verifiedAt", "2025-10-10T12:00:00Z")},
	})
}
