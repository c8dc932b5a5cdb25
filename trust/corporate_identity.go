// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Corporation is the type of the subject of a CorporateIdentityCredential. It
// is meant where none is given; a subject of another type (an unincorporated
// body, a sole proprietor) need not have a corporate number.
const Corporation = "Corporation"

// verifiedBySelf: nobody but the company itself says so.
const verifiedBySelf = "self"

// means are the ways in which a fact is verified.
var means = []string{
	"nta-register", "nta-invoice-register", "gleif", "vlei", "gbizid-prime",
	"registry-extract", "seal-certificate", "e-seal", verifiedBySelf,
}

// CorporateIdentity says which company stands behind a participant.
type CorporateIdentity struct {
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"` // Corporation
	// LegalName is the name as registered, by language. It is for people: it
	// is never compared.
	LegalName   map[string]string    `json:"legalName"`
	Country     string               `json:"country"` // ISO 3166-1 alpha-2
	Identifiers []VerifiedIdentifier `json:"identifier"`
	Address     string               `json:"registeredAddress,omitempty"`
	// Onboarding is how it was verified that who controls the DID acts for
	// the company.
	Onboarding string `json:"onboardingMethod"`
	// OperatorID is the internal id of another system, for bridges.
	OperatorID string `json:"operatorId,omitempty"`
	// Credential is what says so.
	Credential Credential `json:"-"`
}

// VerifiedIdentifier is an identifier and how it was verified.
type VerifiedIdentifier struct {
	Type string `json:"type,omitempty"` // CorporateIdentifier
	Identifier
	VerifiedBy string    `json:"verifiedBy"`
	VerifiedAt time.Time `json:"verifiedAt,omitzero"`
	Primary    bool      `json:"primary,omitempty"`
}

// Primary returns the identifier that names the company. false: there is not
// exactly one, or its scheme is not known.
func (c CorporateIdentity) Primary() (found Identifier, ok bool) {
	count := 0
	for _, v := range c.Identifiers {
		if v.Primary {
			found = v.Identifier
			count++
		}
	}
	if count != 1 || !found.Known() {
		return Identifier{}, false
	}
	return found, true
}

var (
	country  = regexp.MustCompile(`^[A-Z]{2}$`)
	language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

// corporateIdentity judges the subject of a CorporateIdentityCredential.
func (j judge) corporateIdentity(o object) {
	j.id(o)
	corporation := true
	if types := o.texts("V79", "type", false); len(types) > 0 {
		corporation = slices.Contains(types, Corporation)
	}
	j.legalName(o)
	land := o.matching("V79", "country", true, country, "two capital letters (ISO 3166-1)")
	o.text("C18", "registeredAddress", false)
	if how := o.oneOf("V79", "onboardingMethod", means); how == verifiedBySelf {
		o.fault("V79", "onboardingMethod", "that a company acts for itself is not proved by its own word")
	}
	o.text("V79", "operatorId", false)
	entries := o.objects("C03", "identifier", true)
	if len(entries) == 0 {
		return
	}
	var list []VerifiedIdentifier
	for _, entry := range entries {
		list = append(list, j.identifier(entry, corporation))
	}
	judgeTogether(o, list, corporation, land)
}

// legalName is C18 for each language: names are shown to people.
func (j judge) legalName(o object) {
	names, ok := o.object("V79", "legalName", true)
	if !ok {
		return
	}
	if len(names.members) == 0 || len(names.members) > maxList {
		o.fault("V79", "legalName", "must have a name in 1 to %d languages", maxList)
	}
	for _, tag := range slices.Sorted(maps.Keys(names.members)) {
		if !language.MatchString(tag) {
			o.fault("V79", "legalName", "%q is no language", clip(tag))
		}
		names.text("C18", tag, true)
	}
}

// identifier judges one entry alone: C04 to C06, C08, C09, C11.
func (j judge) identifier(o object, corporation bool) VerifiedIdentifier {
	v, whole := readVerified(o)
	if whole {
		// An invoice number of who has no corporate number need not follow
		// the formula of corporate numbers.
		samples := j.Samples || v.Scheme == InvoiceNumber && !corporation
		if number, err := v.check(samples); err != nil {
			o.fault(number, "value", "%v", err)
		}
	}
	o.oneOf("V79", "verifiedBy", means)
	switch {
	case v.VerifiedAt.IsZero():
	case v.VerifiedAt.After(j.Now.Add(slack)):
		o.fault("C11", "verifiedAt", "lies in the future")
	case v.VerifiedAt.Before(j.Now.AddDate(0, -13, 0)):
		o.fault("C11", "verifiedAt", "is more than 13 months ago")
	}
	return v
}

// readVerified reads an entry; what is missing or of another type is noted.
// whole: scheme and value were read.
func readVerified(o object) (v VerifiedIdentifier, whole bool) {
	v.Identifier, whole = readIdentifier(o)
	v.VerifiedAt = o.when("C11", "verifiedAt", true)
	v.Primary = o.flag("V79", "primary")
	v.VerifiedBy = textOf(o.members["verifiedBy"])
	v.Type = typeOf(object{members: o.members, faults: new(Faults)}, "CorporateIdentifier")
	return v, whole
}

// readIdentifier reads scheme and value. false: not both are texts.
func readIdentifier(o object) (i Identifier, whole bool) {
	scheme := o.decode("V79", "scheme", "a text", true, &i.Scheme)
	value := o.decode("V79", "value", "a text", true, &i.Value)
	return i, scheme && value
}

// judgeTogether judges what the entries say together: C03, C05, C07, C10, C17.
func judgeTogether(o object, list []VerifiedIdentifier, corporation bool, land string) {
	values := make(map[string]string)
	primaries := 0
	for i, v := range list {
		if v.Primary {
			primaries++
			judgePrimary(o, i, v)
		}
		if other, twice := values[v.Scheme]; twice && other != v.Value {
			o.fault("C10", "identifier", "has two values of %s", clip(v.Scheme))
		}
		values[v.Scheme] = v.Value
	}
	if primaries != 1 {
		o.fault("C03", "identifier", "exactly one must be primary, and %d are", primaries)
	}
	if !corporation {
		return
	}
	number, has := values[CorporateNumber]
	if land == "JP" && !has {
		o.fault("C07", "identifier", "a corporation in Japan has a corporate number (%s)", CorporateNumber)
	}
	if invoice, both := values[InvoiceNumber]; both && has && invoice != "T"+number {
		o.fault("C05", "identifier", "the invoice number of a corporation is T and its corporate number")
	}
}

func judgePrimary(o object, i int, v VerifiedIdentifier) {
	entry := "identifier[" + strconv.Itoa(i) + "]"
	if v.VerifiedBy == verifiedBySelf {
		o.fault("C03", entry, "the primary identifier must be verified by another than the company")
	}
	if v.Scheme != "" && !v.Known() { // an empty one is told already
		o.fault("C17", entry, "a company is not named by an identifier of a scheme that we do not know (%s)", clip(v.Scheme))
	}
}

// readCorporateIdentity takes what can be read and leaves the rest.
func readCorporateIdentity(members map[string]json.RawMessage) CorporateIdentity {
	o := object{members: members, faults: new(Faults)}
	out := CorporateIdentity{
		ID:         o.text("", "id", false),
		Type:       typeOf(o, Corporation),
		Country:    o.text("", "country", false),
		Address:    o.text("", "registeredAddress", false),
		Onboarding: o.text("", "onboardingMethod", false),
		OperatorID: o.text("", "operatorId", false),
		LegalName:  make(map[string]string),
	}
	if names, ok := o.object("", "legalName", false); ok {
		for tag := range names.members {
			out.LegalName[tag] = names.text("", tag, false)
		}
	}
	for _, entry := range o.objects("", "identifier", false) {
		v, _ := readVerified(entry)
		out.Identifiers = append(out.Identifiers, v)
	}
	return out
}
