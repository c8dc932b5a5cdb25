// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

const (
	helpCompany   = "the consumer has to show a CorporateIdentityCredential that fits; for another company publish another offer"
	helpFramework = "the consumer has to sign the rules and show the credential that says so"
	helpPurpose   = "the consumer has to declare a purpose that fits"
	helpContract  = "the consumer has to declare the contract"
)

func credentialOperands() []Operand {
	from := func(iri, name string, t Type, help, doc string, values func(*Facts, string) Left, operators ...string) Operand {
		return Operand{IRI: iri, Name: name, Type: t, Operators: operators, Source: FromCredential, From: AtCatalog, Live: true, Doc: doc, Help: help, Values: values}
	}
	claim := from(LeftClaim, "claim", TypeScalar, "the consumer has to show a credential that says so",
		"What a credential says: the IRI goes on with the credential's type, \"/\" and a path of member names joined by dots, such as MembershipCredential/role.", claimValue)
	claim.Prefix = true
	return []Operand{
		from(LeftMembership, "membership", TypeText, "the consumer's membership has to be issued or renewed", "\"active\" while a membership credential of the consumer is valid.", membership, Eq, IsAnyOf),
		from(LeftCorporateIdentifier, "corporateIdentifier", TypeText, helpCompany,
			"The consumer's corporate identifiers as scheme and value, such as \"iso6523:0188:7999900000002\" (法人番号) or \"iso6523:0199:...\" (LEI).", identifiers),
		from(LeftCorporateNumber, "corporateNumber", TypeText, helpCompany, "The consumer's 法人番号, 13 digits.", corporateNumber, Eq, Neq, IsAnyOf, IsNoneOf),
		from(LeftCorporateNumberChecked, "corporateNumberVerified", TypeBoolean, "the consumer has to show a CorporateIdentityCredential with its 法人番号", "\"true\" where a credential binds the consumer to a 法人番号.", numberVerified, Eq),
		from(LeftSCSLevel, "scsLevel", TypeNumber, "the consumer has to show a SecurityEvaluationCredential of such a level", "The level of the consumer's security evaluation in the scheme SCS (3 and 4).", scsLevel),
		from(LeftJurisdiction, "jurisdiction", TypeText, "the consumer has to show where it is registered; for another country publish another offer", "The country where the consumer is registered, ISO 3166-1 alpha-2, such as \"JP\".", jurisdiction),
		from(LeftFrameworkAgreement, "frameworkAgreement", TypeText, helpFramework,
			"The rules that the consumer has signed: what credentials of the type FrameworkAgreementCredential say under frameworkAgreement, and the digest of the rulebook in its membership credential.", framework),
		claim,
	}
}

// usable returns the consumer's credentials of a type that hold now. Where
// there is none, missing says why.
func (f *Facts) usable(credentialType string) (good trust.Claims, missing Left) {
	good = f.Claims
	good.Credentials = nil
	missing = Absent("the consumer has shown no " + credentialType)
	for _, c := range f.Claims.Credentials {
		if !slices.Contains(c.Types, credentialType) {
			continue
		}
		why, lasting, ok := f.Good(c)
		if ok {
			good.Credentials = append(good.Credentials, c)
			continue
		}
		missing.Missing = fmt.Sprintf("%s (%s %s)", why, credentialType, c.ID)
		missing.Lasting, missing.heals = lasting && !missing.heals, missing.heals || !lasting
	}
	if len(good.Credentials) > 0 {
		missing = Absent("the consumer's " + credentialType + " does not say it")
	}
	return good, missing
}

// or joins what two kinds of credential say.
func (l Left) or(other Left) Left {
	out := Left{
		Values: slices.Concat(l.Values, other.Values), Missing: l.Missing,
		WrongType: cmp.Or(l.WrongType, other.WrongType), heals: l.heals || other.heals,
	}
	if l.Missing == "" || !l.Lasting && other.Lasting {
		out.Missing = other.Missing
	}
	out.Lasting = (l.Lasting || other.Lasting) && !out.heals
	return out
}

func datum(text string, c trust.Credential) Datum {
	return Datum{Text: text, Origin: Origin{Source: FromCredential, Credential: c.ID, Issuer: c.Issuer}}
}

// orMissing is missing where nothing was found.
func (l Left) orMissing(missing Left) Left {
	if len(l.Values) == 0 {
		return missing
	}
	return l
}

func membership(f *Facts, _ string) Left {
	good, missing := f.usable(trust.MembershipCredential)
	var l Left
	for _, m := range good.Memberships() {
		l.Values = append(l.Values, datum(Active, m.Credential))
	}
	return l.orMissing(missing)
}

func identifiers(f *Facts, _ string) Left {
	good, missing := f.usable(trust.CorporateIdentityCredential)
	who, ok := good.CorporateIdentity()
	if !ok {
		return missing
	}
	var l Left
	for _, i := range good.Identifiers() {
		if i.Known() {
			l.Values = append(l.Values, datum(i.String(), who.Credential))
		}
	}
	return l.orMissing(missing)
}

func corporateNumber(f *Facts, _ string) Left {
	all := f.text(LeftCorporateIdentifier, identifiers)
	l := Left{Missing: all.Missing, Lasting: all.Lasting}
	for _, v := range all.Values {
		if n, ok := strings.CutPrefix(v.Text, trust.CorporateNumber+":"); ok {
			v.Text = n
			l.Values = append(l.Values, v)
		}
	}
	if len(l.Values) == 0 && l.Missing == "" {
		l.Missing = "the consumer's corporate identity names no 法人番号"
	}
	return l
}

func numberVerified(f *Facts, _ string) Left {
	l := f.text(LeftCorporateNumber, corporateNumber)
	l.Values = slices.Clone(l.Values)
	for i := range l.Values {
		l.Values[i].Text = "true"
	}
	return l
}

func scsLevel(f *Facts, _ string) Left {
	good, missing := f.usable(trust.SecurityEvaluationCredential)
	var l Left
	for _, e := range good.SecurityEvaluations() {
		if e.Scheme == trust.SCS {
			l.Values = append(l.Values, datum(strconv.Itoa(e.Level), e.Credential))
		}
	}
	return l.orMissing(missing)
}

func jurisdiction(f *Facts, _ string) Left {
	good, missing := f.usable(trust.CorporateIdentityCredential)
	who, ok := good.CorporateIdentity()
	if !ok || who.Country == "" {
		return missing
	}
	return Left{Values: []Datum{datum(who.Country, who.Credential)}}
}

// frameworkCredential is the type of a credential that says which rules its
// subject has signed.
const frameworkCredential = "FrameworkAgreementCredential"

func framework(f *Facts, _ string) Left {
	good, missing := f.usable(trust.MembershipCredential)
	var rulebook Left
	for _, m := range good.Memberships() {
		if m.Terms != "" {
			rulebook.Values = append(rulebook.Values, datum(m.Terms, m.Credential))
		}
	}
	return f.said(frameworkCredential, "frameworkAgreement").or(rulebook.orMissing(missing))
}

func claimValue(f *Facts, name string) Left {
	credentialType, path, ok := strings.Cut(strings.TrimPrefix(name, LeftClaim), "/")
	if !ok || credentialType == "" || path == "" {
		return Left{WrongType: "a name that is not a credential type, \"/\" and a path"}
	}
	return f.said(credentialType, path)
}

// said collects what credentials of a type say at a path.
func (f *Facts) said(credentialType, path string) Left {
	good, missing := f.usable(credentialType)
	var l Left
	for _, c := range good.Credentials {
		alone := good
		alone.Credentials = []trust.Credential{c}
		for _, v := range alone.Value(credentialType, path) {
			text, ok := scalar(v)
			if !ok {
				return Left{WrongType: "something at " + path + " that is no single value"}
			}
			l.Values = append(l.Values, datum(text, c))
		}
	}
	return l.orMissing(missing)
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
