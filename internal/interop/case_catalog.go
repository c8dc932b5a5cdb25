// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// paged is how many datasets are on show: more than two pages of EDC's.
const paged = 120

func pagedID(i int) string { return fmt.Sprintf("paged-%03d", i) }

// catalogCases read a catalogue of many datasets, and parts of it.
func (w *World) catalogCases() []Case {
	return []Case{
		{"provider: catalogue in pages", func(ctx context.Context) error {
			if err := w.publishManyOurs(ctx); err != nil {
				return err
			}
			var seen []string
			for offset := 0; offset <= paged; offset += 50 {
				page, err := w.EDC.Catalog(ctx, w.Peer, object{"@type": "QuerySpec", "offset": offset, "limit": 50})
				if err != nil {
					return err
				}
				seen = append(seen, idsOf(page)...)
			}
			return pagedOnce(seen)
		}},
		{"provider: catalogue filtered by id, by property, by pattern and by list", func(ctx context.Context) error {
			return filtered("http://purl.org/dc/terms/title", 7, func(query object) ([]string, error) {
				found, err := w.EDC.Catalog(ctx, w.Peer, query)
				return idsOf(found), err
			})
		}},
		{"consumer: catalogue in pages", func(ctx context.Context) error {
			if err := w.publishManyTheirs(ctx); err != nil {
				return err
			}
			seen, err := w.theirCatalog(ctx, nil)
			if err != nil {
				return err
			}
			return pagedOnce(seen)
		}},
		{"consumer: catalogue filtered by id, by property, by pattern and by list", func(ctx context.Context) error {
			// A limit is the length of a page, and our client reads them all.
			return filtered(EDCNamespace+"name", paged-10, func(query object) ([]string, error) { return w.theirCatalog(ctx, query) })
		}},
	}
}

func (w *World) publishManyOurs(ctx context.Context) error {
	var assets []object
	var ids []string
	for i := range paged {
		id := pagedID(i)
		ids = append(ids, id)
		assets = append(assets, object{
			"id": id, "properties": object{"dct:title": "title " + id}, "formats": []string{pull},
			"source": object{"type": "http", "url": w.Source.URL(id)},
		})
	}
	return w.Post(ctx, "/catalog", object{
		"assets": assets, "offers": []object{{"id": "offer-paged", "assets": object{"ids": ids}, "access": use, "usage": use}},
	}, nil)
}

func (w *World) publishManyTheirs(ctx context.Context) error {
	if err := w.EDC.Offer(ctx, "paged", Criterion(EDCNamespace+"name", "like", "title paged-%"), use); err != nil {
		return err
	}
	for i := range paged {
		id := pagedID(i)
		if err := w.EDC.Asset(ctx, id, w.Source.URL(id), object{"name": "title " + id}); err != nil {
			return err
		}
	}
	return nil
}

// theirCatalog asks the EDC through our connector, which follows its pages.
func (w *World) theirCatalog(ctx context.Context, query object) ([]string, error) {
	var out struct {
		Complete bool
		Datasets []struct{ ID string }
		Problems []struct{ Reason string }
	}
	in := object{}
	if query != nil {
		in["filter"] = query
	}
	if err := w.Post(ctx, "/peers/"+url.PathEscape(w.Counterpart)+"/catalog", in, &out); err != nil {
		return nil, err
	}
	var ids []string
	for _, d := range out.Datasets {
		ids = append(ids, d.ID)
	}
	if !out.Complete || len(out.Problems) > 0 {
		return ids, fmt.Errorf("the catalogue that we read has problems: %v", out.Problems)
	}
	return ids, nil
}

func idsOf(datasets []object) (ids []string) {
	for _, d := range datasets {
		id, _ := d["@id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// pagedOnce checks that each dataset is there, and none twice.
func pagedOnce(seen []string) error {
	count := map[string]int{}
	for _, id := range seen {
		count[id]++
	}
	for i := range paged {
		if n := count[pagedID(i)]; n != 1 {
			return fmt.Errorf("of %d datasets seen, %s is there %d times", len(seen), pagedID(i), n)
		}
	}
	return nil
}

// filtered asks with each kind of condition, and for a part of the answer.
func filtered(title string, onPage int, ask func(object) ([]string, error)) error {
	where := func(left, operator string, right any) object {
		return object{"@type": "QuerySpec", "filterExpression": []object{Criterion(left, operator, right)}}
	}
	page := where(title, "like", "title paged-%")
	maps.Copy(page, object{"offset": 10, "limit": onPage})
	for name, c := range map[string]struct {
		query object
		want  int
		first string
	}{
		"id":       {where(EDCNamespace+"id", "=", pagedID(7)), 1, pagedID(7)},
		"property": {where(title, "=", "title "+pagedID(11)), 1, pagedID(11)},
		"pattern":  {where(title, "like", "title paged-03%"), 10, ""},
		"list":     {where(title, "in", []string{"title " + pagedID(1), "title " + pagedID(100), "no title"}), 2, ""},
		"page":     {page, onPage, ""},
		"none":     {where(EDCNamespace+"id", "=", "nothing of this name"), 0, ""},
	} {
		got, err := ask(c.query)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(got) != c.want || c.first != "" && !slices.Equal(got, []string{c.first}) {
			return fmt.Errorf("%s: %d datasets, not %d: %.300v", name, len(got), c.want, got)
		}
	}
	return nil
}
