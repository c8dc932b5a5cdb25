// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/catalog"
)

// selection is a statement that is being put together.
type selection struct {
	text string
	args []any
}

func (s *selection) add(text string, args ...any) {
	s.text += text
	s.args = append(s.args, args...)
}

// sought is of how many access policies each is sought among the pairs of an
// asset; with more, the pairs are gone through. || keeps an index from being used.
const sought = 8

// among keeps the access policies of pairs from being sought, where these are many.
func among(access []string) string {
	if len(access) > sought {
		return ` || ''`
	}
	return ``
}

// open adds that an asset is visible. A subquery with a LIMIT is never turned
// into a join over all pairs.
func (p *picker) open(s *selection, id string) {
	s.add(` AND (SELECT 1 FROM offer_asset o WHERE o.context = ? AND o.asset = `+id+` AND o.access`+among(p.Access)+` {in} LIMIT 1) = 1`,
		p.contextID, p.dialect.list(p.Access))
}

// fit adds the conditions of the filter but one.
func (p *picker) fit(s *selection, id string, but int) {
	for i, c := range p.Filter.Conditions {
		if i != but {
			p.meet(s, id, c)
		}
	}
}

// meet is Condition.matches in SQL.
func (p *picker) meet(s *selection, id string, c catalog.Condition) {
	is, value := ` {in}`, p.dialect.list(c.Values)
	if c.Operator == catalog.Like {
		is, value = p.dialect.like, p.dialect.pattern(c.Values[0])
	}
	if c.Field == "" {
		s.add(` AND `+id+is, value)
		return
	}
	s.add(` AND (SELECT 1 FROM asset_term t WHERE t.context = ? AND t.asset = `+id+` AND t.name = ? AND t.value || ''`+is+` LIMIT 1) = 1`,
		p.contextID, c.Field, value)
}

// glob turns a pattern of Like into one of SQLite's GLOB, by which case counts.
var glob = strings.NewReplacer("%", "*", "_", "?", "*", "[*]", "?", "[?]", "[", "[[]")

// span is where ids lie. Empty texts are no ends.
type span struct {
	after, least  string // greater than, and at least
	before, under string // less than, both
}

func (r *span) above(id string) { r.after = id }
func (r *span) below(id string) { r.before = id }

func (r *span) within(low, high string) {
	r.least = max(r.least, low)
	if high != "" && (r.under == "" || high < r.under) {
		r.under = high
	}
}

// add narrows an index to the span: one end of each side, the nearer one.
func (r *span) add(s *selection, id string) {
	switch {
	case r.after != "" && r.after >= r.least:
		s.add(` AND `+id+` > ?`, r.after)
	case r.least != "":
		s.add(` AND `+id+` >= ?`, r.least)
	}
	switch {
	case r.before != "" && (r.under == "" || r.before <= r.under):
		s.add(` AND `+id+` < ?`, r.before)
	case r.under != "":
		s.add(` AND `+id+` < ?`, r.under)
	}
}

// beginnings are the least text that fits a pattern of Like, and the least
// above all that may; "" where there is no such.
func beginnings(pattern string) (low, high string) {
	low = pattern
	if i := strings.IndexAny(pattern, "%_"); i >= 0 {
		low = pattern[:i]
	}
	for rest := low; rest != ""; {
		r, size := utf8.DecodeLastRuneInString(rest)
		if rest = rest[:len(rest)-size]; r < utf8.MaxRune {
			if r++; r == 0xD800 { // no text has what lies between
				r = 0xE000
			}
			return low, rest + string(r)
		}
	}
	return low, ""
}
