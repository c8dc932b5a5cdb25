// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

type requestRow struct {
	Context     string
	ID          string
	Issuer      string
	Credentials string
	IssuerPID   string `db:"issuer_pid"`
	StatusURL   string `db:"status_url"`
	State       string
	Reason      string
	Created     int64
	Updated     int64
	NextTry     int64 `db:"next_try"`
	Tries       int
	Deadline    int64
	Renews      string
	Version     int64
}

const requestColumns = `context, id, issuer, credentials, issuer_pid, status_url, state, reason, created, updated,
	next_try, tries, deadline, renews, version`

var requestsDue = dueTable{`credential_request`, `next_try`, requestColumns}

func (r requestRow) dueKey() (context, id string) { return r.Context, r.ID }

func (r *requestRow) request() (holder.Request, error) {
	q := holder.Request{
		HolderPID: r.ID, Issuer: r.Issuer, IssuerPID: r.IssuerPID, StatusURL: r.StatusURL, State: r.State,
		Reason: r.Reason, Created: rule.Time(r.Created), Updated: rule.Time(r.Updated), NextTry: rule.Time(r.NextTry),
		Tries: r.Tries, Deadline: rule.Time(r.Deadline), Version: r.Version, Renews: r.Renews,
	}
	return q, decode("credential request "+r.ID, r.Credentials, &q.Credentials)
}

// texts is a column that holds a list of texts.
func texts(list []string) string { return mustJSON(append([]string{}, list...)) }

// planRequest stores the next version of a request.
func planRequest(contextID string, r holder.Request) statement {
	values := []any{
		r.Issuer, texts(r.Credentials), r.IssuerPID, r.StatusURL, r.State, r.Reason, rule.Micro(r.Created),
		rule.Micro(r.Updated), rule.Micro(r.NextTry), r.Tries, rule.Micro(r.Deadline), r.Renews, r.Version + 1,
	}
	if r.Version == 0 {
		return statement{
			query: `INSERT INTO credential_request (` + requestColumns + `)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			args: append([]any{contextID, r.HolderPID}, values...),
			want: 1, otherwise: holder.ErrClosed,
		}
	}
	return statement{
		query: `UPDATE credential_request SET issuer = ?, credentials = ?, issuer_pid = ?, status_url = ?, state = ?,
			reason = ?, created = ?, updated = ?, next_try = ?, tries = ?, deadline = ?, renews = ?, version = ?
			WHERE context = ? AND id = ? AND version = ?`,
		args: append(values, contextID, r.HolderPID, r.Version),
		want: 1, otherwise: holder.ErrClosed,
	}
}

// saved is a request as it comes back.
func saved(r holder.Request) holder.Request {
	r.Version++
	r.Created, r.Updated = rule.Round(r.Created), rule.Round(r.Updated)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r
}

// SaveRequest implements holder.Store.
func (d *domain) SaveRequest(ctx context.Context, contextID string, r holder.Request) (holder.Request, error) {
	return d.Deliver(ctx, contextID, r, nil)
}

// Request implements holder.Store.
func (d *domain) Request(ctx context.Context, contextID, holderPID string) (holder.Request, error) {
	var rows []requestRow
	err := d.read(ctx, &rows, `SELECT `+requestColumns+` FROM credential_request WHERE context = ? AND id = ?`, contextID, holderPID)
	if err != nil {
		return holder.Request{}, fmt.Errorf("reading a credential request: %w", err)
	}
	row, err := first(rows, holder.ErrNotFound)
	if err != nil {
		return holder.Request{}, err
	}
	return row.request()
}

// Requests implements holder.Store.
func (d *domain) Requests(ctx context.Context, contextID, before string, limit int) ([]holder.Request, error) {
	older, args, err := d.older(ctx, `credential_request`, `created`, contextID, before, holder.ErrNotFound)
	if err != nil {
		return nil, err
	}
	var rows []requestRow
	err = d.read(ctx, &rows, `SELECT `+requestColumns+` FROM credential_request WHERE context = ?`+older+`
		ORDER BY created DESC, id DESC LIMIT ?`, append(append([]any{contextID}, args...), max(limit, 0))...)
	if err != nil {
		return nil, fmt.Errorf("listing credential requests: %w", err)
	}
	return each(rows, (*requestRow).request)
}

// ClaimRequests implements holder.Store.
func (d *domain) ClaimRequests(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]holder.Owned[holder.Request], error) {
	rows, until, err := claimDue[requestRow](ctx, d, requestsDue, now, lease, limit)
	if err != nil {
		return nil, err
	}
	return each(rows, func(r *requestRow) (holder.Owned[holder.Request], error) {
		r.NextTry = until
		q, err := r.request()
		return holder.Owned[holder.Request]{Context: r.Context, Row: q}, err
	})
}

// PutCredentialOffer implements holder.Store.
func (d *domain) PutCredentialOffer(ctx context.Context, contextID string, o holder.Offer) error {
	if err := rule.CredentialOffer(contextID, o); err != nil {
		return err
	}
	return d.transact(ctx, func(tx transaction) error {
		err := tx.exec(ctx, d.do(`INSERT INTO credential_offer (context, issuer, id, document, received) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (context, issuer, id) DO UPDATE SET document = excluded.document, received = excluded.received`,
			contextID, o.Issuer, o.ID, append([]byte{}, o.Document...), rule.Micro(o.Received)))
		if err != nil {
			return err
		}
		return tx.exec(ctx, d.do(`DELETE FROM credential_offer WHERE context = ? AND (issuer, id) IN (
			SELECT issuer, id FROM credential_offer WHERE context = ?
			ORDER BY received DESC, issuer DESC, id DESC LIMIT ? OFFSET ?)`,
			contextID, contextID, rule.MaxOffers, rule.MaxOffers))
	})
}

// CredentialOffers implements holder.Store.
func (d *domain) CredentialOffers(ctx context.Context, contextID string) ([]holder.Offer, error) {
	var rows []struct {
		ID       string
		Issuer   string
		Document []byte
		Received int64
	}
	err := d.read(ctx, &rows, `SELECT id, issuer, document, received FROM credential_offer WHERE context = ?
		ORDER BY received DESC, issuer DESC, id DESC LIMIT ?`, contextID, rule.MaxOffers)
	if err != nil {
		return nil, fmt.Errorf("listing credential offers: %w", err)
	}
	list := make([]holder.Offer, len(rows))
	for i, row := range rows {
		list[i] = holder.Offer{ID: row.ID, Issuer: row.Issuer, Document: row.Document, Received: rule.Time(row.Received)}
	}
	return list, nil
}
