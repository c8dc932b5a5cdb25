// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What a consumer may declare in one request.
const (
	maxDeclared     = 32
	maxDeclaredText = 1024 // bytes of a value
)

// Declare makes the extra members of a request by which a consumer says what a
// policy asks it, from texts by name: an absolute IRI, or a term of ODRL's
// vocabulary such as "purpose". The error, an ErrMalformed, names the one that
// cannot be said.
func Declare(values map[string][]string) (map[string]json.RawMessage, error) {
	if len(values) > maxDeclared {
		return nil, undeclarable("there are more than %d", maxDeclared)
	}
	if len(values) == 0 {
		return nil, nil
	}
	out := make(map[string]json.RawMessage, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		iri := normalTerm(name)
		if !strings.Contains(iri, ":") || len(iri) > maxDeclaredText {
			return nil, undeclarable("the name %.80q is no absolute IRI and no term of ODRL", name)
		}
		if _, twice := out[iri]; twice {
			return nil, undeclarable("%.80q is declared twice", name)
		}
		raw, err := declared(values[name])
		if err != nil {
			return nil, fmt.Errorf("%.80q: %w", name, err)
		}
		out[iri] = raw
	}
	return out, nil
}

func declared(list []string) (json.RawMessage, error) {
	if len(list) == 0 || len(list) > maxDeclared {
		return nil, undeclarable("there have to be 1 to %d values", maxDeclared)
	}
	for _, text := range list {
		if text == "" || len(text) > maxDeclaredText {
			return nil, undeclarable("a value has 1 to %d bytes", maxDeclaredText)
		}
	}
	if len(list) == 1 {
		return json.Marshal(list[0])
	}
	return json.Marshal(list)
}

// notDeclared is an ErrMalformed of a declaration, whose text does not speak of
// a policy.
type notDeclared string

func undeclarable(format string, args ...any) error {
	return notDeclared(fmt.Sprintf(format, args...))
}

func (e notDeclared) Error() string { return "it cannot be declared: " + string(e) }
func (notDeclared) Unwrap() error   { return ErrMalformed }
