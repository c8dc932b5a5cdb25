// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// TrustList implements trustlist.Store.
func (d *domain) TrustList(ctx context.Context, contextID, authority string) (int64, string, error) {
	var rows []struct {
		Sequence int64
		Raw      string
	}
	err := d.read(ctx, &rows, `SELECT sequence, raw FROM trust_list WHERE context = ? AND authority = ?`, contextID, authority)
	if err != nil {
		return 0, "", fmt.Errorf("reading a trust list: %w", err)
	}
	row, err := first(rows, trustlist.ErrNone)
	return row.Sequence, row.Raw, err
}

// PutTrustList implements trustlist.Store.
func (d *domain) PutTrustList(ctx context.Context, contextID, authority string, sequence int64, raw string) error {
	if err := rule.TrustList(contextID, authority, sequence, raw); err != nil {
		return err
	}
	st := d.do(`INSERT INTO trust_list (context, authority, sequence, raw) VALUES (?, ?, ?, ?)
		ON CONFLICT (context, authority) DO UPDATE SET sequence = excluded.sequence, raw = excluded.raw
		WHERE trust_list.sequence < excluded.sequence
			OR (trust_list.sequence = excluded.sequence AND trust_list.raw = excluded.raw)`,
		contextID, authority, sequence, raw)
	st.want, st.otherwise = 1, trustlist.ErrRollback
	return d.write(ctx, st)
}

// TrustDraft implements trustlist.Store.
func (d *domain) TrustDraft(ctx context.Context, contextID string) ([]dcp.TrustedIssuer, error) {
	var rows []struct{ ID, Types, Conformance string }
	err := d.read(ctx, &rows, `SELECT id, types, conformance FROM trust_draft WHERE context = ? ORDER BY id`, contextID)
	if err != nil {
		return nil, fmt.Errorf("reading the draft of a trust list: %w", err)
	}
	list := make([]dcp.TrustedIssuer, len(rows))
	for i, row := range rows {
		list[i] = dcp.TrustedIssuer{ID: row.ID, Conformance: trust.Conformance(row.Conformance)}
		if err := decode("trusted issuer "+row.ID, row.Types, &list[i].Types); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// PutTrustDraft implements trustlist.Store.
func (d *domain) PutTrustDraft(ctx context.Context, contextID string, i dcp.TrustedIssuer) error {
	if err := rule.TrustDraft(contextID, i); err != nil {
		return err
	}
	if len(i.Types) == 0 {
		return d.write(ctx, d.do(`DELETE FROM trust_draft WHERE context = ? AND id = ?`, contextID, i.ID))
	}
	return d.write(ctx, d.do(`INSERT INTO trust_draft (context, id, types, conformance) VALUES (?, ?, ?, ?)
		ON CONFLICT (context, id) DO UPDATE SET types = excluded.types, conformance = excluded.conformance`,
		contextID, i.ID, mustJSON(i.Types), string(i.Conformance)))
}
