// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Forms of the templates that can be filled in.
const (
	cfpForm = `{"template":"cfp-answer","with":{"companies":[7123456789012],"purposes":["cfp-aggregation","eu-2023-1542-art7"],` +
		`"trade":"urn:uuid:0190f5a3-0000-7000-8000-000000000001","keepFor":"P3Y"}}`
	verdictForm = `{"template":"chemical-verdict","with":{"purposes":["regulatory-compliance","scip-notification"],"listVersion":"CL-2025-11-05","until":"2027-03-31"}}`
	contentForm = `{"template":"chemical-composition","with":{"company":"7123456789012","contract":"NDA-2026-014","purpose":"regulatory-compliance","keepFor":"P1Y"}}`
)

func eq(left, value string) policy.Constraint { return atomic(left, policy.Eq, policy.Text(value)) }

// TestTemplates: a template is what the builder makes, can be published, and
// survives the wire.
func TestTemplates(t *testing.T) {
	lei := trust.Identifier{Scheme: trust.LEI, Value: "529900T8BM49AURSDO55"}
	number := trust.Identifier{Scheme: trust.CorporateNumber, Value: "7123456789012"}
	for name, c := range map[string]struct {
		form string
		want policy.Policy
	}{
		"cfp-answer": {cfpForm, policy.Permit("use",
			policy.ActiveMember(), policy.CorporateNumber("7123456789012"), policy.ForPurpose(policy.PurposeCFPAggregation, policy.PurposeEUBatteryArticle7),
			policy.ForTrade("urn:uuid:0190f5a3-0000-7000-8000-000000000001"), policy.AtMost("P3Y")).
			Permit(policy.Aggregate, eq("purpose", policy.PurposeCFPAggregation)).
			Forbid(policy.Distribute).Forbid(policy.Sell).Forbid(policy.Decompose).Forbid("use", eq("purpose", policy.PurposePriceNegotiation)).
			Oblige(policy.Delete, eq("event", policy.RetentionElapsedOrMembershipRevoked))},
		"chemical-verdict": {verdictForm, policy.Permit("use",
			policy.ActiveMember(), policy.VerifiedCorporation(), policy.DirectCustomer(), policy.ForPurpose(policy.PurposeRegulatoryCompliance, policy.PurposeSCIPNotification),
			policy.ListSince("CL-2025-11-05"), policy.Until(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC))).
			Permit(policy.Derive, eq(policy.LeftOutput, policy.OwnProductVerdict)).Forbid(policy.Distribute).Forbid(policy.ReverseEngineer)},
		"chemical-composition": {contentForm, policy.Permit("use",
			policy.CorporateNumber("7123456789012"), policy.UnderContract("NDA-2026-014"), policy.ForPurpose(policy.PurposeRegulatoryCompliance), policy.AtMost("P1Y")).
			Forbid(policy.Distribute).Forbid(policy.Sell).Forbid("use", eq("purpose", policy.PurposeProductImitation)).DeleteAfterUse()},
		"two kinds of identifiers": {strings.Replace(contentForm, `"7123456789012"`, `"iso6523:0199:`+lei.Value+`"`, 1), policy.Permit("use",
			policy.Company(lei), policy.UnderContract("NDA-2026-014"), policy.ForPurpose(policy.PurposeRegulatoryCompliance), policy.AtMost("P1Y")).
			Forbid(policy.Distribute).Forbid(policy.Sell).Forbid("use", eq("purpose", policy.PurposeProductImitation)).DeleteAfterUse()},
		"mixed companies": {strings.Replace(cfpForm, `[7123456789012]`, `["7123-4567-89012","0199:`+lei.Value+`"]`, 1), policy.Permit("use",
			policy.ActiveMember(), policy.Company(number, lei), policy.ForPurpose(policy.PurposeCFPAggregation, policy.PurposeEUBatteryArticle7),
			policy.ForTrade("urn:uuid:0190f5a3-0000-7000-8000-000000000001"), policy.AtMost("P3Y")).
			Permit(policy.Aggregate, eq("purpose", policy.PurposeCFPAggregation)).
			Forbid(policy.Distribute).Forbid(policy.Sell).Forbid(policy.Decompose).Forbid("use", eq("purpose", policy.PurposePriceNegotiation)).
			Oblige(policy.Delete, eq("event", policy.RetentionElapsedOrMembershipRevoked))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := policy.ParseAny([]byte(c.form))
			if err != nil {
				t.Fatal(err)
			}
			if !policy.Equal(got, c.want) {
				t.Errorf("the template is\n%s\nwant\n%s", got.Canonical(), c.want.Canonical())
			}
			if err := registry.CheckUsage(got); err != nil {
				t.Errorf("it cannot be published: %v", err)
			}
			if again, err := policy.Parse(write(t, got)); err != nil || !policy.Equal(got, again) {
				t.Errorf("it came back as something else: %v", err)
			}
		})
	}
}

// TestTemplateIsRefused: the error names the parameter and says what it is.
func TestTemplateIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		form string
		says []string
	}{
		"no such template":       {`{"template":"cfp"}`, []string{`"cfp"`, "cfp-answer, chemical-composition, chemical-verdict"}},
		"no such parameter":      {strings.Replace(contentForm, "keepFor", "keep", 1), []string{"chemical-composition", `"keep"`, "company, contract, purpose, keepFor"}},
		"one is missing":         {strings.Replace(contentForm, `"contract":"NDA-2026-014",`, "", 1), []string{"contract: it is missing", "NDA-2026-014"}},
		"empty":                  {strings.Replace(contentForm, "NDA-2026-014", "", 1), []string{"contract: a value is a text"}},
		"a list for one":         {strings.Replace(contentForm, `"7123456789012"`, `["7123456789012"]`, 1), []string{"company: it is one value"}},
		"an empty list":          {strings.Replace(cfpForm, "[7123456789012]", "[]", 1), []string{"companies: it is a list of 1 to 100"}},
		"an object":              {strings.Replace(cfpForm, "[7123456789012]", `[{}]`, 1), []string{"companies: a value is a text"}},
		"a wrong check digit":    {strings.Replace(cfpForm, "7123456789012", "1123456789012", 1), []string{"companies:", "check digit"}},
		"a scheme nobody knows":  {strings.Replace(cfpForm, "7123456789012", `"x:1"`, 1), []string{"companies:", "not known here"}},
		"a purpose that is none": {strings.Replace(cfpForm, "cfp-aggregation", "cfp", 1), []string{"purposes:", `"cfp" is no IRI`, "scip-notification"}},
		"a trade that is no IRI": {strings.Replace(cfpForm, "urn:uuid:0190f5a3-0000-7000-8000-000000000001", "4711", 1), []string{`trade: "4711" is no IRI`}},
		"a duration in words":    {strings.Replace(cfpForm, "P3Y", "3 years", 1), []string{"keepFor:", "duration"}},
		"a negative duration":    {strings.Replace(cfpForm, "P3Y", "-P3Y", 1), []string{"keepFor:", "negative"}},
		"a day that is none":     {strings.Replace(verdictForm, "2027-03-31", "2027-02-31", 1), []string{"until:"}},
		"something beside":       {strings.Replace(verdictForm, `"with"`, `"permission":[],"with"`, 1), []string{`beside template there is "permission"`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.ParseAny([]byte(c.form))
			if !errors.Is(err, policy.ErrTemplate) {
				t.Fatalf("got %v, want an ErrTemplate", err)
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v does not say %q", err, text)
				}
			}
		})
	}
}

// TestParseAny: what is no template is a policy, or none.
func TestParseAny(t *testing.T) {
	if p, err := policy.ParseAny([]byte(`{"permission":[{"action":"use"}]}`)); err != nil || !policy.Equal(p, policy.Permit("use")) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"", "[]", `{"permission":1}`, `{"template":1}`, `{"template":{}}`} {
		if _, err := policy.ParseAny([]byte(text)); err == nil {
			t.Errorf("%q is a policy", text)
		}
	}
}

// FuzzParseAny: whatever is taken can be written and is read again as the same.
func FuzzParseAny(f *testing.F) {
	for _, form := range []string{cfpForm, verdictForm, contentForm, `{"permission":[{"action":"use"}]}`, `{"template":"x"}`} {
		f.Add([]byte(form))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := policy.ParseAny(raw)
		if err != nil {
			return
		}
		text, err := p.JSON()
		if err != nil {
			return // a policy without rules cannot be written
		}
		if again, err := policy.Parse(text); err != nil || !policy.Equal(p, again) {
			t.Fatalf("%s became %s: %v", raw, text, err)
		}
	})
}
