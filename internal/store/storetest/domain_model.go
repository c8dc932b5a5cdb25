// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// oracle is the contract of catalog.Store in its plainest words: everything is
// looked at for every answer.
type oracle struct {
	assets map[string]catalog.Asset
	offers map[string]catalog.Offer
}

func (o *oracle) row(a catalog.Asset, access []string) catalog.Row {
	row := catalog.Row{Asset: a}
	row.Asset.Labels, row.Asset.Source = nil, catalog.Source{}
	for _, id := range slices.Sorted(maps.Keys(o.offers)) {
		f := o.offers[id]
		if f.Assets.Matches(a) && slices.Contains(access, f.Access.Hash()) {
			row.Offers = append(row.Offers, catalog.RowOffer{ID: id, Assets: f.Assets, Usage: f.Usage.Hash()})
		}
	}
	return row
}

func (o *oracle) datasets(q catalog.DatasetQuery) (rows []catalog.Row, more bool) {
	order := func(a, b catalog.Cursor) int {
		n := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
		if q.Filter.Descending {
			return -n
		}
		return n
	}
	at := func(r catalog.Row) catalog.Cursor {
		return catalog.Cursor{Key: q.Filter.SortKey(r.Asset), ID: r.Asset.ID}
	}
	for _, a := range o.assets {
		if r := o.row(a, q.Access); len(r.Offers) > 0 && q.Filter.Matches(a) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b catalog.Row) int { return order(at(a), at(b)) })
	if q.Cursor != nil {
		rows = slices.DeleteFunc(rows, func(r catalog.Row) bool {
			n := order(at(r), *q.Cursor)
			return n == 0 || n > 0 == q.Backward
		})
	}
	if q.Backward {
		end := max(0, len(rows)-q.Offset)
		begin := max(0, end-q.Limit)
		return rows[begin:end], begin > 0
	}
	begin := min(q.Offset, len(rows))
	end := min(begin+q.Limit, len(rows))
	return rows[begin:end], end < len(rows)
}

var (
	anID     = rapid.SampledFrom([]string{"a", "b", "c", "A", "é", "a:1"})
	aLabel   = rapid.SampledFrom([]string{"k", "l"})
	aValue   = rapid.SampledFrom([]string{"", "x", "X", "xy", "x_y", "%", "日", "yx"})
	someText = rapid.SliceOfN(aValue, 1, 3)
	labels   = rapid.MapOfN(aLabel, rapid.SampledFrom([]string{"v", "w"}), 0, 2)
	aPolicy  = rapid.SampledFrom([]policy.Policy{open, closed, usage})
	aField   = rapid.SampledFrom([]string{"", title, "https://example.org/ns#n"})
)

func drawAsset(t *rapid.T) catalog.Asset {
	a := plain(anID.Draw(t, "asset"))
	a.Labels = labels.Draw(t, "labels")
	a.Properties = map[string]any{}
	for _, name := range []string{"dct:title", "https://example.org/ns#n"} {
		var list []any
		for _, v := range rapid.SliceOfN(aValue, 0, 2).Draw(t, name) {
			list = append(list, v)
		}
		if list != nil {
			a.Properties[name] = list
		}
	}
	return a
}

func drawOffer(t *rapid.T) catalog.Offer {
	o := catalog.Offer{ID: anID.Draw(t, "offer"), Access: aPolicy.Draw(t, "access"), Usage: aPolicy.Draw(t, "usage"), Created: t0, Updated: t0}
	switch rapid.IntRange(0, 2).Draw(t, "selector") {
	case 0:
		o.Assets.All = true
	case 1:
		o.Assets.IDs = rapid.SliceOfNDistinct(anID, 1, 3, rapid.ID).Draw(t, "ids")
	default:
		o.Assets.Labels = rapid.MapOfN(aLabel, rapid.SampledFrom([]string{"v", "w"}), 1, 2).Draw(t, "asked")
	}
	return o
}

func drawQuery(t *rapid.T) catalog.DatasetQuery {
	q := catalog.DatasetQuery{Limit: rapid.IntRange(1, 4).Draw(t, "limit"), Offset: rapid.SampledFrom([]int{0, 0, 1, 2, 9}).Draw(t, "offset")}
	for _, p := range rapid.SliceOfN(aPolicy, 0, 3).Draw(t, "open") {
		q.Access = append(q.Access, p.Hash())
	}
	q.Filter.Sort, q.Filter.Descending = aField.Draw(t, "sort"), rapid.Bool().Draw(t, "descending")
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "conditions") {
		c := catalog.Condition{Field: aField.Draw(t, "field"), Operator: rapid.SampledFrom([]string{"=", "in", "like"}).Draw(t, "operator")}
		if c.Values = someText.Draw(t, "values"); c.Operator != catalog.In {
			c.Values = c.Values[:1]
		}
		if c.Operator == catalog.Like {
			c.Values[0] = rapid.SampledFrom([]string{"", "%", "_"}).Draw(t, "before") + c.Values[0] + rapid.SampledFrom([]string{"", "%", "_"}).Draw(t, "after")
		}
		q.Filter.Conditions = append(q.Filter.Conditions, c)
	}
	if rapid.Bool().Draw(t, "from a cursor") {
		q.Cursor = &catalog.Cursor{ID: anID.Draw(t, "cursor")}
		if q.Filter.Sort != "" {
			q.Cursor.Key = aValue.Draw(t, "key")
		}
		q.Backward = rapid.Bool().Draw(t, "backward")
	}
	return q
}

// model compares the store with the oracle after any publications and
// withdrawals.
func (b *box) model() {
	runs := 0
	rapid.Check(b.T, func(t *rapid.T) {
		runs++
		contextID := fmt.Sprint("run-", runs)
		o := &oracle{map[string]catalog.Asset{}, map[string]catalog.Offer{}}
		for range rapid.IntRange(1, 4).Draw(t, "writes") {
			b.change(t, contextID, o)
		}
		for range rapid.IntRange(1, 4).Draw(t, "reads") {
			q := drawQuery(t)
			want, wantMore := o.datasets(q)
			got, more, err := b.d().Datasets(b.ctx, contextID, q)
			if err != nil || more != wantMore || !alike(got, want) {
				t.Fatalf("%+v: %v\ngot  %+v, more %t\nwant %+v, more %t", q, err, got, more, want, wantMore)
			}
		}
	})
}

// change writes to both.
func (b *box) change(t *rapid.T, contextID string, o *oracle) {
	if len(o.assets) > 0 && rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
		gone := rapid.SampledFrom(slices.Sorted(maps.Keys(o.assets))).Draw(t, "gone")
		delete(o.assets, gone)
		if err := b.d().Withdraw(b.ctx, contextID, []string{gone}, nil); err != nil {
			t.Fatal(err)
		}
		return
	}
	batch := catalog.Batch{
		Assets: rapid.SliceOfNDistinct(rapid.Custom(drawAsset), 0, 4, func(a catalog.Asset) string { return a.ID }).Draw(t, "assets"),
		Offers: rapid.SliceOfNDistinct(rapid.Custom(drawOffer), 0, 3, func(o catalog.Offer) string { return o.ID }).Draw(t, "offers"),
	}
	known := maps.Clone(o.assets)
	for _, a := range batch.Assets {
		known[a.ID] = a
	}
	refuse := slices.ContainsFunc(batch.Offers, func(f catalog.Offer) bool {
		return slices.ContainsFunc(f.Assets.IDs, func(id string) bool { _, ok := known[id]; return !ok })
	})
	err := b.d().Publish(b.ctx, contextID, batch)
	if (err != nil) != refuse {
		t.Fatalf("publishing %+v: %v", batch, err)
	}
	if refuse {
		return
	}
	o.assets = known
	for _, f := range batch.Offers {
		o.offers[f.ID] = f
	}
}

func alike(a, b []catalog.Row) bool { return gocmp.Equal(a, b, cmpopts.EquateEmpty()) }
