// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type relationRow struct {
	Party string
	Kind  string
	Note  string
	Since int64
}

const relations = `SELECT party, kind, note, since FROM relation WHERE context = ? AND `

func (r *relationRow) relation() (trust.Relation, error) {
	return trust.Relation{Party: r.Party, Kind: r.Kind, Note: r.Note, Since: rule.Time(r.Since)}, nil
}

// Relations implements trust.RelationStore.
func (d *domain) Relations(ctx context.Context, contextID string, parties []string) ([]trust.Relation, error) {
	if parties = rule.Parties(parties); len(parties) == 0 {
		return nil, nil
	}
	var rows []relationRow
	err := d.read(ctx, &rows, relations+`party {in} ORDER BY party, kind`, contextID, d.dialect.list(parties))
	if err != nil {
		return nil, fmt.Errorf("reading relations: %w", err)
	}
	return each(rows, (*relationRow).relation)
}

// ListRelations implements trust.RelationStore.
func (d *domain) ListRelations(ctx context.Context, contextID, after string, limit int) ([]trust.Relation, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	party, kind := trust.ParseRelationKey(after)
	var rows []relationRow
	err := d.read(ctx, &rows, relations+`(party, kind) > (?, ?) ORDER BY party, kind LIMIT ?`, contextID, party, kind, limit)
	if err != nil {
		return nil, fmt.Errorf("listing relations: %w", err)
	}
	return each(rows, (*relationRow).relation)
}

// PutRelation implements trust.RelationStore.
func (d *domain) PutRelation(ctx context.Context, contextID string, r trust.Relation) error {
	if err := rule.Relation(contextID, r); err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO relation (context, party, kind, note, since) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (context, party, kind) DO UPDATE SET note = excluded.note, since = excluded.since`,
		contextID, r.Party, r.Kind, r.Note, rule.Micro(r.Since)))
}

// DeleteRelation implements trust.RelationStore.
func (d *domain) DeleteRelation(ctx context.Context, contextID, party, kind string) error {
	st := d.do(`DELETE FROM relation WHERE context = ? AND party = ? AND kind = ?`, contextID, party, kind)
	st.want, st.otherwise = 1, trust.ErrNoRelation
	return d.write(ctx, st)
}
