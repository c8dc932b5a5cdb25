// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"strings"
)

// prefixes are those of the DSP context, and edc of EDC's. A name written with
// one of them means the same as its full IRI.
var prefixes = []struct{ name, iri string }{
	{"odrl", odrlNamespace},
	{"dct", "http://purl.org/dc/terms/"},
	{"dcat", "http://www.w3.org/ns/dcat#"},
	{"dspace", Namespace},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
	{"edc", EDCNamespace},
}

// IRI expands a name that has one of the known prefixes: dct:title becomes
// http://purl.org/dc/terms/title. Any other name is returned as it is.
func IRI(name string) string {
	prefix, local, found := strings.Cut(name, ":")
	if !found || strings.HasPrefix(local, "//") {
		return name
	}
	for _, p := range prefixes {
		if p.name == prefix {
			return p.iri + local
		}
	}
	return name
}

// Term is the normal form of an action, operand, operator or state: the bare
// term where the DSP context defines one for it (use, eq, REQUESTED), else the
// full IRI, else, for a bare name that the context does not know, the name.
func Term(name string) string {
	if !strings.Contains(name, ":") {
		return name
	}
	iri := IRI(name)
	if bare, known := words[iri]; known {
		return bare
	}
	return iri
}

// words maps the IRI of each word of a vocabulary to its bare term.
var words = func() map[string]string {
	m := map[string]string{}
	for _, name := range policyWords {
		m[odrlNamespace+name] = name
	}
	for _, name := range states {
		m[Namespace+name] = name
	}
	for _, c := range classes { // the published example has the format "Catalog"
		m[IRI(c.prefix+":"+c.name)] = c.name
	}
	return m
}()

// prefixed is the short spelling of an IRI under the DSP context, for our own
// messages: dct:title, or the IRI where no prefix fits.
func prefixed(iri string) string {
	for _, p := range prefixes {
		if local, ok := strings.CutPrefix(iri, p.iri); ok && p.name != "edc" && local != "" && !strings.HasPrefix(local, "//") {
			return p.name + ":" + local
		}
	}
	return iri
}

// isIRI reports whether a name is absolute (RFC 3986 section 3.1): it begins
// with a scheme and a colon. Bare terms, keywords and blank nodes are not.
func isIRI(name string) bool {
	scheme, rest, found := strings.Cut(name, ":")
	if !found || scheme == "" || rest == "" {
		return false
	}
	for i, c := range []byte(strings.ToLower(scheme)) {
		letter := 'a' <= c && c <= 'z'
		other := '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return true
}

// vocabulary maps IRIs to the terms by which objects of one type name their
// members.
type vocabulary map[string]term

// vocabularies holds one for each class; that of "" serves objects without a
// known type, which are those within a policy.
var vocabularies = func() map[string]vocabulary {
	policy := vocabulary{}
	policy.add(policyTerms)
	policy.add([]term{timestampTerm})
	m := map[string]vocabulary{"": policy}
	for _, c := range slices.Concat(classes, edcClasses) {
		v := vocabulary{}
		v.add(c.terms)
		m[c.name] = v
	}
	// The schema lets a distribution carry offers, within a dataset's context.
	m["Distribution"].add([]term{{"hasPolicy", "odrl:hasPolicy", literal, true}})
	m["DataService"].add([]term{{"servesDataset", "dcat:servesDataset", literal, true}})
	return m
}()

func (v vocabulary) add(terms []term) {
	for _, t := range terms {
		v[IRI(t.id)] = t
	}
}

// named is the term of a name. One that no context of a message defines, such
// as where its type is prefixed, means what it does in a plain reading.
func (v vocabulary) named(name string) term {
	for _, t := range v {
		if t.name == name {
			return t
		}
	}
	return term{name: name}
}

// vocabularyOf is the vocabulary for objects of a type.
func vocabularyOf(typ string) vocabulary {
	if v, known := vocabularies[typ]; known {
		return v
	}
	return vocabularies[""]
}

// typeNames maps the IRI of each type to its bare name.
var typeNames = func() map[string]string {
	m := map[string]string{}
	for _, c := range slices.Concat(classes, edcClasses) {
		m[IRI(c.prefix+":"+c.name)] = c.name
	}
	m[odrlNamespace+"Offer"] = "Offer"
	m[odrlNamespace+"Agreement"] = "Agreement"
	return m
}()
