// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type keyRow struct {
	ID      string
	Use     string
	PEM     string `db:"pem"`
	Active  int64
	Retired int64
}

// The use is part of the place: a key for data does not become one for the
// journal by an edit of its row.
func keyPlace(contextID, id, use string) place {
	return place{contextID, "signing_key", id, "pem for " + use}
}

const (
	keyColumns = `id, use, pem, active, retired`
	allKeys    = `SELECT ` + keyColumns + ` FROM signing_key WHERE context = ?`
	currentKey = allKeys + ` AND use = ? AND active <= ? AND (retired = 0 OR retired > ?) ORDER BY number DESC LIMIT 1`
	newestKey  = allKeys + ` AND use = ? ORDER BY number DESC LIMIT 1`
	keyByID    = allKeys + ` AND id = ?`
	keysOfUse  = allKeys + ` AND use = ? ORDER BY number`
	keysOfAll  = allKeys + ` ORDER BY use, number`
)

func (d *domain) openKey(contextID string, row keyRow) (trust.SealedKey, error) {
	pem, err := d.seal.open(&row.PEM, keyPlace(contextID, row.ID, row.Use))
	if err != nil {
		return trust.SealedKey{}, err
	}
	return trust.SealedKey{
		ID: row.ID, Use: row.Use, PEM: pem, Active: rule.Time(row.Active), Retired: rule.Time(row.Retired),
	}, nil
}

// key opens the only row.
func (d *domain) key(ctx context.Context, contextID, query string, args ...any) (trust.SealedKey, error) {
	var rows []keyRow
	if err := d.read(ctx, &rows, query, append([]any{contextID}, args...)...); err != nil {
		return trust.SealedKey{}, fmt.Errorf("reading a key: %w", err)
	}
	row, err := first(rows, trust.ErrNoKey)
	if err != nil {
		return trust.SealedKey{}, err
	}
	return d.openKey(contextID, row)
}

// CurrentKey implements trust.KeyRows.
func (d *domain) CurrentKey(ctx context.Context, contextID, use string, at time.Time) (trust.SealedKey, error) {
	return d.key(ctx, contextID, currentKey, use, rule.Micro(at), rule.Micro(at))
}

// KeyByID implements trust.KeyRows.
func (d *domain) KeyByID(ctx context.Context, contextID, id string) (trust.SealedKey, error) {
	return d.key(ctx, contextID, keyByID, id)
}

// Keys implements trust.KeyRows.
func (d *domain) Keys(ctx context.Context, contextID, use string) ([]trust.SealedKey, error) {
	query, args := keysOfAll, []any{contextID}
	if use != "" {
		query, args = keysOfUse, append(args, use)
	}
	var rows []keyRow
	if err := d.read(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	return each(rows, func(row *keyRow) (trust.SealedKey, error) { return d.openKey(contextID, *row) })
}

// each converts rows.
func each[R, T any](rows []R, convert func(*R) (T, error)) ([]T, error) {
	list := make([]T, len(rows))
	for i := range rows {
		var err error
		if list[i], err = convert(&rows[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// insertKey keeps a key under a number that is not taken, after all others of
// its use or, where only is said, if there is no other.
func (d *domain) insertKey(contextID string, k trust.SealedKey, only bool) (statement, error) {
	if err := rule.Key(contextID, k); err != nil {
		return statement{}, err
	}
	pem, err := d.seal.close(k.PEM, keyPlace(contextID, k.ID, k.Use))
	if err != nil {
		return statement{}, err
	}
	having := ``
	if only {
		having = ` HAVING count(*) = 0`
	}
	return d.do(`INSERT INTO signing_key (context, `+keyColumns+`, number)
		SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT),
			coalesce(max(number), 0) + 1
		FROM signing_key WHERE context = ? AND use = ?`+having+` ON CONFLICT DO NOTHING`,
		contextID, k.ID, k.Use, pem, rule.Micro(k.Active), rule.Micro(k.Retired), contextID, k.Use), nil
}

// FirstKey implements trust.KeyRows. Where there are keys it is the newest, be
// it retired or not active yet.
func (d *domain) FirstKey(ctx context.Context, contextID string, k trust.SealedKey) (trust.SealedKey, error) {
	insert, err := d.insertKey(contextID, k, true)
	if err != nil {
		return trust.SealedKey{}, err
	}
	var rows []keyRow
	err = d.transact(ctx, func(tx transaction) error {
		rows = nil
		if err := tx.exec(ctx, insert); err != nil {
			return err
		}
		return tx.query(ctx, &rows, newestKey, contextID, k.Use)
	})
	if err != nil {
		return trust.SealedKey{}, fmt.Errorf("keeping a key: %w", err)
	}
	row, err := first(rows, trust.ErrKeyExists) // for another use
	if err != nil {
		return trust.SealedKey{}, err
	}
	return d.openKey(contextID, row)
}

// keyTries bounds how many other keys for the same use may be kept while one
// is.
const keyTries = 64

// errTaken: the number of the key was given to another meanwhile.
var errTaken = errors.New("taken")

// AddKey implements trust.KeyRows.
func (d *domain) AddKey(ctx context.Context, contextID string, k trust.SealedKey) error {
	insert, err := d.insertKey(contextID, k, false)
	if err != nil {
		return err
	}
	insert.want, insert.otherwise = 1, errTaken
	for range keyTries {
		err = d.write(ctx, insert)
		if !errors.Is(err, errTaken) {
			return err
		}
		if _, err := d.KeyByID(ctx, contextID, k.ID); !errors.Is(err, trust.ErrNoKey) {
			return errors.Join(trust.ErrKeyExists, err)
		}
	}
	return fmt.Errorf("keeping a key: %w", engine.ErrConflict)
}

// RetireKey implements trust.KeyRows.
func (d *domain) RetireKey(ctx context.Context, contextID, id string, at time.Time) error {
	st := d.do(`UPDATE signing_key SET retired = ? WHERE context = ? AND id = ?`, rule.Micro(at), contextID, id)
	st.want, st.otherwise = 1, trust.ErrNoKey
	return d.write(ctx, st)
}

// DeleteKey implements trust.KeyRows.
func (d *domain) DeleteKey(ctx context.Context, contextID, id string) error {
	st := d.do(`DELETE FROM signing_key WHERE context = ? AND id = ?`, contextID, id)
	st.want, st.otherwise = 1, trust.ErrNoKey
	return d.write(ctx, st)
}
