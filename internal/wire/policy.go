// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"strings"
)

// Policy is an ODRL policy as DSP carries it (contract-schema.json): the offer
// of a dataset, the offer of a message, or an agreement. Decoded policies are
// in normal form: actions, operands and operators as Term gives them, lists of
// one right operand unwrapped, numbers as strings. So two policies that say
// the same are equal.
type Policy struct { //nolint:recvcheck // Compact takes a value as callers hold one, the rest must not copy
	ID        string // @id
	Type      string // "Offer" or "Agreement"
	Target    string // the dataset; none in a catalogue, where it is the enclosing one
	Assigner  string // the provider's participant id
	Assignee  string // the consumer's participant id
	Timestamp string // xsd:dateTime, of an agreement
	Profile   []string

	Permission, Prohibition, Obligation []Rule

	// Extra holds every member that this model lacks, also under bare names,
	// and so do those of Rule and Constraint: no condition gets lost.
	Extra Extra
}

// Rule is a permission, a prohibition or a duty. Its constraints all hold.
type Rule struct {
	Action     string
	Constraint []Constraint
	Extra      Extra
}

// Types of a Policy.
const (
	PolicyOffer     = "Offer"
	PolicyAgreement = "Agreement"
)

// ParsePolicy reads the JSON that Policy.Compact writes, or any policy in the
// compact form of DSP. Errors are *Error.
func ParsePolicy(compact []byte) (Policy, error) {
	v, failed := scan(compact)
	if failed != nil {
		return Policy{}, failed
	}
	r := &reader{trail: trail{lenient: true}}
	p := readObject(r, &v, readPolicy)
	p.checkRules(&r.trail)
	if r.failed != nil {
		return Policy{}, r.failed
	}
	return p, nil
}

// Compact returns the policy as compact JSON in normal form, which is how
// other packages take it. It asks for no id, type or rule.
func (p Policy) Compact() ([]byte, error) {
	t := trail{lenient: true}
	p.checkRules(&t)
	if t.failed != nil {
		return nil, t.failed
	}
	w := &writer{}
	w.element(p.write)
	if w.failed != nil {
		return nil, w.failed
	}
	return w.b, nil
}

func readPolicy(r *reader, o *value) (p Policy) {
	p.ID = r.id(o, "@id")
	p.Type = r.id(o, "@type")
	p.Target = r.id(o, "target")
	p.Profile = readProfile(r, o)
	p.Permission = readRules(r, o, "permission", "Permission")
	p.Prohibition = readRules(r, o, "prohibition", "Prohibition")
	p.Obligation = readRules(r, o, "obligation", "Duty")
	model := []string{"target", "profile", "permission", "prohibition", "obligation", "timestamp"}
	if p.Type == PolicyAgreement {
		p.Assigner, p.Assignee = r.id(o, "assigner"), r.id(o, "assignee")
		p.Timestamp = r.id(o, "timestamp")
		model = append(model, "assigner", "assignee")
	} else { // an offer may carry them, but the schema does not define them
		p.Assigner, p.Assignee = r.party(o, "assigner", &model), r.party(o, "assignee", &model)
		p.Timestamp = r.hint(o, "timestamp")
	}
	p.Extra = r.policyExtra(o, model...)
	for name := range p.Extra {
		if !strings.Contains(name, ":") {
			r.unclear(name) // it could be another word for prohibition
		}
	}
	return p
}

// party reads the assigner or assignee of an offer. What is more than one
// name, such as several or a group with conditions, says whom the offer is
// for, and is left to Extra.
func (r *reader) party(o *value, name string, model *[]string) string {
	v := o.get(name)
	if v != nil && v.kind == objectKind && len(v.kids) == 1 {
		v = v.get("@id")
	}
	if v == nil || v.kind != stringKind {
		return ""
	}
	*model = append(*model, name)
	return v.text
}

// readRules reads a list of rules. A rule may say its own type, but no other.
func readRules(r *reader, o *value, name, typ string) []Rule {
	return readList(r, name, r.items(o, name), func(r *reader, o *value) Rule {
		types := o.get("@type")
		if types != nil && types.kind != arrayKind {
			types = &value{kids: []value{*types}}
		}
		for i := 0; types != nil && i < len(types.kids); i++ {
			if t := Term(types.kids[i].text); t != typ && slices.Contains(ruleTypes, t) {
				r.hidden("@type", typ)
			}
		}
		return readRule(r, o)
	})
}

var ruleTypes = []string{"Permission", "Prohibition", "Duty"}

// readOffer reads the offer of a dataset, which may leave out its type.
func readOffer(r *reader, o *value) Policy {
	p := readPolicy(r, o)
	if p.Type == "" {
		p.Type = PolicyOffer
	}
	return p
}

// readProfile reads a string or a list of strings.
func readProfile(r *reader, o *value) []string {
	v := o.get("profile")
	if v == nil {
		return nil
	}
	if v.kind == stringKind {
		return []string{IRI(v.text)}
	}
	if v.kind != arrayKind {
		r.invalid("profile", "a string or a list of strings")
		return nil
	}
	var profiles []string
	for i := range v.kids {
		if v.kids[i].kind != stringKind {
			r.invalid("profile", "a string or a list of strings")
		}
		profiles = append(profiles, IRI(v.kids[i].text))
	}
	return profiles
}

func readRule(r *reader, o *value) (rule Rule) {
	rule.Action = r.word(o, "action")
	rule.Constraint = readList(r, "constraint", r.openItems(o, "constraint"), readConstraint)
	rule.Extra = r.policyExtra(o, "action", "constraint")
	return rule
}

func (p *Policy) write(w *writer) {
	w.text("@id", p.ID)
	w.text("@type", p.Type)
	w.text("target", p.Target)
	switch len(p.Profile) {
	case 0:
	case 1:
		w.must("profile", p.Profile[0])
	default:
		w.raws("profile", Reasons(p.Profile...))
	}
	w.text("timestamp", p.Timestamp)
	w.text("assigner", p.Assigner)
	w.text("assignee", p.Assignee)
	writeList(w, "permission", p.Permission, (*Rule).write)
	writeList(w, "prohibition", p.Prohibition, (*Rule).write)
	writeList(w, "obligation", p.Obligation, (*Rule).write)
	p.Extra.writeAll(w)
}

func (rule *Rule) write(w *writer) {
	w.must("action", Term(rule.Action))
	writeList(w, "constraint", rule.Constraint, (*Constraint).write)
	rule.Extra.writeAll(w)
}
