// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// Publish implements catalog.Store.
func (d *catalogs) Publish(ctx context.Context, contextID string, b catalog.Batch) error {
	if len(b.Assets)+len(b.Offers) == 0 {
		return nil
	}
	return d.PublishAll(ctx, contextID, func(yield func(catalog.Batch, error) bool) { yield(b, nil) })
}

// PublishAll implements catalog.Store. Each batch finds its pairs among what is
// stored by then, so that of two that belong together the later one finds the
// earlier.
func (d *catalogs) PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) error {
	return d.transact(ctx, func(tx transaction) error {
		if err := tx.exec(ctx, d.lockCatalog(contextID)); err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
		var offers []string
		for b, err := range batches {
			if err != nil {
				return err
			}
			if err := d.publish(ctx, tx, contextID, b); err != nil {
				return err
			}
			for _, o := range b.Offers {
				if len(o.Assets.IDs) > 0 {
					offers = append(offers, o.ID)
				}
			}
		}
		return d.checkNames(ctx, tx, contextID, offers)
	})
}

func (d *catalogs) publish(ctx context.Context, tx transaction, contextID string, b catalog.Batch) error {
	statements, err := d.planPublish(contextID, b)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if err := tx.exec(ctx, st); err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
	}
	return nil
}

// checkNames refuses offers that name an asset which does not exist.
func (d *catalogs) checkNames(ctx context.Context, tx transaction, contextID string, offers []string) error {
	slices.Sort(offers) // so that the same one is named each time
	for chunk := range slices.Chunk(offers, maxRows) {
		var unknown []struct{ Offer, Asset string }
		err := tx.query(ctx, &unknown, d.dialect.text.Replace(unknownAsset), contextID, d.dialect.list(chunk))
		if err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
		if len(unknown) > 0 {
			return &catalog.UnknownAssetError{Offer: unknown[0].Offer, Asset: unknown[0].Asset}
		}
	}
	return nil
}

// unknownAsset finds a name that no asset has.
const unknownAsset = `SELECT n.offer, n.asset FROM offer_name n LEFT JOIN asset a ON a.context = n.context AND a.id = n.asset
	WHERE n.context = ? AND n.offer {in} AND a.id IS NULL ORDER BY n.offer, n.asset LIMIT 1`

func offerIDs(offers []catalog.Offer) []string {
	ids := make([]string, len(offers))
	for i := range offers {
		ids[i] = offers[i].ID
	}
	return ids
}

// lockCatalog is the first statement of every write to a catalogue.
func (d *catalogs) lockCatalog(contextID string) statement {
	return d.do(`INSERT INTO catalog (context, version) VALUES (?, 1)
		ON CONFLICT (context) DO UPDATE SET version = catalog.version + 1`, contextID)
}

func (d *catalogs) planPublish(contextID string, b catalog.Batch) ([]statement, error) {
	assets, err := d.planAssets(contextID, b.Assets)
	if err != nil {
		return nil, err
	}
	offers, err := d.planOffers(contextID, b.Offers)
	if err != nil {
		return nil, err
	}
	list := slices.Concat(assets, offers)
	assetIDs := make([]string, len(b.Assets))
	for i := range b.Assets {
		assetIDs[i] = b.Assets[i].ID
	}
	for _, pairs := range []string{pairAll, pairNamed, pairLabelled} {
		if len(b.Assets) > 0 {
			list = append(list, d.do(fmt.Sprintf(pairs, `a.id`), contextID, d.dialect.list(assetIDs)))
		}
		if len(b.Offers) > 0 {
			list = append(list, d.do(fmt.Sprintf(pairs, `o.id`), contextID, d.dialect.list(offerIDs(b.Offers))))
		}
	}
	return list, nil
}

// The pairs of an offer and an asset, for each way of a selector.
const (
	pairColumns = `INSERT INTO offer_asset (context, asset, access, offer) SELECT o.context, a.id, o.access, o.id FROM `
	pairAll     = pairColumns + `offer o JOIN asset a ON a.context = o.context
		WHERE o.context = ? AND %s {in} AND o.all_assets ON CONFLICT DO NOTHING`
	pairNamed = pairColumns + `offer o JOIN offer_name n ON n.context = o.context AND n.offer = o.id
		JOIN asset a ON a.context = n.context AND a.id = n.asset
		WHERE o.context = ? AND %s {in} ON CONFLICT DO NOTHING`
	pairLabelled = pairColumns + `offer o JOIN offer_label l ON l.context = o.context AND l.offer = o.id
		JOIN asset_label m ON m.context = l.context AND m.name = l.name AND m.value = l.value
		JOIN asset a ON a.context = m.context AND a.id = m.asset
		WHERE o.context = ? AND %s {in}
		GROUP BY o.context, o.id, o.access, o.labels, a.id HAVING count(*) = o.labels ON CONFLICT DO NOTHING`
)
