// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// shown publishes five assets a to e, of which c is closed.
func shown(b *box) {
	b.Helper()
	shut := offer("shut", named("c", "e"))
	shut.Access = closed
	b.publish([]catalog.Asset{plain("a"), plain("b"), plain("c"), plain("d"), plain("e")},
		offer("o", named("a", "b", "d", "e")), offer("one", named("a")), shut)
}

// query returns a query of what is open.
func query(limit int) catalog.DatasetQuery {
	return catalog.DatasetQuery{Access: []string{open.Hash()}, Limit: limit}
}

// page returns the ids of a page.
func (b *box) page(q catalog.DatasetQuery) (ids []string, more bool) {
	b.Helper()
	rows, more, err := b.d().Datasets(b.ctx, owner, q)
	b.must(err)
	for _, r := range rows {
		ids = append(ids, r.Asset.ID)
	}
	return ids, more
}

// shows checks a page and whether there is more.
func (b *box) shows(q catalog.DatasetQuery, more bool, want ...string) {
	b.Helper()
	got, gotMore := b.page(q)
	if !slices.Equal(got, want) || more != gotMore {
		b.Fatalf("%+v shows %q, more %t; want %q, %t", q, got, gotMore, want, more)
	}
}

var datasets = []contract{
	{"only what has a visible offer is shown, with all visible offers and no other", func(b *box) {
		shown(b)
		b.equal("open", b.pairsUnder(open.Hash()), []string{"a o", "a one", "b o", "d o", "e o"})
		b.equal("closed", b.pairsUnder(closed.Hash()), []string{"c shut", "e shut"})
		b.equal("both", b.pairs(), []string{"a o", "a one", "b o", "c shut", "d o", "e o", "e shut"})
		b.equal("unknown", b.pairsUnder(usage.Hash()), []string(nil))
		b.equal("none", b.pairsUnder(), []string(nil))
	}},
	{"a row has neither source nor labels, and offers their selector and the hash of their usage", func(b *box) {
		s := labelled("kind", "battery")
		b.publish([]catalog.Asset{asset("a")}, offer("o", all), offer("p", s))
		want := catalog.Row{Asset: asset("a"), Offers: []catalog.RowOffer{
			{ID: "o", Assets: all, Usage: usage.Hash()}, {ID: "p", Assets: s, Usage: usage.Hash()},
		}}
		want.Asset.Source, want.Asset.Labels = catalog.Source{}, nil
		rows, _, err := b.d().Datasets(b.ctx, owner, query(5))
		b.must(err)
		b.equal("rows", rows, []catalog.Row{want})
		row, err := b.d().Dataset(b.ctx, owner, "a", []string{open.Hash()})
		b.must(err)
		b.equal("row", row, want)
	}},
	{"Dataset is ErrNotFound where Datasets would return none", func(b *box) {
		shown(b)
		for id, access := range map[string][]string{"c": {open.Hash()}, "x": {open.Hash()}, "a": nil, "b": {closed.Hash(), usage.Hash()}} {
			if _, err := b.d().Dataset(b.ctx, owner, id, access); !errors.Is(err, catalog.ErrNotFound) {
				b.Fatalf("%s: %v", id, err)
			}
		}
	}},
	{"pages go on after the cursor, whether or not its asset still exists", func(b *box) {
		shown(b)
		q := query(2)
		b.shows(q, true, "a", "b")
		q.Cursor = &catalog.Cursor{ID: "b"}
		b.shows(q, false, "d", "e")
		b.withdraw([]string{"b"}, nil)
		b.shows(q, false, "d", "e")
		q.Cursor = &catalog.Cursor{ID: "e"}
		b.shows(q, false)
	}},
	{"Backward returns those that come last before the cursor, in the same order", func(b *box) {
		shown(b)
		q := query(2)
		q.Backward, q.Cursor = true, &catalog.Cursor{ID: "e"}
		b.shows(q, true, "b", "d")
		q.Cursor = &catalog.Cursor{ID: "b"}
		b.shows(q, false, "a")
		q.Cursor = &catalog.Cursor{ID: "a"}
		b.shows(q, false)
	}},
	{"Offset skips in the direction of travel", func(b *box) {
		shown(b)
		q := query(2)
		q.Offset = 1
		b.shows(q, true, "b", "d")
		q.Offset = 3
		b.shows(q, false, "e")
		q.Offset = 4
		b.shows(q, false)
		q.Offset, q.Backward, q.Cursor = 1, true, &catalog.Cursor{ID: "e"}
		b.shows(q, false, "a", "b")
	}},
	{"Descending turns the order round", func(b *box) {
		shown(b)
		q := query(3)
		q.Filter.Descending = true
		b.shows(q, true, "e", "d", "b")
		q.Cursor = &catalog.Cursor{ID: "b"}
		b.shows(q, false, "a")
		q.Backward = true
		b.shows(q, false, "e", "d")
	}},
	{"a sort field orders by its least value, then by id; what has none comes first", func(b *box) {
		var list []catalog.Asset
		for id, value := range map[string]any{"a": "z", "b": []any{"y", "m"}, "c": nil, "d": "m", "e": "Z", "f": 5.0} {
			a := plain(id)
			if value != nil {
				a.Properties = map[string]any{"dct:title": value}
			}
			list = append(list, a)
		}
		b.publish(list, offer("o", all))
		q := query(10)
		q.Filter.Sort = title
		b.shows(q, false, "c", "f", "e", "b", "d", "a")
		q.Filter.Descending = true
		b.shows(q, false, "a", "d", "b", "e", "f", "c")
		q.Limit, q.Cursor = 2, &catalog.Cursor{Key: "m", ID: "b"}
		b.shows(q, true, "e", "f")
		q.Filter.Descending = false
		b.shows(q, false, "d", "a")
		q.Cursor = &catalog.Cursor{Key: "n", ID: "gone"}
		b.shows(q, false, "a")
		q.Backward = true
		b.shows(q, true, "b", "d")
	}},
	{"without a sort field every asset has the key \"\"", func(b *box) {
		shown(b)
		q := query(9)
		q.Cursor = &catalog.Cursor{Key: "x", ID: "b"}
		b.shows(q, false)
		q.Backward = true
		b.shows(q, false, "a", "b", "d", "e")
	}},
	{"order is that of the bytes, whatever the locale", func(b *box) {
		var list []catalog.Asset
		for _, id := range []string{"é", "a-b", "ab", "B", "a", "日", "Ａ", "~"} {
			list = append(list, plain(id))
		}
		b.publish(list, offer("o", all))
		got, _ := b.page(query(99))
		b.equal("ids", got, []string{"B", "a", "a-b", "ab", "~", "é", "日", "Ａ"})
	}},
	{"there is more exactly if there is", func(b *box) {
		var list []catalog.Asset
		for i := range 6 {
			list = append(list, plain(fmt.Sprint("a", i)))
		}
		b.publish(list, offer("o", all))
		for limit := 1; limit < 8; limit++ {
			got, more := b.page(query(limit))
			b.equal("length", len(got), min(limit, 6))
			b.equal("more", more, limit < 6)
		}
	}},
	{"every page is what the contract's own words give", func(b *box) { b.model() }},
}
