// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"maps"
	"slices"
	"strings"
)

// expandToPlain expands a message and names its IRIs by the bare terms of the
// DSP context again. This is not the compaction of JSON-LD, which costs six
// times as much and leaves one-element lists in doubt: the result only has to
// be readable by the one reader that reads plain messages.
//
// Nothing falls under the table on the way: a bare name that no context
// defines keeps its place, as it does in a plain reading, and so do the
// keywords by which JSON-LD would say more.
func expandToPlain(doc *value) (value, *Error) {
	defined, failed := expandable(doc)
	if failed != nil {
		return value{}, failed
	}
	expanded, failed := expand(keepingBareNames(doc))
	if failed != nil {
		return value{}, failed
	}
	if len(expanded) == 0 { // no member has a meaning; let the reader say what is missing
		return value{kind: objectKind}, nil
	}
	if len(expanded) > 1 {
		return value{}, failure(CodeJSONLDInvalid, "it describes %d things instead of one message", len(expanded))
	}
	top, ok := expanded[0].(map[string]any)
	if !ok {
		return value{}, failure(CodeJSONLDInvalid, "it does not describe a message")
	}
	p := plainer{defined: defined}
	form := p.node(top)
	return form, p.failed
}

// bareVocabulary is where expansion puts the names that no context defines,
// which it would drop else. No message may hold it (see expandable).
const bareVocabulary = "x-bare:"

func keepingBareNames(doc *value) *value {
	kept := *doc
	kept.kids = slices.Clone(doc.kids)
	for i := range kept.kids {
		m := &kept.kids[i]
		if m.name != "@context" {
			continue
		}
		listed := []value{{kind: objectKind, kids: []value{textValue("@vocab", bareVocabulary)}}}
		if m.kind == arrayKind {
			listed = append(listed, m.kids...)
		} else {
			listed = append(listed, *m)
		}
		*m = value{name: m.name, kind: arrayKind, kids: listed}
	}
	return &kept
}

func bare(iri string) string { return strings.TrimPrefix(iri, bareVocabulary) }

// plainer makes plain values of expanded ones.
type plainer struct {
	defined map[string]bool // the names that inline contexts define
	failed  *Error
}

// node is a node object under bare terms.
func (p *plainer) node(node map[string]any) value {
	object := value{kind: objectKind}
	typ := p.types(&object, node["@type"])
	if id, ok := node["@id"].(string); ok {
		object.kids = append(object.kids, textValue("@id", id))
	}
	terms := vocabularyOf(typ)
	for _, iri := range slices.Sorted(maps.Keys(node)) {
		if iri == "@type" || iri == "@id" {
			continue
		}
		if strings.HasPrefix(iri, "@") { // the reader decides whether it may stand there
			keyword := scalarValue(node[iri])
			keyword.name = iri
			object.kids = append(object.kids, keyword)
			continue
		}
		t, known := terms[iri]
		if !known {
			t = terms.named(bare(iri))
		}
		if member, present := p.member(t, node[iri]); present {
			p.add(&object, member)
		}
	}
	return object
}

// add refuses a second member of one name, such as a bare name beside a term
// of its own that means another.
func (p *plainer) add(object *value, member value) {
	if object.get(member.name) != nil && p.failed == nil {
		p.failed = failure(CodeDuplicateMember, "the member %s occurs twice in one object", excerpt(member.name))
	}
	object.kids = append(object.kids, member)
}

// types adds the @type of a node: the one that the protocol knows, or else all
// there are. Where it knows several, no reader takes that.
func (p *plainer) types(object *value, types any) string {
	list, _ := types.([]any)
	var known, all []value
	for _, t := range list {
		iri, _ := t.(string)
		name, ok := typeNames[iri]
		if !ok {
			name = bare(iri)
		}
		typ := textValue("", name)
		same := func(v value) bool { return v.text == name }
		if ok && !slices.ContainsFunc(known, same) {
			known = append(known, typ)
		}
		if !slices.ContainsFunc(all, same) {
			all = append(all, typ)
		}
	}
	if len(known) > 0 {
		all = known
	}
	if len(all) == 0 {
		return ""
	}
	typ := *oneOrList(all)
	typ.name = "@type"
	object.kids = append(object.kids, typ)
	return typ.text
}

// member is a member with all its values: a list where the term demands one or
// there are several.
func (p *plainer) member(t term, values any) (member value, present bool) {
	var items []value
	list, _ := values.([]any)
	for _, v := range list {
		if listed, ok := ordered(v); ok && len(list) == 1 {
			items = p.items(t, listed)
		} else {
			items = append(items, p.item(t, v))
		}
	}
	if len(items) == 1 && !t.set {
		member = items[0]
	} else {
		member = value{kind: arrayKind, kids: items}
	}
	member.name = t.name
	return member, t.set || len(items) > 0
}
