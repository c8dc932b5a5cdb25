// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/trust"
)

// The laws are tried with few values, so that terms often hold.

// rights are right operands that are often met, by operand.
var rights = map[string][]Value{
	LeftPurpose:                {Text("x:/p"), Text("x:/p/q"), Texts("x:/p/q", "x:/z")},
	LeftContractReference:      {Text("NDA-1"), Texts("NDA-1", "NDA-2")},
	LeftListVersion:            {Text("CL-9"), Text("CL-10")},
	LeftMembership:             {Text(Active)},
	LeftCorporateNumber:        {Text("7999900000002"), Texts("7999900000002", "5999900000004")},
	LeftJurisdiction:           {Text("JP"), Texts("JP", "US")},
	LeftSCSLevel:               {Text("3"), Text("4")},
	LeftFrameworkAgreement:     {Text("F:1")},
	LeftSupplyRelation:         {Text(DirectSupply)},
	LeftCount:                  {Text("0"), Text("3"), Text("2.5"), Text("5"), Text("-1"), Text("-99999999999999999999"), Text("99999999999999999999")},
	LeftBytes:                  {Text("3"), Text("7"), Text("9223372036854775807")},
	LeftDateTime:               {Text("2027-07-01"), Text("2027-06-01T00:00:00Z"), Text("2027-08-01T00:00:00.000001Z")},
	LeftInForceDate:            {Text("contractAgreement+P6M"), Text("contractAgreement+P8M"), Text("2027-07-15")},
	LeftElapsedTime:            {Text("P6M"), Text("P7M"), Text("P1Y"), Text("PT0S")},
	LeftOutput:                 {Text("x:/o")},
	CatenaX + "Membership":     {Text(Active)},
	LeftClaim + "X/level":      {Text("3"), Text("high")},
	LeftCorporateNumberChecked: {Text("true")},
}

// genAtom draws constraints of some operands.
func genAtom(names ...string) *rapid.Generator[Constraint] {
	r := NewRegistry()
	return rapid.Custom(func(t *rapid.T) Constraint {
		left := rapid.SampledFrom(names).Draw(t, "left")
		o, _ := r.operand(left)
		return Atomic{left, rapid.SampledFrom(o.operatorsOf()).Draw(t, "operator"), rapid.SampledFrom(rights[left]).Draw(t, "right")}
	})
}

func genTerm(atom *rapid.Generator[Constraint], depth int) *rapid.Generator[Constraint] {
	return rapid.Custom(func(t *rapid.T) Constraint {
		if depth == 0 || rapid.IntRange(0, 2).Draw(t, "atomic") > 0 {
			return atom.Draw(t, "atom")
		}
		return Logical{
			rapid.SampledFrom([]string{And, Or, Xone, AndSequence}).Draw(t, "op"),
			rapid.SliceOfN(genTerm(atom, depth-1), 1, 3).Draw(t, "parts"),
		}
	})
}

func genRules(atom *rapid.Generator[Constraint], least, most int, actions ...string) *rapid.Generator[[]Rule] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Rule {
		return Rule{
			Action:      rapid.SampledFrom(actions).Draw(t, "action"),
			Constraints: rapid.SliceOfN(genTerm(atom, 2), 0, 3).Draw(t, "constraints"),
		}
	}), least, most)
}

func genPolicy(atom *rapid.Generator[Constraint]) *rapid.Generator[Policy] {
	return rapid.Custom(func(t *rapid.T) Policy {
		return Policy{
			Permissions:  genRules(atom, 1, 2, Use, Use, Use, Derive).Draw(t, "permissions"),
			Prohibitions: genRules(atom, 0, 2, Use, Sell).Draw(t, "prohibitions"),
			Obligations:  genRules(atom, 0, 1, Delete, Use).Draw(t, "obligations"),
		}
	})
}

// moments are instants around every boundary of rights and credentials.
func moments() (list []time.Time) {
	for _, text := range []string{
		"2026-12-01T00:00:00Z", "2027-01-01T09:00:00Z", "2027-06-01T00:00:00Z", "2027-07-01T00:00:00Z", "2027-07-01T09:00:00Z", "2027-07-02T00:00:00Z",
		"2027-07-10T00:00:00Z", "2027-07-15T00:00:00Z", "2027-07-16T00:00:00Z", "2027-08-01T00:00:00.000001Z", "2027-08-01T09:00:00Z", "2027-09-01T09:00:00Z",
		"2028-01-01T09:00:00Z", "2029-01-01T09:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err)
		}
		list = append(list, at.Add(-time.Microsecond), at.Add(-1), at, at.Add(1), at.Add(time.Microsecond))
	}
	return list
}

var credentialSubjects = map[string][2]string{
	"urn:uuid:m": {trust.MembershipCredential, `"role":"consumer"`},
	"urn:uuid:r": {trust.MembershipCredential, `"termsDigest":"F:1"`},
	"urn:uuid:i": {trust.CorporateIdentityCredential, `"country":"JP","identifier":[{"scheme":"` + trust.CorporateNumber + `","value":"7999900000002","verifiedBy":"nta-register","primary":true}]`},
	"urn:uuid:j": {trust.CorporateIdentityCredential, `"country":"US","identifier":[{"scheme":"` + trust.CorporateNumber + `","value":"5999900000004","verifiedBy":"nta-register","primary":true}]`},
	"urn:uuid:s": {trust.SecurityEvaluationCredential, `"securityScheme":"` + trust.SCS + `","level":3`},
	"urn:uuid:f": {frameworkCredential, `"frameworkAgreement":"F:1"`},
	"urn:uuid:x": {"X", `"level":"4"`},
	"urn:uuid:y": {"X", `"level":"high"`},
}

var genFacts = rapid.Custom(func(t *rapid.T) Facts {
	all := moments()
	f := Facts{
		Point:    Point(rapid.IntRange(0, 3).Draw(t, "point")),
		Now:      rapid.SampledFrom(all).Draw(t, "now"),
		Usage:    Usage{Started: rapid.Int64Range(0, 6).Draw(t, "started"), Bytes: rapid.Int64Range(0, 8).Draw(t, "bytes")},
		Claims:   trust.Claims{Participant: consumer},
		Declared: map[string]Declared{},
		Void:     map[string]Voided{},
	}
	if f.Point >= AtTransfer && rapid.IntRange(0, 9).Draw(t, "agreed") > 0 {
		f.Agreed = signed
	}
	if rapid.Bool().Draw(t, "direct") {
		f.Relations = []string{DirectSupply}
	}
	for _, id := range slices.Sorted(maps.Keys(credentialSubjects)) {
		if !rapid.Bool().Draw(t, id) {
			continue
		}
		c := showing(id, credentialSubjects[id][0], credentialSubjects[id][1])
		switch rapid.IntRange(0, 6).Draw(t, "term") {
		case 0:
			c.ValidFrom = time.Date(2027, 7, 10, 0, 0, 0, 0, time.UTC)
		case 1:
			c.ValidUntil = time.Date(2027, 7, 10, 0, 0, 0, 0, time.UTC)
		case 2:
			f.Void[id] = Voided{Why: "V80: revoked", Lasting: true}
		case 3:
			f.Void[id] = Voided{Why: "V81: suspended"}
		}
		f.Claims.Credentials = append(f.Claims.Credentials, c)
	}
	for _, name := range []string{LeftPurpose, LeftContractReference, LeftListVersion} {
		values := map[string][]string{LeftPurpose: {"x:/p/q", "x:/z"}, LeftContractReference: {"NDA-1", "secret-contract"}, LeftListVersion: {"CL-9", "CL-11", "withdrawn"}}[name]
		switch rapid.IntRange(0, 5).Draw(t, name) {
		case 0:
		case 1:
			f.Declared[name] = Declared{Unreadable: true}
		default:
			f.Declared[name] = Declared{Values: rapid.SliceOfN(rapid.SampledFrom(values), 1, 2).Draw(t, "values")}
		}
	}
	return f
})
