// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

type issuanceRow struct {
	Context     string
	ID          string
	Holder      string
	HolderPID   string `db:"holder_pid"`
	Credentials string
	Token       *string
	State       string
	Claims      string
	Evidence    *string
	Reason      string
	Decided     string
	Created     int64
	Updated     int64
	Delivered   int64
	NextTry     int64 `db:"next_try"`
	Tries       int
	Deadline    int64
	LastError   string `db:"last_error"`
	Version     int64
}

const issuanceColumns = `context, id, holder, holder_pid, credentials, token, state, claims, evidence, reason, decided,
	created, updated, delivered, next_try, tries, deadline, last_error, version`

var issuancesDue = dueTable{`issuance_request`, `next_try`, issuanceColumns}

func (r issuanceRow) dueKey() (context, id string) { return r.Context, r.ID }

func tokenPlace(contextID, id string) place { return place{contextID, "issuance_request", id, "token"} }

// claimTexts is column claims: texts by type, since JSON inside JSON would not
// keep its bytes.
func claimTexts(claims map[string]json.RawMessage) string {
	texts := make(map[string]string, len(claims))
	for name, text := range claims {
		texts[name] = string(text)
	}
	return mustJSON(texts)
}

func (d *domain) issuance(r *issuanceRow) (issuer.Request, error) {
	token, err := d.seal.open(r.Token, tokenPlace(r.Context, r.ID))
	if err != nil {
		return issuer.Request{}, err
	}
	q := issuer.Request{
		ID: r.ID, Holder: r.Holder, HolderPID: r.HolderPID, Token: string(token), State: r.State, Reason: r.Reason,
		Decided: r.Decided, Created: rule.Time(r.Created), Updated: rule.Time(r.Updated),
		Delivered: rule.Time(r.Delivered), NextTry: rule.Time(r.NextTry), Tries: r.Tries,
		Deadline: rule.Time(r.Deadline), LastError: r.LastError, Version: r.Version,
	}
	if r.Evidence != nil {
		q.Evidence = json.RawMessage(*r.Evidence)
	}
	var claims map[string]string
	if err := decode("credential request "+r.ID, r.Credentials, &q.Credentials, r.Claims, &claims); err != nil {
		return issuer.Request{}, err
	}
	if len(claims) > 0 {
		q.Claims = make(map[string]json.RawMessage, len(claims))
	}
	for name, text := range claims {
		q.Claims[name] = json.RawMessage(text)
	}
	return q, nil
}

// asked is column asked.
func asked(r issuer.Request) any {
	if key, open := r.Asked(); open {
		return key[:]
	}
	return nil
}

// planIssuance stores the next version of a request.
func (d *domain) planIssuance(contextID string, r issuer.Request) (statement, error) {
	token, err := d.seal.close([]byte(r.Token), tokenPlace(contextID, r.ID))
	if err != nil {
		return statement{}, err
	}
	values := []any{
		r.Holder, r.HolderPID, texts(r.Credentials), token, r.State, claimTexts(r.Claims), orNull(r.Evidence), r.Reason,
		r.Decided, rule.Micro(r.Created), rule.Micro(r.Updated), rule.Micro(r.Delivered), rule.Micro(r.NextTry),
		r.Tries, rule.Micro(r.Deadline), r.LastError, r.Version + 1, asked(r),
	}
	if r.Version == 0 {
		return statement{
			query: `INSERT INTO issuance_request (` + issuanceColumns + `, asked)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			args: append([]any{contextID, r.ID}, values...),
			want: 1, otherwise: issuer.ErrChanged,
		}, nil
	}
	return statement{
		query: `UPDATE issuance_request SET holder = ?, holder_pid = ?, credentials = ?, token = ?, state = ?, claims = ?,
			evidence = ?, reason = ?, decided = ?, created = ?, updated = ?, delivered = ?, next_try = ?, tries = ?,
			deadline = ?, last_error = ?, version = ?, asked = ? WHERE context = ? AND id = ? AND version = ?`,
		args: append(values, contextID, r.ID, r.Version),
		want: 1, otherwise: issuer.ErrChanged,
	}, nil
}

// SaveIssuerRequest implements issuer.Store.
func (d *domain) SaveIssuerRequest(ctx context.Context, contextID string, r issuer.Request, issued []issuer.Credential) (issuer.Request, error) {
	if err := rule.IssuerRequest(contextID, r, issued); err != nil {
		return issuer.Request{}, err
	}
	request, err := d.planIssuance(contextID, r)
	if err != nil {
		return issuer.Request{}, err
	}
	statements := append([]statement{request}, planIssued(contextID, issued)...)
	err = d.transact(ctx, func(tx transaction) error {
		for _, st := range statements {
			if err := tx.exec(ctx, st); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, engine.ErrExists): // asked for in another request
		return issuer.Request{}, issuer.ErrChanged
	case err != nil:
		return issuer.Request{}, err
	}
	r.Version++
	r.Created, r.Updated, r.Delivered = rule.Round(r.Created), rule.Round(r.Updated), rule.Round(r.Delivered)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r, nil
}

// IssuerRequest implements issuer.Store.
func (d *domain) IssuerRequest(ctx context.Context, contextID, id string) (issuer.Request, error) {
	var rows []issuanceRow
	err := d.read(ctx, &rows, `SELECT `+issuanceColumns+` FROM issuance_request WHERE context = ? AND id = ?`, contextID, id)
	if err != nil {
		return issuer.Request{}, fmt.Errorf("reading an issuer's request: %w", err)
	}
	row, err := first(rows, issuer.ErrNotFound)
	if err != nil {
		return issuer.Request{}, err
	}
	return d.issuance(&row)
}

// IssuerRequests implements issuer.Store.
func (d *domain) IssuerRequests(ctx context.Context, contextID, state, before string, limit int) ([]issuer.Request, error) {
	older, behind, err := d.older(ctx, `issuance_request`, `created`, contextID, before, issuer.ErrNotFound)
	if err != nil {
		return nil, err
	}
	where, args := `context = ?`, []any{contextID}
	if state != "" {
		where, args = where+` AND state = ?`, append(args, state)
	}
	var rows []issuanceRow
	err = d.read(ctx, &rows, `SELECT `+issuanceColumns+` FROM issuance_request WHERE `+where+older+`
		ORDER BY created DESC, id DESC LIMIT ?`, append(append(args, behind...), max(limit, 0))...)
	if err != nil {
		return nil, fmt.Errorf("listing an issuer's requests: %w", err)
	}
	return each(rows, d.issuance)
}

// ClaimIssuerRequests implements issuer.Store.
func (d *domain) ClaimIssuerRequests(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]issuer.Owned, error) {
	rows, until, err := claimDue[issuanceRow](ctx, d, issuancesDue, now, lease, limit)
	if err != nil {
		return nil, err
	}
	return each(rows, func(r *issuanceRow) (issuer.Owned, error) {
		r.NextTry = until
		q, err := d.issuance(r)
		return issuer.Owned{Context: r.Context, Request: q}, err
	})
}
