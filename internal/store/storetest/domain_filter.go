// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// title is the full name of dct:title.
const title = "http://purl.org/dc/terms/title"

var filters = []contract{
	{"a field is a property by its full name, or the id", func(b *box) {
		a, c := plain("a"), plain("b")
		a.Properties, c.Properties = map[string]any{"dct:title": "x"}, map[string]any{title: "x", "dct:creator": "y"}
		b.publish([]catalog.Asset{a, c}, offer("o", all))
		b.filtered([]string{"a", "b"}, catalog.Condition{Field: title, Operator: "=", Values: []string{"x"}})
		b.filtered([]string{"b"}, catalog.Condition{Operator: "=", Values: []string{"b"}})
		b.filtered(nil, catalog.Condition{Field: "dct:title", Operator: "=", Values: []string{"x"}})
	}},
	{"a field without a value meets nothing; of several values one has to", func(b *box) {
		values(b, "x", []any{"y", "z"}, nil)
		b.filtered([]string{"1"}, catalog.Condition{Field: title, Operator: "=", Values: []string{"z"}})
		b.filtered([]string{"0", "1"}, catalog.Condition{Field: title, Operator: "like", Values: []string{"%"}})
		b.filtered([]string{"0", "1"}, catalog.Condition{Field: title, Operator: "in", Values: []string{"x", "z", "nothing"}})
		b.filtered([]string{"0", "2"}, catalog.Condition{Operator: "in", Values: []string{"2", "0", "9"}})
	}},
	{"all conditions hold", func(b *box) {
		values(b, "x", []any{"x", "y"}, "y")
		x := catalog.Condition{Field: title, Operator: "=", Values: []string{"x"}}
		y := catalog.Condition{Field: title, Operator: "=", Values: []string{"y"}}
		b.filtered([]string{"1"}, x, y)
		b.filtered([]string{"1"}, y, catalog.Condition{Operator: "like", Values: []string{"1"}})
	}},
	{"numbers and booleans are compared as JSON writes them", func(b *box) {
		values(b, 1.5, true, 1e21, 100.0)
		for i, text := range []string{"1.5", "true", "1e+21", "100"} {
			b.filtered([]string{fmt.Sprint(i)}, catalog.Condition{Field: title, Operator: "=", Values: []string{text}})
		}
	}},
	{"like: % is any characters, _ is one, there is no escape, and case counts", func(b *box) {
		texts := []any{"battery", "Battery", "b%tt_ry", `b\%`, "日本語", "[a]*?", "a\nb", "", "x'y"}
		values(b, texts...)
		for pattern, want := range map[string][]string{
			"battery": {"0"}, "b%": {"0", "2", "3"}, "%tt%": {"0", "1", "2"}, "_attery": {"0", "1"}, "b_tt_ry": {"0", "2"}, "b%%ry": {"0", "2"},
			`b\%`: {"3"}, `b\\%`: nil, "日_語": {"4"}, "__語": {"4"}, "___": {"3", "4", "6", "8"}, "[a]*?": {"5"}, "[a]%": {"5"}, "[b]%": nil, "*": nil, "?": nil,
			"a_b": {"6"}, "": {"7"}, "%": {"0", "1", "2", "3", "4", "5", "6", "7", "8"}, "%'%": {"8"}, "_": nil,
		} {
			b.filtered(want, catalog.Condition{Field: title, Operator: "like", Values: []string{pattern}})
		}
		b.filtered([]string{"3"}, catalog.Condition{Operator: "like", Values: []string{"3%"}})
	}},
	{"only what matches is counted, skipped or returned", func(b *box) {
		values(b, "x", "y", "x", "y", "x", "x")
		q := query(1)
		q.Filter.Conditions = []catalog.Condition{{Field: title, Operator: "=", Values: []string{"x"}}}
		q.Offset = 1
		b.shows(q, true, "2")
		q.Offset, q.Cursor = 0, &catalog.Cursor{ID: "3"}
		b.shows(q, true, "4")
		q.Cursor = &catalog.Cursor{ID: "4"}
		b.shows(q, false, "5")
	}},
	{"a filter follows the asset when that is edited", func(b *box) {
		values(b, "x", "y")
		a := plain("0")
		a.Properties = map[string]any{"dct:title": "y"}
		b.publish([]catalog.Asset{a})
		b.filtered([]string{"0", "1"}, catalog.Condition{Field: title, Operator: "=", Values: []string{"y"}})
		b.filtered(nil, catalog.Condition{Field: title, Operator: "=", Values: []string{"x"}})
	}},
	{"values are data, whatever they look like", func(b *box) {
		texts := []any{`'; DROP TABLE asset; --`, `"`, `\`, "?", "$1", `["x"]`, "{in}"}
		values(b, texts...)
		for i, text := range texts {
			b.filtered([]string{fmt.Sprint(i)}, catalog.Condition{Field: title, Operator: "=", Values: []string{text.(string)}})
		}
		b.filtered(nil, catalog.Condition{Field: `x' OR '1'='1`, Operator: "=", Values: []string{"x"}})
	}},
}

// values publishes assets 0, 1, 2, ... with these titles.
func values(b *box, titles ...any) {
	b.Helper()
	var list []catalog.Asset
	for i, value := range titles {
		a := plain(fmt.Sprint(i))
		if value != nil {
			a.Properties = map[string]any{"dct:title": value}
		}
		list = append(list, a)
	}
	b.publish(list, offer("o", all))
}

// filtered checks which assets meet the conditions.
func (b *box) filtered(want []string, conditions ...catalog.Condition) {
	b.Helper()
	q := query(100)
	q.Filter.Conditions = conditions
	got, _ := b.page(q)
	if !slices.Equal(got, want) {
		b.Fatalf("%+v finds %q, want %q", conditions, got, want)
	}
}
