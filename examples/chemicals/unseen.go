// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// telling reports whether a text is worth looking for: short ones are found by
// chance.
func telling(text string) bool {
	return len(text) > 4 || len(text) == 4 && strings.ContainsAny(text, "0123456789")
}

// unseen says what is nowhere in all that the maker of the final product
// received.
func (s *scene) unseen() {
	c := s.final()
	if len(s.companies) == 1 {
		return
	}
	content, _ := s.tap.Received()
	content = dataspace.Readable(content)
	s.say("\nEvery byte that %s received was kept: requests, answers, tokens and what is in them.\n", c.ID)
	s.say("  Looked for and not there:\n")
	found := s.lookFor(content, "names, corporate numbers, participant ids and parts of companies that it does not deal with", s.further())
	found = append(found, s.lookFor(content, "what the parts of all suppliers are made of: nodes, materials, substances, contents, masses", s.recipes())...)
	if found != nil {
		s.say("  But there is: %s\n", strings.Join(found, ", "))
	}
	s.say("  Looked for in the same way and there: %s\n", strings.Join(s.present(content), ", "))
}

func (s *scene) lookFor(content []byte, what string, texts []string) (found []string) {
	for _, text := range texts {
		if bytes.Contains(content, []byte(text)) {
			found = append(found, text)
		}
	}
	s.say("    %s: %d texts\n", what, len(texts)-len(found))
	return found
}

// further are texts that name companies which the maker of the final product
// does not deal with.
func (s *scene) further() []string {
	texts := map[string]bool{}
	for _, c := range s.companies[:len(s.companies)-1] {
		if !slices.Contains(s.final().Suppliers(), c.ID) {
			for _, text := range []string{c.Name, c.Number, c.DID, c.Bill.Part, c.Bill.Root().Name} {
				texts[text] = true
			}
		}
	}
	return s.secret(texts)
}

// recipes are texts that stand in the bills of the suppliers.
func (s *scene) recipes() []string {
	texts := map[string]bool{}
	for _, c := range s.companies[:len(s.companies)-1] {
		for _, n := range c.Bill.Nodes {
			if n.ID != c.Bill.Part {
				texts[n.ID], texts[n.Name] = true, true
			}
			texts[n.Mass.String()] = true
			for _, row := range n.Rows {
				for _, text := range []string{row.Name, string(row.CAS), row.Min.String(), row.Max.String()} {
					texts[text] = true
				}
			}
		}
	}
	return s.secret(texts)
}

// secret leaves out what is too short, and what the maker of the final product
// knows by itself: its own bill, and what it asks about.
func (s *scene) secret(texts map[string]bool) []string {
	var own strings.Builder
	for _, n := range s.final().Bill.Nodes {
		own.WriteString(n.ID + "\n" + n.Name + "\n" + n.Mass.String() + "\n")
	}
	for _, q := range s.in.questions {
		own.WriteString(q.List + "\n" + q.Entry + "\n")
	}
	var list []string
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		if telling(text) && !strings.Contains(own.String(), text) {
			list = append(list, text)
		}
	}
	return list
}

// present is what the maker of the final product may know, and received.
func (s *scene) present(content []byte) []string {
	var list []string
	for _, supplier := range s.final().Suppliers() {
		c := s.byID[supplier]
		for _, text := range []string{c.Label(), c.Number, verdictID(c.Bill.Part)} {
			if bytes.Contains(content, []byte(text)) {
				list = append(list, text)
			}
		}
	}
	for _, state := range []substance.State{substance.Above, substance.Below, substance.Unknown, substance.Absent, substance.NotListed} {
		if bytes.Contains(content, []byte(`"verdict":"`+state+`"`)) {
			list = append(list, "the verdict "+string(state))
		}
	}
	return list
}
