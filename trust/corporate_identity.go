// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
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
	land := o.matching("country", true, country, "two capital letters (ISO 3166-1)")
	o.text("C18", "registeredAddress", false)
	if how := o.oneOf("onboardingMethod", means); how == verifiedBySelf {
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
	out.Identifiers = readIdentifiers(o)
	return out
}

func readIdentifiers(o object) (list []VerifiedIdentifier) {
	for _, entry := range o.objects("", "identifier", false) {
		v, _ := readVerified(entry)
		list = append(list, v)
	}
	return list
}
