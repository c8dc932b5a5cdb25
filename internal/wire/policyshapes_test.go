// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

const foreignContext = "https://example.org/terms.jsonld"

// policyShape is a way to write a policy within a message.
type policyShape struct {
	name  string
	write func(message map[string]any) any
	// verdict is what Decode must say: accepted, refused, or either.
	verdict verdict
	reason  string // a part of the reason, where it refuses
}

type verdict int

const (
	accepted verdict = iota
	refused
	either
)

// policyShapes say the same, if anything.
var policyShapes = []policyShape{
	{name: "compact", write: dress{}.message},
	{name: "context as string", write: func(m map[string]any) any { return with(dress{}.node(m), "@context", ContextURL) }},
	{name: "EDC's context beside", write: dress{contexts: []any{EDCContextURL}}.message},
	{name: "words with prefixes", write: dress{word: odrlWord}.message},
	{name: "words as full IRIs", write: dress{word: fullWord}.message},
	{name: "words as references", write: dress{word: fullWord, ids: true}.message},
	{name: "words with prefixes as references", write: dress{word: odrlWord, ids: true}.message},
	{name: "ids as references", write: dress{references: true}.message},
	{name: "odrl: members", write: dress{member: prefixedMember, word: odrlWord}.message},
	{name: "odrl: members, all ids as references", write: dress{member: prefixedMember, word: odrlWord, ids: true, references: true}.message},
	{name: "odrl: members, lists of one unwrapped, as EDC", write: dress{member: prefixedMember, word: odrlWord, ids: true, references: true, unwrap: true}.message},
	{name: "full IRIs", write: dress{member: fullMember, word: fullWord}.message},
	{name: "full IRIs, all wrapped and in lists", write: dress{member: fullMember, word: fullWord, ids: true, references: true, values: true, lists: true}.message},
	{name: "expanded, with the context", write: expandedForm},
	{name: "lists of one unwrapped", write: dress{unwrap: true}.message},
	{name: "single values in lists", write: dress{lists: true}.message},
	{name: "right operands as @value", write: dress{values: true}.message},
	{name: "right operands as xsd:string", write: dress{xsdString: true}.message},
	{name: "language tags in capitals", write: func(m map[string]any) any {
		return json.RawMessage(strings.ReplaceAll(string(encodeJSON(dress{}.message(m))), `"@language":"de"`, `"@language":"DE"`))
	}},
	{name: "lists as @list", write: dress{container: "@list"}.message},
	{name: "lists as @set", write: dress{container: "@set"}.message},
	{name: "lists as @list, odrl: members", write: dress{container: "@list", member: prefixedMember, word: odrlWord}.message},
	{name: "types in lists", write: dress{typeLists: true}.message},
	{name: "rules and constraints with types", write: dress{ruleTypes: true}.message},
	{name: "rules and constraints as blank nodes", write: dress{blank: true}.message},
	{name: "empty lists and null beside", write: dress{beside: map[string]any{"obligation": []any{}, "prohibition": nil}}.message},
	{name: "within a graph", write: func(m map[string]any) any {
		return map[string]any{"@context": m["@context"], "@graph": []any{lacking(dress{}.node(m), "@context")}}
	}},
	{name: "a prefixed type of the message, the rest bare", write: func(m map[string]any) any {
		m = dress{}.node(m)
		return with(m, "@type", prefixedType(m["@type"].(string)))
	}},
	{name: "own prefixes", write: dress{
		contexts: []any{map[string]any{"o": odrlNamespace, "d": Namespace, "hier": "https://own.example/"}},
		member:   func(t term) string { return strings.NewReplacer("odrl:", "o:", "dspace:", "d:").Replace(t.id) },
		word:     ownPrefix, ids: true,
	}.message},
	{name: "own prefixes, words as texts", write: dress{
		contexts: []any{map[string]any{"o": odrlNamespace, "hier": "https://own.example/"}},
		member:   func(t term) string { return strings.Replace(t.id, "odrl:", "o:", 1) },
		word:     ownPrefix,
	}.message, verdict: either, reason: "must be a string"},
	{name: "own terms", write: dress{
		contexts: []any{map[string]any{
			"kennung": "@id", "art": "@type", "odrl": odrlNamespace,
			"erlaubnis":   map[string]any{"@id": "odrl:permission", "@container": "@set"},
			"folge":       map[string]any{"@id": "odrl:andSequence", "@container": "@list"},
			"wert":        "odrl:rightOperand",
			"handlung":    map[string]any{"@id": "odrl:action", "@type": "@vocab"},
			"gegenstand":  map[string]any{"@id": "odrl:leftOperand", "@type": "@vocab"},
			"Zweckangabe": "odrl:purpose",
		}},
		member: func(t term) string {
			own := map[string]string{"permission": "erlaubnis", "andSequence": "folge", "rightOperand": "wert", "action": "handlung", "leftOperand": "gegenstand"}
			if name, renamed := own[t.name]; renamed {
				return name
			}
			return t.name
		},
		word: func(s string) string {
			if s == "purpose" {
				return "Zweckangabe"
			}
			return s
		},
		keywords: map[string]string{"@id": "kennung", "@type": "art"},
	}.message},
	{name: "EDC's older inline context", write: dress{
		contexts: []any{map[string]any{"@vocab": EDCNamespace, "edc": EDCNamespace, "odrl": odrlNamespace}},
		member:   prefixedMember, word: odrlWord, ids: true, references: true, unwrap: true,
	}.message},
	{name: "the same context again inside", write: dress{beside: map[string]any{"@context": []any{ContextURL}}}.message},

	{name: "expanded, without a context", write: func(m map[string]any) any { return []any{lacking(expandedForm(m).(map[string]any), "@context")} }, verdict: refused, reason: "object"},
	{name: "a foreign context beside", write: dress{contexts: []any{foreignContext}}.message, verdict: either, reason: foreignContext},
	{name: "a foreign context beside, no bare words", write: dress{contexts: []any{foreignContext}, word: odrlWord}.message},
	{name: "a foreign context beside odrl: members", write: dress{contexts: []any{foreignContext}, member: prefixedMember}.message, verdict: refused, reason: foreignContext},
	{name: "an inline context that redefines permission", write: dress{contexts: []any{map[string]any{"permission": "https://own.example/p"}}}.message, verdict: refused, reason: "protected"},
	{name: "an inline context that redefines odrl", write: dress{contexts: []any{map[string]any{"odrl": "https://own.example/"}}}.message, verdict: refused, reason: "protected"},
	{name: "an inline context that redefines use for offers", write: dress{
		contexts: []any{map[string]any{"angebot": map[string]any{"@id": "dspace:offer", "@context": map[string]any{"use": "https://own.example/use"}}}},
		member:   func(t term) string { return strings.Replace(t.name, "offer", "angebot", 1) },
	}.message, verdict: refused, reason: "protected"},
	{name: "an inline context inside", write: dress{beside: map[string]any{"@context": map[string]any{"o": odrlNamespace}}}.message, verdict: refused, reason: "@context"},
	{name: "null as context", write: dress{contexts: []any{map[string]any{"x": map[string]any{"@id": "https://own.example/x", "@context": nil}}}}.message, verdict: refused, reason: "null"},
}

// TestPolicyShapes: whatever the form, the rules are those of the compact one,
// or the message is refused.
func TestPolicyShapes(t *testing.T) {
	tally := map[string]*[2]int{}
	rapid.Check(t, func(t *rapid.T) {
		compact := anyPolicy.Draw(t, "policy")
		want := compactHash(t, encodeJSON(compact))
		typ := rapid.SampledFrom([]Type{TypeContractRequest, TypeContractAgreement, TypeDataset}).Draw(t, "message")
		message := messageWith(typ, compact)
		for _, s := range policyShapes {
			if tally[s.name] == nil {
				tally[s.name] = &[2]int{}
			}
			body := encodeJSON(s.write(message))
			d, err := Decode(body, typ)
			if err != nil {
				tally[s.name][1]++
				if s.verdict == accepted || !strings.Contains(AsError(err).Reason, s.reason) {
					t.Fatalf("%s: %v\n%s", s.name, err, body)
				}
				continue
			}
			tally[s.name][0]++
			if s.verdict == refused {
				t.Fatalf("%s was accepted\n%s", s.name, body)
			}
			if got := hashOf(t, policyOf(d.Message)); got != want {
				t.Fatalf("%s: other rules\n%s\n%s", s.name, encodeJSON(compact), body)
			}
		}
	})
	for _, s := range policyShapes {
		t.Logf("%5d accepted %5d refused: %s", tally[s.name][0], tally[s.name][1], s.name)
		both := tally[s.name][0] > 0 && tally[s.name][1] > 0
		testkit.Occurred(t, s.verdict != either || both, "%s: one verdict never occurred", s.name)
	}
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func compactHash(t failer, compact []byte) string {
	t.Helper()
	p, err := policy.Parse(compact)
	if err != nil {
		t.Fatalf("%v\n%s", err, compact)
	}
	return p.Hash()
}

func hashOf(t failer, p *Policy) string {
	t.Helper()
	compact, err := p.Compact()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return compactHash(t, compact)
}

// policyOf is the one policy of a message, or nil.
func policyOf(m Message) *Policy {
	switch m := m.(type) {
	case *ContractRequest:
		return &m.Offer
	case *ContractOffer:
		return &m.Offer
	case *ContractAgreement:
		return &m.Agreement
	case *Dataset:
		return &m.HasPolicy[0]
	default:
		return nil
	}
}

// messageWith puts a policy into the published form of a message.
func messageWith(typ Type, rules map[string]any) map[string]any {
	p := maps.Clone(rules)
	p["@id"], p["@type"] = "urn:o", PolicyOffer
	m := map[string]any{"@context": []any{ContextURL}, "@type": string(typ)}
	switch typ {
	case TypeContractAgreement:
		p["@type"], p["target"], p["assigner"], p["assignee"] = PolicyAgreement, "urn:d", "did:web:p.example", "did:web:c.example"
		m["providerPid"], m["consumerPid"], m["agreement"] = "urn:p", "urn:c", p
	case TypeDataset:
		service := map[string]any{"@type": "DataService", "@id": "urn:s", "endpointURL": "https://p.example/dsp"}
		m["@id"], m["hasPolicy"] = "urn:d", []any{p}
		m["distribution"] = []any{map[string]any{"@type": "Distribution", "format": "HttpData-PULL", "accessService": service}}
	default:
		p["target"] = "urn:d"
		m["consumerPid"], m["callbackAddress"], m["offer"] = "urn:c", "https://c.example", p
	}
	return m
}

// anyPolicy draws the rules of a policy in compact form.
var anyPolicy = rapid.Custom(func(t *rapid.T) map[string]any {
	p := map[string]any{}
	for i, name := range []string{"permission", "prohibition", "obligation"} {
		low := 0
		if i == 0 {
			low = 1
		}
		var rules []any
		for range rapid.IntRange(low, 2).Draw(t, name) {
			rules = append(rules, drawRule(t))
		}
		if len(rules) > 0 {
			p[name] = rules
		}
	}
	if rapid.Bool().Draw(t, "profile") {
		p["profile"] = rapid.SampledFrom([]any{"https://own.example/profile", []any{"urn:a", "urn:b"}}).Draw(t, "profiles")
	}
	return p
})

func drawRule(t *rapid.T) map[string]any {
	rule := map[string]any{"action": rapid.SampledFrom([]string{"use", "read", "odrl:transfer", "https://own.example/measure", "scan"}).Draw(t, "action")}
	var constraints []any
	for range rapid.IntRange(0, 2).Draw(t, "constraints") {
		constraints = append(constraints, drawConstraint(t, 5))
	}
	if len(constraints) > 0 {
		rule["constraint"] = constraints
	}
	return rule
}

func drawConstraint(t *rapid.T, depth int) map[string]any {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "logical") > 0 {
		var nested []any
		for range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "nested") {
			nested = append(nested, drawConstraint(t, depth-1))
		}
		return map[string]any{rapid.SampledFrom(logicals).Draw(t, "join"): nested}
	}
	return map[string]any{
		"leftOperand":  rapid.SampledFrom([]string{"purpose", "odrl:dateTime", "https://own.example/tier", odrlNamespace + "count", "partner"}).Draw(t, "left"),
		"operator":     rapid.SampledFrom(operators[:len(operators)-1]).Draw(t, "operator"),
		"rightOperand": rapid.SampledFrom(rightOperands).Draw(t, "right"),
	}
}

var rightOperands = []any{
	"JP", "", "日本", "odrl:not a term", "5", json.Number("5"), json.Number("5.50"), json.Number("-1e3"), true,
	[]any{"JP", "FR"},
	[]any{"JP"},
	[]any{json.Number("1"), "x"},
	map[string]any{"@value": "P1Y", "@type": "xsd:duration"},
	map[string]any{"@value": json.Number("5"), "@type": "xsd:integer"},
	[]any{map[string]any{"@value": "2026-11-23", "@type": "xsd:date"}, "x"},
	map[string]any{"@id": "https://own.example/x"},
	[]any{map[string]any{"@id": "urn:a"}, map[string]any{"@id": "urn:b"}},
	map[string]any{"@value": "Auto", "@language": "de"},
	map[string]any{"@id": "_:b1"},
}

// dress is how a message is written. The zero dress is the compact form.
type dress struct {
	contexts   []any // beside that of DSP
	member     func(term) string
	word       func(string) string
	keywords   map[string]string // their aliases
	ids        bool              // words as {"@id": ...}
	references bool              // ids as {"@id": ...}
	values     bool              // texts as {"@value": ...}
	xsdString  bool              // and with the datatype of texts
	lists      bool              // single values stand in lists
	unwrap     bool              // lists of one stand as their element
	container  string            // lists stand as {"@set": [...]} or {"@list": [...]}
	typeLists  bool
	ruleTypes  bool
	blank      bool
	beside     map[string]any // further members of the policy
}

func (d dress) message(m map[string]any) any {
	out := d.node(m)
	out["@context"] = append([]any{ContextURL}, d.contexts...)
	return out
}

func (d dress) node(object map[string]any) map[string]any {
	typ, _ := object["@type"].(string)
	out := map[string]any{}
	if typ == PolicyOffer || typ == PolicyAgreement {
		for name, v := range d.beside {
			if object[name] == nil {
				out[name] = v
			}
		}
	}
	if d.blank && typ == "" {
		out["@id"] = fmt.Sprintf("_:b%p", out) // each its own
	}
	if _, isRule := object["action"]; d.ruleTypes && typ == "" && !isRule {
		out["@type"] = "Constraint"
	}
	for name, v := range object {
		switch {
		case name == "@type" && (d.typeLists || d.lists):
			out[d.keyword(name)] = []any{v}
		case strings.HasPrefix(name, "@"):
			out[d.keyword(name)] = v
		default:
			t := termNamed(typ, name)
			out[d.name(t)] = d.value(t, v)
		}
	}
	return out
}

func (d dress) keyword(name string) string {
	if alias, found := d.keywords[name]; found {
		return alias
	}
	return name
}

func (d dress) name(t term) string {
	if d.member == nil {
		return t.name
	}
	return d.member(t)
}

func (d dress) value(t term, v any) any {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	out := make([]any, len(list))
	for i := range list {
		out[i] = d.item(t, list[i])
	}
	switch {
	case len(out) == 1 && (d.unwrap || !isList && !d.lists):
		return out[0]
	case d.container != "" && isList:
		return map[string]any{d.container: out}
	default:
		return out
	}
}

func (d dress) item(t term, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if t.name == "rightOperand" {
			return d.operand(v)
		}
		out := d.node(v)
		if class, isRule := map[string]string{"permission": "Permission", "prohibition": "Prohibition", "obligation": "Duty"}[t.name]; isRule && d.ruleTypes {
			out["@type"] = class
		}
		return out
	case string:
		return d.text(t, v)
	default:
		if d.values {
			return map[string]any{"@value": v}
		}
		return v
	}
}

// operand writes an object that is a right operand.
func (d dress) operand(v map[string]any) any {
	out := map[string]any{}
	for name, part := range v {
		if datatype, ok := part.(string); ok && name == "@type" && d.word != nil {
			part = IRI(datatype)
		}
		out[d.keyword(name)] = part
	}
	return out
}

func (d dress) text(t term, s string) any {
	literal := t.as == 0
	switch {
	case t.as == word && d.word != nil && d.ids:
		return map[string]any{"@id": d.word(s)}
	case t.as == word && d.word != nil:
		return d.word(s)
	case t.as == entity && (d.references || t.name == "profile" && d.member != nil):
		return map[string]any{"@id": s}
	case literal && d.values && t.name != "@id":
		return map[string]any{"@value": s}
	case d.xsdString && t.name == "rightOperand":
		return map[string]any{"@value": s, "@type": "xsd:string"}
	default:
		return s
	}
}

func prefixedMember(t term) string { return t.id }
func fullMember(t term) string     { return IRI(t.id) }

// odrlWord gives a word its prefix, also where only ODRL defines it.
func odrlWord(s string) string {
	if odrlWords[s] {
		return "odrl:" + s
	}
	return prefixedWord(s)
}

func ownPrefix(s string) string {
	return strings.Replace(odrlWord(s), "https://own.example/", "hier:", 1)
}

func fullWord(s string) string { return IRI(odrlWord(s)) }

// expandedForm is what the expansion algorithm makes of the message.
func expandedForm(m map[string]any) any {
	doc, failed := scan(encodeJSON(m))
	if failed != nil {
		panic(failed)
	}
	expanded, failed := expand(&doc)
	if failed != nil || len(expanded) != 1 {
		panic(fmt.Sprint(failed, len(expanded)))
	}
	return with(expanded[0].(map[string]any), "@context", m["@context"])
}

// TestParsersAgree: a policy that our own side wrote has one hash, whether it
// was sent as a message first or not.
func TestParsersAgree(t *testing.T) {
	for _, right := range append(slices.Clone(rightOperands),
		map[string]any{"@id": "odrl:x"}, []any{map[string]any{"@id": "dct:x"}, "y"},
		map[string]any{"@value": "Auto", "@language": "de-AT"}, map[string]any{"@value": "x", "@type": "xsd:string"}, json.Number("5.0"), json.Number("0.50"),
	) {
		text := encodeJSON(map[string]any{"permission": []any{map[string]any{"action": "use", "constraint": []any{
			map[string]any{"leftOperand": "odrl:purpose", "operator": "isAnyOf", "rightOperand": right},
		}}}})
		p, err := ParsePolicy(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if compactHash(t, text) != hashOf(t, &p) {
			t.Errorf("two policies of\n%s", text)
		}
	}
}

// TestODRLWordsAreThoseOfThePolicies: a bare word that is read as ODRL's there
// is known here to be one.
func TestODRLWordsAreThoseOfThePolicies(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(odrlWords)) {
		p, err := policy.Parse([]byte(`{"permission":[{"action":"` + name + `"}]}`))
		if err != nil || p.Canonical() == nil || !strings.Contains(string(p.Canonical()), odrlNamespace+name) {
			t.Errorf("%s: %v %s", name, err, p.Canonical())
		}
	}
}
