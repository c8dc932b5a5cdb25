// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type bindingRow struct {
	Participant string
	Scheme      string
	Value       string
}

const (
	allBindings = `SELECT participant, scheme, value FROM binding WHERE context = ?`
	oneBinding  = allBindings + ` AND participant = ?`
)

// Bind implements verifier.Bindings. Nearly always the identifier is known.
func (d *domain) Bind(ctx context.Context, contextID, participant string, i trust.Identifier, at time.Time) (trust.Identifier, error) {
	if err := rule.Binding(contextID, participant, i); err != nil {
		return trust.Identifier{}, err
	}
	var rows []bindingRow
	if err := d.read(ctx, &rows, oneBinding, contextID, participant); err != nil {
		return trust.Identifier{}, fmt.Errorf("reading a binding: %w", err)
	}
	if len(rows) > 0 {
		return trust.Identifier{Scheme: rows[0].Scheme, Value: rows[0].Value}, nil
	}
	insert := d.do(`INSERT INTO binding (context, participant, scheme, value, bound) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, contextID, participant, i.Scheme, i.Value, rule.Micro(at))
	err := d.transact(ctx, func(tx transaction) error {
		rows = nil
		if err := tx.exec(ctx, insert); err != nil {
			return err
		}
		return tx.query(ctx, &rows, oneBinding, contextID, participant)
	})
	if err != nil {
		return trust.Identifier{}, fmt.Errorf("keeping a binding: %w", err)
	}
	row, err := first(rows, trust.ErrUnknownPeer) // removed in between
	return trust.Identifier{Scheme: row.Scheme, Value: row.Value}, err
}

// Bindings implements verifier.Bindings.
func (d *domain) Bindings(ctx context.Context, contextID string) (map[string]trust.Identifier, error) {
	var rows []bindingRow
	if err := d.read(ctx, &rows, allBindings, contextID); err != nil {
		return nil, fmt.Errorf("reading bindings: %w", err)
	}
	found := make(map[string]trust.Identifier, len(rows))
	for _, row := range rows {
		found[row.Participant] = trust.Identifier{Scheme: row.Scheme, Value: row.Value}
	}
	return found, nil
}

// Unbind implements verifier.Bindings.
func (d *domain) Unbind(ctx context.Context, contextID, participant string) error {
	st := d.do(`DELETE FROM binding WHERE context = ? AND participant = ?`, contextID, participant)
	st.want, st.otherwise = 1, trust.ErrUnknownPeer
	return d.write(ctx, st)
}
