// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type keyRow struct {
	ID  string
	Use string
	PEM string `db:"pem"`
}

// The use is part of the place: a key for data does not become one for the
// journal by an edit of its row.
func keyPlace(contextID, id, use string) place {
	return place{contextID, "signing_key", id, "pem for " + use}
}

const (
	currentKey = `SELECT id, use, pem FROM signing_key WHERE context = ? AND use = ? ORDER BY number DESC LIMIT 1`
	keyByID    = `SELECT id, use, pem FROM signing_key WHERE context = ? AND id = ?`
)

// key opens the only row.
func (d *domain) key(contextID string, rows []keyRow) (trust.SealedKey, error) {
	row, err := first(rows, trust.ErrNoKey)
	if err != nil {
		return trust.SealedKey{}, err
	}
	pem, err := d.seal.open(&row.PEM, keyPlace(contextID, row.ID, row.Use))
	if err != nil {
		return trust.SealedKey{}, err
	}
	return trust.SealedKey{ID: row.ID, Use: row.Use, PEM: pem}, nil
}

// CurrentKey implements trust.KeyRows.
func (d *domain) CurrentKey(ctx context.Context, contextID, use string) (trust.SealedKey, error) {
	var rows []keyRow
	if err := d.read(ctx, &rows, currentKey, contextID, use); err != nil {
		return trust.SealedKey{}, fmt.Errorf("reading a key: %w", err)
	}
	return d.key(contextID, rows)
}

// KeyByID implements trust.KeyRows.
func (d *domain) KeyByID(ctx context.Context, contextID, id string) (trust.SealedKey, error) {
	var rows []keyRow
	if err := d.read(ctx, &rows, keyByID, contextID, id); err != nil {
		return trust.SealedKey{}, fmt.Errorf("reading a key: %w", err)
	}
	return d.key(contextID, rows)
}

// FirstKey implements trust.KeyRows.
func (d *domain) FirstKey(ctx context.Context, contextID string, k trust.SealedKey) (trust.SealedKey, error) {
	if err := rule.Key(contextID, k); err != nil {
		return trust.SealedKey{}, err
	}
	pem, err := d.seal.close(k.PEM, keyPlace(contextID, k.ID, k.Use))
	if err != nil {
		return trust.SealedKey{}, err
	}
	insert := d.do(`INSERT INTO signing_key (context, id, use, number, pem) VALUES (?, ?, ?, 1, ?)
		ON CONFLICT (context, use, number) DO NOTHING`, contextID, k.ID, k.Use, pem)
	var rows []keyRow
	err = d.transact(ctx, func(tx transaction) error {
		rows = nil
		if err := tx.exec(ctx, insert); err != nil {
			return err
		}
		return tx.query(ctx, &rows, currentKey, contextID, k.Use)
	})
	if err != nil {
		return trust.SealedKey{}, fmt.Errorf("keeping a key: %w", err)
	}
	return d.key(contextID, rows)
}
