// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Registry holds the operands, actions and profiles that this connector knows.
// What is not in it makes a policy unpublishable, and an evaluation Unknown.
// Register before its first use; reading needs no lock.
type Registry struct {
	operands map[string]*Operand
	families []*Operand
	actions  map[string]*Action
	profiles map[string]bool
}

// Action is an action that this connector knows.
type Action struct {
	IRI  string // Use, or an absolute IRI
	Name string
	Doc  string
	// Enforced says whether this connector does it, or prevents it, by
	// itself. Any other action is agreed only.
	Enforced bool
}

// NewRegistry returns a registry of all built-in terms.
func NewRegistry() *Registry {
	r := &Registry{operands: map[string]*Operand{}, actions: map[string]*Action{}, profiles: map[string]bool{}}
	for _, o := range builtinOperands() {
		must(r.RegisterOperand(o))
	}
	for _, a := range builtinActions() {
		must(r.RegisterAction(a))
	}
	for _, p := range []string{Profile, CatenaX, Namespace} {
		r.RegisterProfile(p)
	}
	return r
}

// builtin errors are ours, and every test meets them.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// ErrRegistered: there is an operand or action of this name.
var ErrRegistered = errors.New("registered already")

// RegisterOperand adds an operand. ErrRegistered, or what is wrong with it.
func (r *Registry) RegisterOperand(o Operand) error {
	o.IRI = normalTerm(o.IRI)
	switch {
	case !strings.Contains(o.IRI, ":"):
		return fmt.Errorf("operand %q: its name must be an absolute IRI", o.IRI)
	case o.Name == "" || o.Doc == "" || o.Source == "" || !o.Type.known():
		return fmt.Errorf("operand %s: it needs a name, a source, a known type and a sentence that explains it", o.IRI)
	case o.AgreedOnly == (o.Values != nil):
		return fmt.Errorf("operand %s: exactly what is agreed only has no values", o.IRI)
	}
	for _, operator := range o.Operators {
		if !slices.Contains(o.Type.Operators(), operator) {
			return fmt.Errorf("operand %s: the operator %q has no meaning for the type %s", o.IRI, operator, o.Type)
		}
	}
	if r.taken(o) {
		return fmt.Errorf("operand %s: %w", o.IRI, ErrRegistered)
	}
	if o.Prefix {
		r.families = append(r.families, &o)
	} else {
		r.operands[o.IRI] = &o
	}
	return nil
}

// taken reports whether a name, or one of a family, has an operand already.
func (r *Registry) taken(o Operand) bool {
	if _, known := r.operand(o.IRI); known {
		return true
	}
	for _, f := range r.families {
		if f.IRI == o.IRI || o.Prefix && strings.HasPrefix(f.IRI, o.IRI) {
			return true
		}
	}
	for iri := range r.operands {
		if o.Prefix && strings.HasPrefix(iri, o.IRI) {
			return true
		}
	}
	return false
}

// RegisterAction adds an action. ErrRegistered.
func (r *Registry) RegisterAction(a Action) error {
	a.IRI = normalTerm(a.IRI)
	switch {
	case a.IRI != Use && !strings.Contains(a.IRI, ":"):
		return fmt.Errorf("action %q: its name must be an absolute IRI", a.IRI)
	case a.Name == "" || a.Doc == "":
		return fmt.Errorf("action %s: it needs a name and a sentence that explains it", a.IRI)
	case r.actions[a.IRI] != nil:
		return fmt.Errorf("action %s: %w", a.IRI, ErrRegistered)
	}
	r.actions[a.IRI] = &a
	return nil
}

// RegisterProfile says that the terms of an ODRL profile are known.
func (r *Registry) RegisterProfile(iri string) { r.profiles[profileKey(iri)] = true }

func profileKey(iri string) string { return strings.TrimRight(expandPrefix(iri), "/#") }

// Operands returns all operands in order of their IRIs, for documentation.
func (r *Registry) Operands() []Operand {
	list := make([]Operand, 0, len(r.operands)+len(r.families))
	for _, o := range r.operands {
		list = append(list, *o)
	}
	for _, o := range r.families {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b Operand) int { return strings.Compare(a.IRI, b.IRI) })
	return list
}

// Actions returns all actions in order of their IRIs.
func (r *Registry) Actions() []Action {
	list := make([]Action, 0, len(r.actions))
	for _, a := range r.actions {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Action) int { return strings.Compare(a.IRI, b.IRI) })
	return list
}

// operand finds what a normal term names.
func (r *Registry) operand(term string) (*Operand, bool) {
	if o, ok := r.operands[term]; ok {
		return o, true
	}
	for _, o := range r.families {
		if rest, ok := strings.CutPrefix(term, o.IRI); ok && rest != "" {
			return o, true
		}
	}
	return nil, false
}
