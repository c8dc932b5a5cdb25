// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

type issuedRow struct {
	ID         string
	Request    string
	Holder     string
	Type       string
	Profile    string
	Raw        string
	Issued     int64
	ValidUntil int64 `db:"valid_until"`
	List       int
	Place      int
	State      string
	Reason     string
	Changed    int64
}

const (
	issuedColumns = `id, request, holder, type, profile, raw, issued, valid_until, list, place, state, reason, changed`
	allIssued     = `SELECT ` + issuedColumns + ` FROM issued_credential WHERE context = ?`
)

func (r *issuedRow) credential() (issuer.Credential, error) {
	return issuer.Credential{
		ID: r.ID, Request: r.Request, Holder: r.Holder, Type: r.Type, Profile: r.Profile, Raw: r.Raw,
		Issued: rule.Time(r.Issued), ValidUntil: rule.Time(r.ValidUntil), List: r.List, Index: r.Place,
		State: r.State, Reason: r.Reason, Changed: rule.Time(r.Changed),
	}, nil
}

// planIssued takes places in lists, first all rows of lists in their order, and
// then keeps what was issued.
func planIssued(contextID string, issued []issuer.Credential) (list []statement) {
	taken := map[int]int{}
	for _, c := range issued {
		taken[c.List]++
	}
	for _, n := range slices.Sorted(maps.Keys(taken)) {
		list = append(list, statement{
			query: `INSERT INTO status_list (context, list, taken) VALUES (?, ?, ?)
				ON CONFLICT (context, list) DO UPDATE SET taken = status_list.taken + excluded.taken`,
			args: []any{contextID, n, taken[n]}, want: 1,
		})
	}
	sorted := slices.SortedFunc(slices.Values(issued), func(a, b issuer.Credential) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range sorted {
		list = append(list, statement{
			query: `INSERT INTO issued_credential (context, ` + issuedColumns + `)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			args: []any{
				contextID, c.ID, c.Request, c.Holder, c.Type, c.Profile, c.Raw, rule.Micro(c.Issued),
				rule.Micro(c.ValidUntil), c.List, c.Index, c.State, c.Reason, rule.Micro(c.Changed),
			},
			want: 1, otherwise: issuer.ErrChanged,
		})
	}
	return list
}

// IssuedCredential implements issuer.Store.
func (d *domain) IssuedCredential(ctx context.Context, contextID, id string) (issuer.Credential, error) {
	var rows []issuedRow
	if err := d.read(ctx, &rows, allIssued+` AND id = ?`, contextID, id); err != nil {
		return issuer.Credential{}, fmt.Errorf("reading an issued credential: %w", err)
	}
	row, err := first(rows, issuer.ErrNotFound)
	if err != nil {
		return issuer.Credential{}, err
	}
	return row.credential()
}

// IssuedCredentials implements issuer.Store.
func (d *domain) IssuedCredentials(ctx context.Context, contextID, holder, before string, limit int) ([]issuer.Credential, error) {
	older, behind, err := d.older(ctx, `issued_credential`, `issued`, contextID, before, issuer.ErrNotFound)
	if err != nil {
		return nil, err
	}
	query, args := allIssued, []any{contextID}
	if holder != "" {
		query, args = query+` AND holder = ?`, append(args, holder)
	}
	return d.issued(ctx, query+older+` ORDER BY issued DESC, id DESC LIMIT ?`, append(append(args, behind...), max(limit, 0))...)
}

// CredentialsOfRequest implements issuer.Store.
func (d *domain) CredentialsOfRequest(ctx context.Context, contextID, request string) ([]issuer.Credential, error) {
	return d.issued(ctx, allIssued+` AND request = ? ORDER BY list, place`, contextID, request)
}

func (d *domain) issued(ctx context.Context, query string, args ...any) ([]issuer.Credential, error) {
	var rows []issuedRow
	if err := d.read(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("listing issued credentials: %w", err)
	}
	return each(rows, (*issuedRow).credential)
}

// SetCredentialState implements issuer.Store.
func (d *domain) SetCredentialState(ctx context.Context, contextID, id, state, reason string, at time.Time) error {
	if err := rule.CredentialState(state, reason); err != nil {
		return err
	}
	change := d.do(`UPDATE issued_credential SET state = ?, reason = ?, changed = ?
		WHERE context = ? AND id = ? AND state <> 'REVOKED'`, state, reason, rule.Micro(at), contextID, id)
	change.want, change.otherwise = 1, issuer.ErrNotFound
	return d.transact(ctx, func(tx transaction) error {
		var states []string
		failed := tx.exec(ctx, change)
		if !errors.Is(failed, issuer.ErrNotFound) {
			return failed
		}
		err := tx.query(ctx, &states, `SELECT state FROM issued_credential WHERE context = ? AND id = ?`, contextID, id)
		if err == nil && len(states) > 0 {
			return issuer.ErrChanged
		}
		return cmp.Or(err, failed)
	})
}

// ListUse implements issuer.Store.
func (d *domain) ListUse(ctx context.Context, contextID string) (list, taken int, err error) {
	var rows []struct{ List, Taken int }
	err = d.read(ctx, &rows, `SELECT list, taken FROM status_list WHERE context = ? ORDER BY list DESC LIMIT 1`, contextID)
	if err != nil {
		return 0, 0, fmt.Errorf("reading a status list: %w", err)
	}
	if len(rows) == 0 {
		return 0, 0, nil
	}
	return rows[0].List, rows[0].Taken, nil
}

// Marked implements issuer.Store. It reads nothing but an index.
func (d *domain) Marked(ctx context.Context, contextID string, list int, state string) ([]int, error) {
	var places []int
	err := d.read(ctx, &places, `SELECT place FROM issued_credential WHERE context = ? AND list = ? AND state = ?
		ORDER BY place`, contextID, list, state)
	if err != nil {
		return nil, fmt.Errorf("reading a status list: %w", err)
	}
	return places, nil
}
