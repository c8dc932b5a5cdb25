// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape is a legal way to write a message as JSON-LD under the DSP context.
type shape struct {
	name     string
	expanded bool // plain JSON readers cannot read it
	write    func(message map[string]any) []byte
}

// shapes are nine ways to say the same. The first three can be read as plain
// JSON; the issue asks for six in all.
var shapes = []shape{
	{"published", false, func(m map[string]any) []byte { return encodeJSON(m) }},
	{"context as string", false, func(m map[string]any) []byte {
		return encodeJSON(with(m, "@context", ContextURL))
	}},
	{"further context, members reversed", false, func(m map[string]any) []byte {
		return reversed(with(m, "@context", []any{ContextURL, EDCContextURL}))
	}},
	{"prefixed names", true, func(m map[string]any) []byte {
		return encodeJSON(style{name: func(t term) string { return t.id }, value: prefixedValue, typ: prefixedType}.node(m))
	}},
	{"full IRIs, all in lists", true, func(m map[string]any) []byte {
		return encodeJSON(style{
			name:  func(t term) string { return IRI(t.id) },
			value: expandedValue,
			typ:   func(typ string) any { return []any{IRI(prefixedType(typ).(string))} },
			lists: true,
		}.node(m))
	}},
	{"terms, wrapped values in lists", true, func(m map[string]any) []byte {
		return encodeJSON(style{name: bareName, value: wrappedValue, typ: bareType, lists: true}.node(m))
	}},
	{"terms, lists of one unwrapped", true, func(m map[string]any) []byte {
		return encodeJSON(style{name: bareName, value: bareValue, typ: func(typ string) any { return []any{typ} }, unwrap: true}.node(m))
	}},
	{"within a graph", true, func(m map[string]any) []byte {
		return encodeJSON(map[string]any{"@context": m["@context"], "@graph": []any{lacking(m, "@context")}})
	}},
	{"inline context with aliases", true, func(m map[string]any) []byte {
		aliased := style{name: func(t term) string { return strings.Replace(t.id, "dspace:", "p:", 1) }, value: prefixedValue, typ: prefixedType}.node(m)
		aliased = with(aliased, "@context", []any{ContextURL, map[string]any{"p": Namespace, "art": "@type", "kennung": "@id"}})
		return []byte(strings.NewReplacer(`"@type":`, `"art":`, `"@id":`, `"kennung":`).Replace(string(encodeJSON(aliased))))
	}},
}

// TestShapesGiveEqualStructs writes each published example in each shape, and
// reads each of them as Decode does and by expansion.
func TestShapesGiveEqualStructs(t *testing.T) {
	for _, e := range messages(t) {
		want := mustDecode(t, e.body, e.typ).Message
		for _, s := range shapes {
			t.Run(e.name+"/"+s.name, func(t *testing.T) {
				body := s.write(parse(t, e.body).(map[string]any))
				d := mustDecode(t, body, e.typ)
				memberless := e.typ == TypeCatalogRequest && s.name == "terms, wrapped values in lists" // nothing to wrap
				if d.Expanded != s.expanded && !memberless {
					t.Errorf("expanded: %v, want %v\n%s", d.Expanded, s.expanded, body)
				}
				if diff := cmp.Diff(want, d.Message); diff != "" {
					t.Errorf("(-published +%s)\n%s\n%s", s.name, diff, body)
				}
				sameAsExpanded(t, body, d, []Type{e.typ})
			})
		}
	}
}

// TestAccessServiceAsReference reads the form in which JSON-LD tools refer to
// a service, though the context makes the published string a mere string.
func TestAccessServiceAsReference(t *testing.T) {
	body := `{"@context":["` + ContextURL + `"],"@id":"urn:d","@type":"Dataset","hasPolicy":[{"@id":"urn:o","@type":"Offer","permission":[{"action":"use"}]}],
		"distribution":[{"@type":"Distribution","format":"HttpData-PULL","accessService":{"@id":"urn:s"}}]}`
	d := mustDecode(t, []byte(body), TypeDataset)
	if got := d.Message.(*Dataset).Distribution[0].AccessService.ID; got != "urn:s" || !d.Expanded {
		t.Errorf("service %q, expanded %v", got, d.Expanded)
	}
}

// style rewrites a plain message.
type style struct {
	name   func(term) string
	value  func(term, string) any
	typ    func(string) any
	lists  bool // single values stand in lists
	unwrap bool // lists of one stand as their element
}

func (s style) node(object map[string]any) map[string]any {
	typ, _ := object["@type"].(string)
	out := map[string]any{}
	for name, v := range object {
		switch name {
		case "@context", "@id":
			out[name] = v
		case "@type":
			out[name] = s.typ(typ)
		default:
			t := termNamed(typ, name)
			out[s.name(t)] = s.values(t, v)
		}
	}
	return out
}

func (s style) values(t term, v any) any {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	out := make([]any, len(list))
	for i, item := range list {
		switch item := item.(type) {
		case map[string]any:
			out[i] = s.node(item)
		case string:
			out[i] = s.value(t, item)
		default:
			out[i] = item
		}
	}
	if len(out) == 1 && (s.unwrap || !isList && !s.lists) {
		return out[0]
	}
	return out
}

func termNamed(typ, name string) term {
	for _, v := range []vocabulary{vocabularyOf(typ), vocabularies[""]} {
		for _, t := range v {
			if t.name == name {
				return t
			}
		}
	}
	panic("no term " + name + " of " + typ)
}

func bareName(t term) string         { return t.name }
func bareType(typ string) any        { return typ }
func bareValue(_ term, s string) any { return s }

func prefixedType(typ string) any {
	for iri, name := range typeNames {
		if name == typ {
			return prefixed(iri)
		}
	}
	panic("no type " + typ)
}

// prefixedWord is an action, operator or state with its prefix.
func prefixedWord(s string) string {
	for iri, name := range words {
		if name == s {
			return prefixed(iri)
		}
	}
	return s
}

func prefixedValue(t term, s string) any {
	switch t.as {
	case entity:
		return map[string]any{"@id": s}
	case word:
		return map[string]any{"@id": prefixedWord(s)}
	default:
		return s
	}
}

func expandedValue(t term, s string) any {
	switch t.as {
	case entity, word:
		return map[string]any{"@id": IRI(prefixedWord(s))}
	default:
		return map[string]any{"@value": s}
	}
}

func wrappedValue(t term, s string) any {
	if t.as == entity {
		return map[string]any{"@id": s}
	}
	if t.as == word {
		return s
	}
	return map[string]any{"@value": s}
}

func with(m map[string]any, name string, v any) map[string]any {
	m = maps.Clone(m)
	m[name] = v
	return m
}

func lacking(m map[string]any, name string) map[string]any {
	m = maps.Clone(m)
	delete(m, name)
	return m
}

// reversed writes all objects with their members in descending order.
func reversed(v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		slices.Reverse(names)
		var members []string
		for _, name := range names {
			members = append(members, string(encodeJSON(name))+" : "+string(reversed(v[name])))
		}
		return []byte("{ " + strings.Join(members, " ,\n") + " }")
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, string(reversed(item)))
		}
		return []byte("[ " + strings.Join(items, ", ") + " ]")
	default:
		return encodeJSON(v)
	}
}
