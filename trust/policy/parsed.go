// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"sync"
)

// The policies that were read last are kept as they were read: the messages
// about one offer hold the same text over and over. Parse is a function of its
// text, so nothing here goes stale. Texts that are large are read again, and so
// is whatever was refused.
const (
	maxParsedText  = 8 << 10 // of one
	maxParsedBytes = 1 << 20 // of all
	parsedFactor   = 4       // what is read takes so much more than its text
)

type parsedTexts struct {
	mu    sync.Mutex
	known map[string]Policy
	bytes int
}

var parsed parsedTexts

// get returns a policy of the caller's own.
func (t *parsedTexts) get(text []byte) (Policy, bool) {
	t.mu.Lock()
	p, ok := t.known[string(text)]
	t.mu.Unlock()
	if !ok {
		return Policy{}, false
	}
	return p.clone(), true
}

// keep takes a copy.
func (t *parsedTexts) keep(text []byte, p Policy) {
	if len(text) > maxParsedText {
		return
	}
	size, p := len(text)*parsedFactor, p.clone()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || t.bytes+size > maxParsedBytes {
		t.known, t.bytes = make(map[string]Policy), 0
	}
	if _, known := t.known[string(text)]; !known {
		t.known[string(text)] = p
		t.bytes += size
	}
}

// clone copies whatever of a policy a caller could change.
func (p Policy) clone() Policy {
	p.Profile = slices.Clone(p.Profile)
	p.Permissions, p.Prohibitions, p.Obligations = cloneRules(p.Permissions), cloneRules(p.Prohibitions), cloneRules(p.Obligations)
	return p
}

func cloneRules(list []Rule) []Rule {
	list = slices.Clone(list)
	for i := range list {
		list[i].Constraints = cloneConstraints(list[i].Constraints)
		list[i].Duties = cloneRules(list[i].Duties)
	}
	return list
}

func cloneConstraints(list []Constraint) []Constraint {
	list = slices.Clone(list)
	for i := range list {
		if joined, ok := list[i].(Logical); ok {
			joined.Constraints = cloneConstraints(joined.Constraints)
			list[i] = joined
		}
	}
	return list
}
