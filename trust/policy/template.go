// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrTemplate marks a template that cannot be filled in. The text names the
// parameter, and is safe to show.
var ErrTemplate = errors.New("policy template")

// Template is a policy for those who do not write ODRL: a name, and a few
// parameters to fill in.
//
//	template: chemical-composition
//	with: {company: "5999900000004", contract: NDA-2026-014, purpose: regulatory-compliance, keepFor: P1Y}
type Template struct {
	Name string
	// Doc says in a sentence what may be done with the data.
	Doc        string
	Parameters []Parameter

	build func(*parameters) Policy
}

// Parameter is one of a template.
type Parameter struct {
	Name     string
	Doc      string
	Optional bool
	List     bool // it takes several values; else one
}

// Templates returns all built-in ones, in order of their names.
func Templates() []Template {
	list := builtinTemplates()
	slices.SortFunc(list, func(a, b Template) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// FromTemplate fills a template in. A value is a text, a number, or a list of
// these where the parameter takes several. The error is an ErrTemplate.
func FromTemplate(name string, values map[string]any) (Policy, error) {
	all := Templates()
	i := slices.IndexFunc(all, func(t Template) bool { return t.Name == name })
	if i < 0 {
		names := make([]string, len(all))
		for i, t := range all {
			names[i] = t.Name
		}
		return Policy{}, fmt.Errorf("%w: there is none of the name %.80q; there are: %s", ErrTemplate, name, strings.Join(names, ", "))
	}
	return all[i].fill(values)
}

func (t Template) fill(values map[string]any) (Policy, error) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(t.Parameters, func(p Parameter) bool { return p.Name == name }) {
			return Policy{}, fmt.Errorf("%w %s: there is no parameter %.80q; there are: %s", ErrTemplate, t.Name, name, t.names())
		}
	}
	in := parameters{template: t, values: make(map[string][]string, len(values))}
	for _, p := range t.Parameters {
		list, err := p.read(values[p.Name])
		if err != nil {
			return Policy{}, fmt.Errorf("%w %s: %s: %w", ErrTemplate, t.Name, p.Name, err)
		}
		in.values[p.Name] = list
	}
	made := t.build(&in)
	if in.err != nil {
		return Policy{}, in.err
	}
	return made, nil
}

func (t Template) names() string {
	names := make([]string, len(t.Parameters))
	for i, p := range t.Parameters {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// What may be given for one parameter.
const (
	maxParameter      = 100
	maxParameterBytes = 1024
)

func (p Parameter) read(value any) ([]string, error) {
	if value == nil {
		if p.Optional {
			return nil, nil
		}
		return nil, fmt.Errorf("it is missing: %s", p.Doc)
	}
	items, several := value.([]any)
	switch {
	case !several:
		items = []any{value}
	case !p.List:
		return nil, fmt.Errorf("it is one value, not a list: %s", p.Doc)
	case len(items) == 0 || len(items) > maxParameter:
		return nil, fmt.Errorf("it is a list of 1 to %d values: %s", maxParameter, p.Doc)
	}
	out := make([]string, len(items))
	for i, item := range items {
		text, ok := parameterText(item)
		if !ok || text == "" || len(text) > maxParameterBytes {
			return nil, fmt.Errorf("a value is a text of 1 to %d bytes: %s", maxParameterBytes, p.Doc)
		}
		out[i] = text
	}
	return out, nil
}

// parameterText is a value as a text. Whole numbers are what a corporate number
// looks like to a reader of YAML.
func parameterText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, strings.TrimSpace(v) == v
	case json.Number:
		return v.String(), true
	case int, int64, uint64:
		return fmt.Sprint(v), true
	case interface{ Format(layout string) string }: // a time: YAML reads 2027-03-31 as one
		return strings.TrimSuffix(v.Format("2006-01-02T15:04:05.999999999Z07:00"), "T00:00:00Z"), true
	}
	return "", false
}

// ParseAny is Parse for people's input: a policy in compact JSON, or
// {"template": NAME, "with": {...}}.
func ParseAny(raw []byte) (Policy, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members["template"] == nil {
		return Parse(raw)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name != "template" && name != "with" {
			return Policy{}, fmt.Errorf("%w: beside template there is %.80q; only with can stand there", ErrTemplate, name)
		}
	}
	var form struct {
		Template string         `json:"template"`
		With     map[string]any `json:"with"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&form); err != nil {
		return Policy{}, fmt.Errorf("%w: template is a name, and with an object of its parameters", ErrTemplate)
	}
	return FromTemplate(form.Template, form.With)
}
