// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strings"
)

// Primary returns the corporate identifier that a CorporateIdentityCredential
// among the claims binds the participant to. false: none does, or two disagree.
func (c Claims) Primary() (Identifier, bool) {
	identity, ok := c.CorporateIdentity()
	if !ok {
		return Identifier{}, false
	}
	return identity.Primary()
}

// CorporateIdentity returns the company that stands behind the participant.
// false: no credential names one, or two name different ones.
func (c Claims) CorporateIdentity() (found CorporateIdentity, ok bool) {
	var company Identifier
	for credential, s := range c.subjects(CorporateIdentityCredential) {
		identity := readCorporateIdentity(s)
		primary, named := identity.Primary()
		switch {
		case !named:
		case ok && primary != company:
			return CorporateIdentity{}, false
		case !ok:
			identity.Credential = credential
			found, company, ok = identity, primary, true
		}
	}
	return found, ok
}

// Identifiers returns all corporate identifiers of the participant, the
// primary one first, each once. Those that the company alone vouches for
// ("self") are left out; those of schemes that we do not know are kept (see
// Identifier.Known).
func (c Claims) Identifiers() []Identifier {
	var list []Identifier
	if primary, ok := c.Primary(); ok {
		list = append(list, primary)
	}
	for _, s := range c.subjects(CorporateIdentityCredential) {
		for _, v := range readCorporateIdentity(s).Identifiers {
			if v.VerifiedBy != verifiedBySelf && v.Value != "" && !slices.Contains(list, v.Identifier) {
				list = append(list, v.Identifier)
			}
		}
	}
	return list
}

// Memberships returns what MembershipCredentials among the claims say.
func (c Claims) Memberships() []Membership {
	var list []Membership
	for credential, s := range c.subjects(MembershipCredential) {
		m := readMembership(s)
		m.Credential = credential
		list = append(list, m)
	}
	return list
}

// SecurityEvaluations returns what SecurityEvaluationCredentials among the
// claims say, in any scheme.
func (c Claims) SecurityEvaluations() []SecurityEvaluation {
	var list []SecurityEvaluation
	for credential, s := range c.subjects(SecurityEvaluationCredential) {
		e := readSecurityEvaluation(s)
		e.Credential = credential
		list = append(list, e)
	}
	return list
}

// Value returns what credentials of a type say at a path of member names
// joined by dots, such as "identifier.value"; lists on the way are entered. A
// value is a string, bool, json.Number, map or nil. An empty path means the
// subjects.
func (c Claims) Value(credentialType, path string) []any {
	var values []any
	for _, s := range c.subjects(credentialType) {
		raw, err := json.Marshal(s)
		if err != nil {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber() // numbers stay as exact as they came
		var subject any
		if decoder.Decode(&subject) != nil {
			continue
		}
		values = append(values, walk(subject, path)...)
	}
	return values
}

// walk enters lists and follows names.
func walk(value any, path string) []any {
	if list, ok := value.([]any); ok {
		var out []any
		for _, entry := range list {
			out = append(out, walk(entry, path)...)
		}
		return out
	}
	if path == "" {
		return []any{value}
	}
	name, rest, _ := strings.Cut(path, ".")
	members, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	member, ok := members[name]
	if !ok {
		return nil
	}
	return walk(member, rest)
}

// subjects yields the subjects of credentials that have exactly this type. One
// that is about another than the participant says nothing about it.
func (c Claims) subjects(credentialType string) iter.Seq2[Credential, map[string]json.RawMessage] {
	return func(yield func(Credential, map[string]json.RawMessage) bool) {
		for _, credential := range c.Credentials {
			if !slices.Contains(credential.Types, credentialType) {
				continue
			}
			for _, s := range subjects(credential.Subject) {
				if textOf(s["id"]) == c.Participant && !yield(credential, s) {
					return
				}
			}
		}
	}
}
