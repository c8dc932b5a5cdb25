// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

const consumer = "did:web:consumer.example"

// showing is a credential of the consumer.
func showing(id, credentialType, subject string) trust.Credential {
	return trust.Credential{
		ID: id, Issuer: "did:web:issuer.example", Types: []string{"VerifiableCredential", credentialType},
		ValidFrom: signed.AddDate(-1, 0, 0), ValidUntil: signed.AddDate(2, 0, 0),
		Subject: json.RawMessage(`{"id":"` + consumer + `",` + subject + `}`),
	}
}

// known are facts in which every operand has one value.
func known() Facts {
	declared := map[string]Declared{}
	for _, iri := range []string{LeftPurpose, LeftTradeID, LeftContractReference, CatenaX + "UsagePurpose", CatenaX + "ContractReference"} {
		declared[iri] = Declared{Values: []string{"x:/p/q"}}
	}
	declared[LeftListVersion] = Declared{Values: []string{typeSamples[TypeVersion].value}}
	return Facts{
		Point: WhileRunning, Now: noon, Agreed: signed, Declared: declared,
		Claims: trust.Claims{Participant: consumer, Credentials: []trust.Credential{
			showing("urn:uuid:m", trust.MembershipCredential, `"role":"consumer","level":5`),
			showing("urn:uuid:i", trust.CorporateIdentityCredential,
				`"country":"JP","identifier":[{"scheme":"`+trust.CorporateNumber+`","value":"7999900000002","verifiedBy":"nta-register","primary":true}]`),
			showing("urn:uuid:s", trust.SecurityEvaluationCredential, `"securityScheme":"`+trust.SCS+`","level":5`),
			showing("urn:uuid:f", frameworkCredential, `"frameworkAgreement":"DataExchangeGovernance:1.0"`),
		}},
		Usage: Usage{Started: 5, Bytes: 5}, Relations: []string{DirectSupply},
	}
}

// unknown are facts in which no operand has a value but those of clock and
// counters.
func unknown() Facts { return Facts{Point: WhileRunning, Now: noon, Agreed: signed} }

// operandSamples has what the operands are in known.
func operandSamples() map[string]sample {
	iri, number := typeSamples[TypeIRI], typeSamples[TypeNumber]
	text := func(value, other string) sample {
		return sample{value: value, other: other, wrongRight: typed("date", "2027-01-01")}
	}
	window := typeSamples[TypeWindow]
	return map[string]sample{
		LeftPurpose: iri, LeftTradeID: iri, LeftContractReference: text("x:/p/q", "NDA-1"), LeftListVersion: typeSamples[TypeVersion],
		LeftDateTime: typeSamples[TypeMoment], LeftInForceDate: window, LeftEDCInForceDate: window, LeftElapsedTime: typeSamples[TypeElapsed],
		LeftCount: number, LeftBytes: number, LeftSCSLevel: number,
		LeftMembership:                 text(Active, "passive"),
		LeftCorporateIdentifier:        text(trust.CorporateNumber+":7999900000002", trust.CorporateNumber+":5999900000004"),
		LeftCorporateNumber:            text("7999900000002", "5999900000004"),
		LeftCorporateNumberChecked:     typeSamples[TypeBoolean],
		LeftJurisdiction:               text("JP", "US"),
		LeftClaim:                      typeSamples[TypeScalar],
		LeftFrameworkAgreement:         text("DataExchangeGovernance:1.0", "DataExchangeGovernance:2.0"),
		LeftSupplyRelation:             text(DirectSupply, "indirect"),
		CatenaX + "Membership":         text(Active, "passive"),
		CatenaX + "FrameworkAgreement": text("DataExchangeGovernance:1.0", "DataExchangeGovernance:2.0"),
		CatenaX + "UsagePurpose":       text("x:/p/q", "cx.pcf.base:1"),
		CatenaX + "ContractReference":  text("x:/p/q", "NDA-1"),
		// Nobody enforces these: they hold whatever stands beside them.
		LeftEvent: iri, LeftOutput: iri,
	}
}

// name is how a policy names an operand; of a family, one of its members.
func nameOf(o Operand) string {
	if o.Prefix {
		return o.IRI + trust.MembershipCredential + "/level"
	}
	return o.IRI
}

func TestBuiltinOperands(t *testing.T) {
	r, samples := NewRegistry(), operandSamples()
	if len(samples) != len(r.Operands()) {
		t.Errorf("%d samples of %d operands", len(samples), len(r.Operands()))
	}
	for _, o := range r.Operands() {
		s, ok := samples[o.IRI]
		if !ok {
			t.Errorf("no sample of %s", o.IRI)
			continue
		}
		counted := o.Source == FromClock || o.Source == FromCounter
		for operator := range operators {
			t.Run(o.Name+" "+operator, func(t *testing.T) {
				name := nameOf(o)
				if !o.takes(operator) {
					expect(t, r, known(), Atomic{name, operator, Text(s.value)}, Unknown)
					return
				}
				holds, fails := Atomic{name, operator, s.right(t, operator, true)}, Atomic{name, operator, s.right(t, operator, false)}
				expect(t, r, known(), Atomic{name, operator, s.wrongRight}, Unknown)
				expect(t, r, unknown(), Atomic{name, operator, s.wrongRight}, Unknown)
				if o.AgreedOnly {
					agreedOnly(t, r, holds)
					agreedOnly(t, r, fails)
					return
				}
				expect(t, r, known(), holds, True)
				expect(t, r, known(), fails, False)
				if !counted {
					expect(t, r, unknown(), holds, absent)
					expect(t, r, unknown(), fails, absent)
				}
				points(t, r, o, holds, fails)
			})
		}
	}
}

// agreedOnly holds in a permission, once there is something to agree to, and
// may be met in a prohibition.
func agreedOnly(t *testing.T, r *Registry, c Atomic) {
	t.Helper()
	for point, want := range map[Point]Result{AtCatalog: Deferred, AtNegotiation: True, AtTransfer: True, WhileRunning: True} {
		f := known()
		f.Point = point
		v := r.Compile(Permit(Use, c)).Explain(&f)
		if !v.Permit || v.Rules[0].Constraints[0].Result != want {
			t.Errorf("%s at %s: %s, want %s", c, point, v.Rules[0].Constraints[0].Result, want)
		}
		if r.Compile(Permit(Use).Forbid(Use, c)).Permits(&f) {
			t.Errorf("a prohibition of %s is not met at %s", c, point)
		}
	}
}

// points evaluates before and after an operand has a value.
func points(t *testing.T, r *Registry, o Operand, holds, fails Atomic) {
	t.Helper()
	for p := AtCatalog; p <= WhileRunning; p++ {
		f := known()
		f.Point = p
		if p < o.From {
			expect(t, r, f, holds, Deferred)
			expect(t, r, f, fails, Deferred)
			for _, policy := range inBoth(holds) {
				v := r.Compile(policy).Explain(&f)
				if len(v.Deferred) != 1 || !strings.HasPrefix(v.Deferred[0], o.Name+" ") {
					t.Errorf("%s at %s: listed as deferred are %q", holds, p, v.Deferred)
				}
			}
			continue
		}
		expect(t, r, f, holds, True)
		expect(t, r, f, fails, False)
	}
}

// TestDeferredDeniesLater takes an operand that is known only while a transfer
// runs: before that, two points let it pass and one does not.
func TestDeferredDeniesLater(t *testing.T) {
	r := NewRegistry()
	err := r.RegisterOperand(Operand{
		IRI: probe, Name: "probe", Doc: "A probe.", Type: TypeText, Source: FromRecords, From: WhileRunning,
		Values: func(*Facts, string) Left { return Left{Values: []Datum{{Text: "b"}}} },
	})
	if err != nil {
		t.Fatal(err)
	}
	relative := Atomic{LeftInForceDate, Lteq, Text("contractAgreement+P1Y")}
	for p, want := range map[Point]Result{AtCatalog: Deferred, AtNegotiation: Deferred, AtTransfer: Deferred, WhileRunning: True} {
		expect(t, r, Facts{Point: p, Now: noon}, Atomic{probe, Eq, Text("b")}, want)
		expect(t, r, Facts{Point: p, Now: noon}, relative, Deferred) // there is no agreement, at any point
	}
}
