// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// There are four ways to the ids of a page. Which of them is short depends on
// how many assets a counterparty may see and on how many a filter takes, so
// that is looked at first, as far as it matters.
//
//	lookup  a filter names the ids: these are read
//	gather  few are visible, or few match: all of them are read and sorted
//	walk    of the next assets many are right: they are gone through in order
//	merge   else: the assets of each open access policy, or of each value that
//	        a filter takes, are a stream in order, and the streams are merged
const (
	fewRows = 1000 // are gathered at most
	scarce  = 8    // one of so many assets is enough to walk
	atOnce  = 4    // so many streams are merged without a look
	ahead   = 2    // pages are looked at
)

// picker finds the ids of a page.
type picker struct {
	*catalogs
	contextID string
	catalog.DatasetQuery
	from span // of the ids
}

// pick selects the ids of a page and one more, each with its sort key. none
// says that nothing can be selected.
func (d *catalogs) pick(ctx context.Context, contextID string, q catalog.DatasetQuery) (s selection, none bool, err error) {
	p := picker{catalogs: d, contextID: contextID, DatasetQuery: q}
	if !p.prepare() {
		return selection{}, true, nil
	}
	if ids, named := p.named(); named {
		return p.lookup(ids), false, nil
	}
	streams := append([]stream{p.visible()}, p.matching()...)
	if q.Filter.Sort == "" && len(q.Filter.Conditions) == 0 && len(q.Access) <= atOnce {
		return p.merge(streams[0]), false, nil
	}
	look, err := p.look(ctx, streams)
	if err != nil {
		return selection{}, false, err
	}
	best := look.best(streams)
	switch {
	case look.sizes[best] <= fewRows:
		return p.gather(streams[best]), false, nil
	case q.Filter.Sort != "" || look.both*scarce >= look.seen || look.both > q.Limit+q.Offset:
		return p.walk(), false, nil
	}
	return p.merge(streams[best]), false, nil
}

// reading keeps the statements of filters with at most one condition, which
// have few forms; of others strangers could make any number.
func (d *catalogs) reading(f catalog.Filter) func(context.Context, any, string, ...any) error {
	if len(f.Conditions) > 1 {
		return d.db.once
	}
	return d.db.query
}

// prepare says where the ids of the page lie.
func (p *picker) prepare() bool {
	switch c := p.Cursor; {
	case c == nil || p.Filter.Sort != "":
	case c.Key != "": // every asset has the key ""
		if !descends(p.DatasetQuery) {
			return false
		}
	case descends(p.DatasetQuery):
		p.from.below(c.ID)
	default:
		p.from.above(c.ID)
	}
	for _, c := range p.Filter.Conditions {
		if c.Operator != catalog.Like {
			continue
		}
		if len(c.Values) != 1 {
			return false
		}
		if c.Field == "" {
			p.from.within(beginnings(c.Values[0]))
		}
	}
	return true
}

// named are the ids that a filter names.
func (p *picker) named() (ids []string, named bool) {
	for _, c := range p.Filter.Conditions {
		if c.Field == "" && c.Operator != catalog.Like {
			return c.Values, true
		}
	}
	return nil, false
}

// sight is what a look found: how long the streams are, up to one more than
// fewRows, and how many of the next assets are visible, match, and do both.
type sight struct {
	sizes                         []int
	seen, visible, matching, both int
}

// best is the shortest stream or, where all are long, the one of which fewer
// were seen.
func (l sight) best(streams []stream) int {
	best := slices.Index(l.sizes, slices.Min(l.sizes))
	if l.sizes[best] <= fewRows {
		return best
	}
	if l.matching < l.visible {
		return 1 + slices.IndexFunc(streams[1:], func(s stream) bool { return s.order == byAsset })
	}
	return 0
}

// look takes one statement, which does not look ahead where a stream is short.
func (p *picker) look(ctx context.Context, streams []stream) (sight, error) {
	var s selection
	s.add(`WITH sizes(seen) AS MATERIALIZED (`)
	for i, st := range streams {
		if i > 0 {
			s.add(` UNION ALL `)
		}
		s.add(`SELECT count(*) FROM (SELECT 1 AS one`)
		p.flow(&s, st, fewRows+1)
		s.add(` LIMIT ?) c`, fewRows+1)
	}
	s.add(`) SELECT seen, 0 AS visible, 0 AS matching, 0 AS shown FROM sizes UNION ALL
		SELECT count(*), coalesce(sum(visible), 0), coalesce(sum(matching), 0), coalesce(sum(visible * matching), 0)
		FROM (SELECT CASE WHEN 1 = 1`)
	p.open(&s, `w.id`)
	s.add(` THEN 1 ELSE 0 END AS visible, CASE WHEN 1 = 1`)
	p.fit(&s, `w.id`, noCondition)
	s.add(` THEN 1 ELSE 0 END AS matching FROM (SELECT a.id FROM asset a WHERE a.context = ?`, p.contextID)
	p.from.add(&s, `a.id`)
	s.add(` ORDER BY a.id`+p.direction()+` LIMIT (SELECT CASE WHEN min(seen) > ? THEN ? ELSE 0 END FROM sizes)) w) c`, fewRows, ahead*(p.Limit+1))
	var rows []struct{ Seen, Visible, Matching, Shown int }
	if err := p.reading(p.Filter)(ctx, &rows, p.dialect.text.Replace(s.text), s.args...); err != nil {
		return sight{}, err
	}
	if len(rows) != len(streams)+1 {
		return sight{}, fmt.Errorf("a look at %d streams found %d rows", len(streams), len(rows))
	}
	last := rows[len(streams)]
	found := sight{seen: last.Seen, visible: last.Visible, matching: last.Matching, both: last.Shown}
	for _, r := range rows[:len(streams)] {
		found.sizes = append(found.sizes, r.Seen)
	}
	return found, nil
}
