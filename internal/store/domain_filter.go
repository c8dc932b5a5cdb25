// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"

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

// sortKey is Filter.SortKey in SQL.
const sortKey = `coalesce((SELECT t.value FROM asset_term t
	WHERE t.context = ? AND t.asset = a.id AND t.name = ? AND t.least), '')`

// selectPage selects the ids of a page and one more, each with its sort key.
// none says that nothing can be selected.
func (d *domain) selectPage(contextID string, q catalog.DatasetQuery) (s selection, none bool) {
	direction, after := ` ASC`, ` > `
	if descends(q) {
		direction, after = ` DESC`, ` < `
	}
	sorted := q.Filter.Sort != ""
	if sorted {
		s.add(`SELECT id, sort_key FROM (SELECT a.id, `+sortKey+` AS sort_key`, contextID, q.Filter.Sort)
	} else {
		s.add(`SELECT a.id, '' AS sort_key`)
	}
	s.add(visible, contextID, contextID, d.dialect.list(q.Access))
	for _, c := range q.Filter.Conditions {
		d.condition(&s, contextID, c)
	}
	switch c := q.Cursor; {
	case sorted && c != nil:
		s.add(`) k WHERE (sort_key, id)`+after+`(?, ?)`, c.Key, c.ID)
	case sorted:
		s.add(`) k`)
	case c == nil:
	case c.Key == "":
		s.add(` AND a.id`+after+`?`, c.ID)
	default: // every asset has the key ""
		none = !descends(q)
	}
	if sorted {
		s.add(` ORDER BY sort_key` + direction + `, id` + direction)
	} else {
		s.add(` ORDER BY a.id` + direction)
	}
	s.add(` LIMIT ? OFFSET ?`, q.Limit+1, max(q.Offset, 0))
	return s, none
}

// condition is Condition.matches in SQL.
func (d *domain) condition(s *selection, contextID string, c catalog.Condition) {
	like := c.Operator == catalog.Like
	switch {
	case like && len(c.Values) != 1:
		s.add(` AND 1 = 0`)
	case like && c.Field == "":
		s.add(` AND a.id`+d.dialect.like, d.dialect.pattern(c.Values[0]))
	case like:
		s.add(` AND EXISTS (SELECT 1 FROM asset_term t WHERE t.context = ? AND t.asset = a.id AND t.name = ? AND t.value`+
			d.dialect.like+`)`, contextID, c.Field, d.dialect.pattern(c.Values[0]))
	case c.Field == "":
		s.add(` AND a.id {in}`, d.dialect.list(c.Values))
	default:
		s.add(` AND a.id IN (SELECT t.asset FROM asset_term t WHERE t.context = ? AND t.name = ? AND t.value {in})`,
			contextID, c.Field, d.dialect.list(c.Values))
	}
}

// glob turns a pattern of Like into one of SQLite's GLOB, by which case counts.
var glob = strings.NewReplacer("%", "*", "_", "?", "*", "[*]", "?", "[?]", "[", "[[]")
