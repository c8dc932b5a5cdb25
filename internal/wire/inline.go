// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"strings"
)

// What a foreign message may make json-gold do. An object that has an @type
// costs about 150 microseconds, a hundred times a plain reading, each term of
// an inline context makes every object dearer, and whoever sends a message
// chooses how it must be read. At these limits it takes about a second.
const (
	maxExpandObjects = 4000
	maxInlineTerms   = 100
)

// survey walks a document before it is expanded.
type survey struct {
	objects, terms int
	defined        map[string]bool // the names that inline contexts define anew
	failed         *Error
}

// expandable refuses what would be too much work to expand, and what expansion
// would drop or read as something that a plain reader does not see there. It
// gives the names that the contexts of the message itself define.
func expandable(doc *value) (map[string]bool, *Error) {
	s := survey{defined: map[string]bool{}}
	s.data(doc)
	if s.objects > maxExpandObjects {
		return nil, failure(CodeTooLarge, "a message that is read as JSON-LD may have %d objects", maxExpandObjects)
	}
	if s.terms > maxInlineTerms {
		return nil, failure(CodeTooLarge, "the inline contexts of a message may have %d terms", maxInlineTerms)
	}
	return s.defined, s.failed
}

func (s *survey) refuse(format string, args ...any) {
	if s.failed == nil {
		s.failed = failure(CodeJSONLDInvalid, format, args...)
	}
}

// keywords of JSON-LD 1.1 that data may hold. Processors drop any other name
// of that form without a word.
var keywords = []string{"@context", "@direction", "@graph", "@id", "@included", "@index", "@language", "@list", "@nest", "@reverse", "@set", "@type", "@value"}

func (s *survey) data(v *value) {
	if v.kind == objectKind {
		s.objects++
		if name := twice(v); name != "" {
			s.refuse("the member %s stands under two names in one object", excerpt(name))
		}
	}
	if strings.Contains(v.text, bareVocabulary) || strings.Contains(v.name, bareVocabulary) {
		s.refuse("%s cannot be read here", excerpt(bareVocabulary))
	}
	if v.kind == stringKind && keywordLike(v.text) && v.name != "@type" && v.name != "@value" {
		s.refuse("the value %s looks like a keyword, and JSON-LD drops it", excerpt(v.text))
	}
	for i := range v.kids {
		m := &v.kids[i]
		switch {
		case m.name == "@context":
			s.context(m)
			continue
		case m.name == "@nest":
			s.refuse("@nest is not read here: it puts members where a plain reader does not see them")
		case keywordLike(m.name) && !slices.Contains(keywords, m.name):
			s.refuse("%s is no keyword of JSON-LD", excerpt(m.name))
		}
		s.data(m)
	}
}

// keywordLike reports whether JSON-LD reserves a name (JSON-LD 1.1 section 1.7).
func keywordLike(name string) bool {
	return len(name) > 1 && name[0] == '@' && strings.Trim(strings.ToLower(name[1:]), "abcdefghijklmnopqrstuvwxyz") == ""
}

// context surveys an inline context and those within it.
func (s *survey) context(v *value) {
	switch v.kind {
	case arrayKind:
		for i := range v.kids {
			s.context(&v.kids[i])
		}
	case objectKind:
		s.objects++
		s.terms += len(v.kids)
		for i := range v.kids {
			s.definition(&v.kids[i])
		}
	case nullKind:
		s.refuse("a context may not be null: it would take away what the terms mean")
	case boolKind, numberKind, stringKind:
	}
}

// definition surveys one member of an inline context.
func (s *survey) definition(m *value) {
	name := excerpt(m.name)
	s.contextText(m)
	id := m
	switch {
	case m.kind == nullKind && m.name != "@language" && m.name != "@direction":
		s.refuse("an inline context may not define %s as null: what stands under it would vanish", name)
		return
	case m.kind == objectKind:
		s.objects++
		s.terms += len(m.kids)
		s.termObject(m)
		id = m.get("@id")
	}
	want, protected := protectedNames[m.name]
	switch {
	case !protected:
		s.defined[m.name] = id == nil || m.name != "edc" || id.text != EDCNamespace
	case id == nil || IRI(id.text) != want:
		s.refuse("an inline context may not redefine the protected term %s", name)
	}
}

// termObject surveys an expanded term definition.
func (s *survey) termObject(m *value) {
	for i := range m.kids {
		part := &m.kids[i]
		s.contextText(part)
		switch part.name {
		case "@context":
			s.context(part)
		case "@reverse", "@nest", "@index":
			s.refuse("an inline context may not define %s with %s", excerpt(m.name), part.name)
		case "@id":
			if part.kind == nullKind {
				s.refuse("an inline context may not define %s as null: what stands under it would vanish", excerpt(m.name))
			}
		case "@container":
			s.container(m.name, part)
		}
	}
}

// container allows those that keep every value in its place.
func (s *survey) container(term string, v *value) {
	items := v.kids
	if v.kind != arrayKind {
		items = []value{*v}
	}
	for i := range items {
		if text := items[i].text; text != "@set" && text != "@list" {
			s.refuse("an inline context may not give %s the container %s", excerpt(term), excerpt(text))
		}
	}
}

// contextText refuses an alias of a keyword that hides members.
func (s *survey) contextText(v *value) {
	if strings.Contains(v.text, bareVocabulary) || strings.Contains(v.name, bareVocabulary) {
		s.refuse("%s cannot be read here", excerpt(bareVocabulary))
	}
	if slices.Contains([]string{"@context", "@graph", "@included", "@index", "@nest", "@reverse"}, v.text) && v.name != "@container" {
		s.refuse("an inline context may not define %s as %s", excerpt(v.name), v.text)
	}
}

// protectedNames are those by which the DSP context reads policies. JSON-LD
// lets the context of another term give them another meaning even so.
var protectedNames = func() map[string]string {
	m := map[string]string{}
	for _, p := range prefixes {
		if p.name != "edc" { // the DSP context does not define it
			m[p.name] = p.iri
		}
	}
	for _, t := range policyTerms {
		m[t.name] = IRI(t.id)
	}
	for _, name := range policyWords {
		m[name] = odrlNamespace + name
	}
	return m
}()
