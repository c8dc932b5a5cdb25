// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/musubi-ods/musubi/catalog"
)

// stream is where assets can be read from, of one value after another.
type stream struct {
	values []string // h.value is one of them
	table  string   // v
	where  string
	args   []any
	order  string // of an index, for each value
	// access says that all of its assets are visible, condition that they meet
	// this one.
	access    bool
	condition int
}

const (
	noCondition = -1
	byAsset     = `v.asset`
)

// visible are the assets of the open access policies.
func (p *picker) visible() stream {
	return stream{
		values: p.Access, table: `offer_asset v`, where: `v.context = ? AND v.access = h.value`, args: []any{p.contextID},
		order: byAsset, access: true, condition: noCondition,
	}
}

// maxStreams bounds what is looked at of a filter with many conditions.
const maxStreams = 4

// matching are the assets that meet a condition, for each that an index answers.
func (p *picker) matching() (list []stream) {
	for i, c := range p.Filter.Conditions {
		low, high := "", ""
		if c.Operator == catalog.Like {
			low, high = beginnings(c.Values[0])
		}
		switch {
		case c.Field == "" || len(list) == maxStreams || c.Operator == catalog.Like && low == "":
		case c.Operator == catalog.Like:
			// What lies between the two need not fit the pattern.
			s := stream{values: []string{""}, table: `asset_term v`, order: `v.value`, condition: noCondition}
			s.where, s.args = `v.context = ? AND v.name = ? AND v.value >= ?`, []any{p.contextID, c.Field, low}
			if high != "" {
				s.where, s.args = s.where+` AND v.value < ?`, append(s.args, high)
			}
			list = append(list, s)
		default:
			list = append(list, stream{
				values: c.Values, table: `asset_term v`, where: `v.context = ? AND v.name = ? AND v.value = h.value`,
				args: []any{p.contextID, c.Field}, order: byAsset, condition: i,
			})
		}
	}
	return list
}

// flow adds FROM and WHERE of the whole of a stream, to so many rows of each value.
func (p *picker) flow(s *selection, st stream, most int) {
	s.add(` FROM {each} h CROSS JOIN `, p.dialect.list(st.values))
	if p.dialect.fence == "" {
		s.add(st.table+` WHERE `+st.where, st.args...)
		return
	}
	s.add(`LATERAL (SELECT v.asset FROM `+st.table+` WHERE `+st.where, st.args...)
	s.add(` ORDER BY ` + st.order)
	s.add(p.dialect.fence, most)
}

// begin begins to select ids, with their sort keys.
func (p *picker) begin(s *selection, id string) {
	if p.Filter.Sort == "" {
		s.add(`SELECT DISTINCT ` + id + ` AS id, '' AS sort_key`)
		return
	}
	s.add(`SELECT id, sort_key FROM (SELECT DISTINCT `+id+` AS id, coalesce((SELECT t.value FROM asset_term t
		WHERE t.context = ? AND t.asset = `+id+` AND t.name = ? AND t.least), '') AS sort_key`, p.contextID, p.Filter.Sort)
}

func (p *picker) direction() string {
	if descends(p.DatasetQuery) {
		return ` DESC`
	}
	return ` ASC`
}

// end orders ids and cuts the page off.
func (p *picker) end(s *selection) {
	order := ` ORDER BY id` + p.direction()
	if p.Filter.Sort != "" {
		order = ` ORDER BY sort_key` + p.direction() + `, id` + p.direction()
		s.add(`) k`)
		if c := p.Cursor; c != nil {
			s.add(` WHERE (sort_key, id)`+map[bool]string{true: ` < `, false: ` > `}[descends(p.DatasetQuery)]+`(?, ?)`, c.Key, c.ID)
		}
	}
	s.add(order+` LIMIT ? OFFSET ?`, p.Limit+1, max(p.Offset, 0))
}

// lookup reads the assets that a filter names.
func (p *picker) lookup(ids []string) (s selection) {
	p.begin(&s, `a.id`)
	s.add(` FROM asset a WHERE a.context = ? AND a.id {in}`, p.contextID, p.dialect.list(ids))
	p.from.add(&s, `a.id`)
	p.open(&s, `a.id`)
	p.fit(&s, `a.id`, noCondition)
	p.end(&s)
	return s
}

// walk goes through the assets.
func (p *picker) walk() (s selection) {
	p.begin(&s, `a.id`)
	s.add(` FROM asset a WHERE a.context = ?`, p.contextID)
	p.from.add(&s, `a.id`)
	p.open(&s, `a.id`)
	p.fit(&s, `a.id`, noCondition)
	p.end(&s)
	return s
}

// gather reads a stream to its end.
func (p *picker) gather(st stream) (s selection) {
	p.begin(&s, `v.asset`)
	p.flow(&s, st, 10*fewRows)
	if p.dialect.fence != "" {
		s.add(` WHERE true`)
	}
	p.rest(&s, st)
	p.end(&s)
	return s
}

// rest adds what a stream does not settle by itself.
func (p *picker) rest(s *selection, st stream) {
	p.from.add(s, `v.asset`)
	if !st.access {
		p.open(s, `v.asset`)
	}
	p.fit(s, `v.asset`, st.condition)
}

// merge reads of each value as many assets as the page may need. Values whose
// first asset lies behind as many others cannot add to the page.
func (p *picker) merge(st stream) (s selection) {
	need := p.Limit + 1 + max(p.Offset, 0)
	next := func(limit int) (s selection) {
		s.add(`SELECT DISTINCT v.asset FROM `+st.table+` WHERE `+st.where, st.args...)
		p.rest(&s, st)
		s.add(` ORDER BY v.asset`+p.direction()+` LIMIT ?`, limit)
		return s
	}
	s.add(`SELECT DISTINCT x.value AS id, '' AS sort_key FROM `)
	if len(st.values) <= atOnce {
		s.add(`{each} h`, p.dialect.list(st.values))
	} else {
		reach, last := ` <= `, `max`
		if descends(p.DatasetQuery) {
			reach, last = ` >= `, `min`
		}
		head := next(1)
		s.add(`(WITH heads AS MATERIALIZED (SELECT h.value, (`+head.text+`) AS first FROM {each} h)
			SELECT value FROM heads WHERE first`+reach+`coalesce((SELECT DISTINCT first FROM heads WHERE first IS NOT NULL
				ORDER BY first`+p.direction()+` LIMIT 1 OFFSET ?), (SELECT `+last+`(first) FROM heads))) h`,
			append(head.args, p.dialect.list(st.values), need-1)...)
	}
	each := next(need)
	s.add(` CROSS JOIN `+p.dialect.lateral[0]+each.text+p.dialect.lateral[1], each.args...)
	p.end(&s)
	return s
}
