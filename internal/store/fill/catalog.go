// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/trust/policy"
)

// Shelf says what a catalogue holds.
type Shelf struct {
	Context string
	Assets  int
	// Offers select by a label: each has its share of the assets, spread over
	// all of them. Their access policies are Partners, in turn.
	Offers   int
	Partners []policy.Policy
	// Members may see every asset, by one offer more.
	Members policy.Policy
	// Few may see this many assets, spread over all, by one offer more.
	Few       policy.Policy
	FewAssets int
	Usage     policy.Policy
}

// Names of properties that the assets have. There are five types and a thousand plants.
const (
	Title = "http://purl.org/dc/terms/title"
	Type  = "http://purl.org/dc/terms/type"
	Plant = "https://example.org/ns#plant"
)

// AssetID is the id of an asset by its number.
func AssetID(i int) string { return fmt.Sprintf("urn:example:dataset:%09d", i) }

// Catalog fills an empty catalogue. Who owns dsn has closed it.
func Catalog(ctx context.Context, dsn string, s Shelf) error {
	db, err := open(dsn, ".catalog")
	if err != nil {
		return err
	}
	if err := s.offers(ctx, db); err != nil {
		return err
	}
	every := max(s.Assets/max(s.FewAssets, 1), 1)
	id, few := `'urn:example:dataset:' || `+pad("n.i"), fmt.Sprintf("n.i %% %d = 0", every)
	term := func(name, value string) statement {
		return statement{`INSERT INTO asset_term (context, asset, name, value, least)
			SELECT CAST(? AS TEXT), ` + id + `, CAST(? AS TEXT), ` + value + `, (1 = 1) FROM {n}`, []any{s.Context, name}}
	}
	title := `'Carbon footprint of part ' || CAST(n.i AS TEXT) || ' (fictional)'`
	typ := `'type ' || CAST(n.i % 5 AS TEXT)`
	plant := `'plant ' || CAST((n.i / 7) % 1000 AS TEXT)`
	group := fmt.Sprintf(`'g' || CAST(n.i %% %d AS TEXT)`, s.Offers)
	pairs := `INSERT INTO offer_asset (context, asset, access, offer) SELECT o.context, ` + id + `, o.access, o.id FROM {n} CROSS JOIN offer o WHERE o.context = ? AND `
	statements := []statement{
		{`INSERT INTO asset (context, id, properties, labels, formats, source_type, source_url, source_path, headers, created, updated)
			SELECT CAST(? AS TEXT), ` + id + `, '{"` + Title + `":"' || ` + title + ` || '","` + Type + `":"' || ` + typ + ` || '","` + Plant + `":"' || ` + plant + ` || '"}',
			'{"group":"' || ` + group + ` || '"}', '["HttpData-PULL"]', 'http', 'https://source.example/' || CAST(n.i AS TEXT), '', NULL, 1, 1 FROM {n}`, []any{s.Context}},
		term(Title, title), term(Type, typ), term(Plant, plant),
		{`INSERT INTO asset_label (context, asset, name, value) SELECT CAST(? AS TEXT), ` + id + `, 'group', ` + group + ` FROM {n}`, []any{s.Context}},
		{pairs + fmt.Sprintf(`o.id = 'offer-' || CAST(n.i %% %d AS TEXT)`, s.Offers), []any{s.Context}},
		{pairs + `o.id = 'members'`, []any{s.Context}},
		{pairs + `o.id = 'few' AND ` + few, []any{s.Context}},
	}
	tables := []string{"asset", "asset_term", "asset_label", "offer_asset"}
	if err := db.bare(ctx, tables, func() error { return db.rows(ctx, s.Assets, statements) }); err != nil {
		return err
	}
	return db.settle(ctx)
}

// offers writes the offers and their policies.
func (s Shelf) offers(ctx context.Context, db *database) error {
	list := []statement{
		{`INSERT INTO catalog (context, version) VALUES (?, 1)`, []any{s.Context}},
	}
	for _, p := range append([]policy.Policy{s.Members, s.Few, s.Usage}, s.Partners...) {
		list = append(list, statement{`INSERT INTO policy (context, hash, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, []any{s.Context, p.Hash(), string(p.Canonical())}})
	}
	offer := func(id string, all bool, labels int, selector string, access policy.Policy) {
		list = append(list, statement{`INSERT INTO offer (context, id, all_assets, labels, selector, access, usage, rules, created, updated)
			VALUES (?, ?, ?, ?, ?, ?, ?, '[]', 1, 1)`, []any{s.Context, id, all, labels, selector, access.Hash(), s.Usage.Hash()}})
	}
	offer("members", true, 0, `{"all":true}`, s.Members)
	offer("few", false, 1, `{"labels":{"few":"yes"}}`, s.Few)
	for k := range s.Offers {
		id, group := fmt.Sprint("offer-", k), fmt.Sprint("g", k)
		offer(id, false, 1, `{"labels":{"group":"`+group+`"}}`, s.Partners[k%len(s.Partners)])
		list = append(list, statement{`INSERT INTO offer_label (context, offer, name, value) VALUES (?, ?, 'group', ?)`, []any{s.Context, id, group}})
	}
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	for _, st := range list {
		if _, err := tx.ExecContext(ctx, db.Rebind(st.query), st.args...); err != nil {
			return fmt.Errorf("%s: %w", st.query, err)
		}
	}
	return tx.Commit()
}
