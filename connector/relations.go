// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
)

// Relations lists what we have on record about counterparties, in order of
// party and kind. Policies ask for it by the operand supplyRelation.
func (p *Participant) Relations(ctx context.Context) ([]trust.Relation, error) {
	return p.c.store.ListRelations(ctx, p.context, "", 0)
}

// PutRelation records one, or changes its note, and returns it as it is kept:
// with a corporate identifier in its normal form. The error may be a
// trust.ErrRelation.
func (p *Participant) PutRelation(ctx context.Context, r trust.Relation) (trust.Relation, error) {
	kept, _, err := relationRecords{p.c}.PutRelation(ctx, p.context, r)
	return kept, err
}

// DeleteRelation takes one off the record. What runs because of it is stopped
// within seconds. trust.ErrNoRelation.
func (p *Participant) DeleteRelation(ctx context.Context, party, kind string) error {
	return relationRecords{p.c}.DeleteRelation(ctx, p.context, party, kind)
}

// relationRecords are our own records, kept as they are asked for.
type relationRecords struct{ c *Connector }

// ListRelations is that of the store.
func (r relationRecords) ListRelations(ctx context.Context, contextID, after string, limit int) ([]trust.Relation, error) {
	return r.c.store.ListRelations(ctx, contextID, after, limit)
}

// PutRelation keeps one in its normal form; added tells that it is new. Since
// is when it was first recorded, unless it says so itself.
func (r relationRecords) PutRelation(ctx context.Context, contextID string, one trust.Relation) (kept trust.Relation, added bool, err error) {
	if one, err = one.Checked(r.samples(ctx, contextID)); err != nil {
		return one, false, err
	}
	known, err := r.c.store.Relations(ctx, contextID, []string{one.Party})
	if err != nil {
		return one, false, err
	}
	added = true
	for _, k := range known {
		if k.Kind == one.Kind {
			added = false
			if one.Since.IsZero() {
				one.Since = k.Since
			}
		}
	}
	if one.Since.IsZero() {
		one.Since = r.c.now().UTC()
	}
	return one, added, r.c.edits.edited(contextID, r.c.store.PutRelation(ctx, contextID, one))
}

// DeleteRelation removes one, however its party is written.
func (r relationRecords) DeleteRelation(ctx context.Context, contextID, party, kind string) error {
	normal, err := trust.ParseRelationParty(party, true)
	if err != nil {
		return err
	}
	return r.c.edits.edited(contextID, r.c.store.DeleteRelation(ctx, contextID, normal, kind))
}

// samples reports whether wrong check digits are let pass.
func (r relationRecords) samples(ctx context.Context, contextID string) bool {
	settings, err := r.c.settings(ctx, contextID)
	return err == nil && settings.Samples
}

// validate checks what is written of a relation.
func (r RelationConfig) validate(samples bool) error {
	if _, err := (trust.Relation{Party: r.Party, Kind: r.Kind, Note: r.Note}).Checked(samples); err != nil {
		return fmt.Errorf("relations: %w", err)
	}
	return nil
}
