// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

type heldRow struct {
	Context    string
	ID         string
	Credential string
	Issuer     string
	Profile    string
	Types      string
	Raw        string
	ValidFrom  int64 `db:"valid_from"`
	ValidUntil int64 `db:"valid_until"`
	Status     string
	Request    string
	Received   int64
	State      string
	Checked    int64
	NextCheck  int64 `db:"next_check"`
	RenewAt    int64 `db:"renew_at"`
}

const heldColumns = `context, id, credential, issuer, profile, types, raw, valid_from, valid_until, status, request,
	received, state, checked, next_check, renew_at`

var heldDue = dueTable{`held_credential`, `next_check`, heldColumns}

func (r heldRow) dueKey() (context, id string) { return r.Context, r.ID }

func (r *heldRow) stored() (holder.Stored, error) {
	s := holder.Stored{
		ID: r.ID, Credential: r.Credential, Issuer: r.Issuer, Profile: r.Profile, Raw: r.Raw,
		ValidFrom: rule.Time(r.ValidFrom), ValidUntil: rule.Time(r.ValidUntil), Request: r.Request,
		Received: rule.Time(r.Received), State: r.State, Checked: rule.Time(r.Checked),
		NextCheck: rule.Time(r.NextCheck), RenewAt: rule.Time(r.RenewAt),
	}
	return s, decode("credential "+r.ID, r.Types, &s.Types, r.Status, &s.Status)
}

// heldValues are the columns from types on.
func heldValues(s holder.Stored) []any {
	return []any{
		texts(s.Types), s.Raw, rule.Micro(s.ValidFrom), rule.Micro(s.ValidUntil),
		mustJSON(append([]trust.StatusEntry{}, s.Status...)), s.Request, rule.Micro(s.Received), s.State,
		rule.Micro(s.Checked), rule.Micro(s.NextCheck), rule.Micro(s.RenewAt),
	}
}

// errNew: the wallet has no such credential yet.
var errNew = errors.New("new")

// hold keeps a credential in place of the same one, if the wallet has it.
func hold(ctx context.Context, tx transaction, contextID string, s holder.Stored) error {
	values := heldValues(s)
	if s.Credential != "" {
		err := tx.exec(ctx, statement{
			query: `UPDATE held_credential SET types = ?, raw = ?, valid_from = ?, valid_until = ?, status = ?,
				request = ?, received = ?, state = ?, checked = ?, next_check = ?, renew_at = ?
				WHERE context = ? AND credential = ? AND issuer = ? AND profile = ? AND credential <> ''`,
			args: append(slices.Clip(values), contextID, s.Credential, s.Issuer, s.Profile),
			want: 1, otherwise: errNew,
		})
		if !errors.Is(err, errNew) {
			return err
		}
	}
	return tx.exec(ctx, statement{
		query: `INSERT INTO held_credential (` + heldColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		args: append([]any{contextID, s.ID, s.Credential, s.Issuer, s.Profile}, values...),
		want: 1, otherwise: holder.ErrClosed,
	})
}

// Deliver implements holder.Store.
func (d *domain) Deliver(ctx context.Context, contextID string, r holder.Request, list []holder.Stored) (holder.Request, error) {
	if err := rule.CredentialRequest(contextID, r); err != nil {
		return holder.Request{}, err
	}
	for _, s := range list {
		if err := rule.Held(contextID, s); err != nil {
			return holder.Request{}, err
		}
	}
	err := d.transact(ctx, func(tx transaction) error {
		if err := tx.exec(ctx, planRequest(contextID, r)); err != nil {
			return err
		}
		for _, s := range list {
			if err := hold(ctx, tx, contextID, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return holder.Request{}, err
	}
	return saved(r), nil
}

// Credential implements holder.Store.
func (d *domain) Credential(ctx context.Context, contextID, id string) (holder.Stored, error) {
	var rows []heldRow
	err := d.read(ctx, &rows, `SELECT `+heldColumns+` FROM held_credential WHERE context = ? AND id = ?`, contextID, id)
	if err != nil {
		return holder.Stored{}, fmt.Errorf("reading a credential: %w", err)
	}
	row, err := first(rows, holder.ErrNotFound)
	if err != nil {
		return holder.Stored{}, err
	}
	return row.stored()
}

// Credentials implements holder.Store.
func (d *domain) Credentials(ctx context.Context, contextID string) ([]holder.Stored, error) {
	var rows []heldRow
	err := d.read(ctx, &rows, `SELECT `+heldColumns+` FROM held_credential WHERE context = ?
		ORDER BY received DESC, id DESC`, contextID)
	if err != nil {
		return nil, fmt.Errorf("listing credentials: %w", err)
	}
	return each(rows, (*heldRow).stored)
}

// ClaimCredentials implements holder.Store.
func (d *domain) ClaimCredentials(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]holder.Owned[holder.Stored], error) {
	rows, until, err := claimDue[heldRow](ctx, d, heldDue, now, lease, limit)
	if err != nil {
		return nil, err
	}
	return each(rows, func(r *heldRow) (holder.Owned[holder.Stored], error) {
		r.NextCheck = until
		s, err := r.stored()
		return holder.Owned[holder.Stored]{Context: r.Context, Row: s}, err
	})
}

// MarkCredential implements holder.Store.
func (d *domain) MarkCredential(ctx context.Context, contextID string, s holder.Stored) error {
	if err := rule.HeldState(s); err != nil {
		return err
	}
	st := d.do(`UPDATE held_credential SET state = ?, checked = ?, next_check = ?, renew_at = ? WHERE context = ? AND id = ?`,
		s.State, rule.Micro(s.Checked), rule.Micro(s.NextCheck), rule.Micro(s.RenewAt), contextID, s.ID)
	st.want, st.otherwise = 1, holder.ErrNotFound
	return d.write(ctx, st)
}

// DeleteCredential implements holder.Store.
func (d *domain) DeleteCredential(ctx context.Context, contextID, id string) error {
	st := d.do(`DELETE FROM held_credential WHERE context = ? AND id = ?`, contextID, id)
	st.want, st.otherwise = 1, holder.ErrNotFound
	return d.write(ctx, st)
}
