// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"

	"github.com/musubi-ods/musubi/internal/cache"
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

// parsed keeps what nobody else holds; callers get a copy of their own.
var parsed = newParsed()

func newParsed() *cache.Cache[string, Policy] {
	return cache.New(maxParsedBytes, func(text string, _ Policy) int { return len(text) * parsedFactor })
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
