// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
)

type agreementRow struct {
	Context        string
	ID             string
	Role           string
	Peer           string
	Address        string
	AddressForeign bool `db:"address_foreign"`
	Negotiation    string
	Target         string
	Assigner       string
	Assignee       string
	Concluded      int64
	Document       []byte
	Policy         []byte
	Dataset        []byte
	Claims         string
	DocumentHash   string `db:"document_hash"`
	PolicyHash     string `db:"policy_hash"`
	Unenforced     bool
	Imported       bool
	Final          bool
	Offer          string
	Declared       *string
	Ended          int64
	EndedBy        string `db:"ended_by"`
	EndReason      string `db:"end_reason"`
}

const agreementColumns = `context, id, role, peer, address, address_foreign, negotiation, target, assigner, assignee,
	concluded, document, policy, dataset, claims, document_hash, policy_hash, unenforced, imported, final, offer, declared,
	ended, ended_by, end_reason`

func (r *agreementRow) agreement() (negotiation.Agreement, error) {
	var claims claimsDoc
	if err := json.Unmarshal([]byte(r.Claims), &claims); err != nil {
		return negotiation.Agreement{}, fmt.Errorf("agreement %q: claims: %w", r.ID, err)
	}
	declared, err := r.declared()
	return negotiation.Agreement{
		Context: r.Context, ID: r.ID, Role: r.Role, Peer: r.Peer, Address: r.Address, Foreign: r.AddressForeign,
		Negotiation: r.Negotiation, Target: r.Target, Assigner: r.Assigner, Assignee: r.Assignee,
		Concluded: rule.Time(r.Concluded), Document: r.Document, Policy: r.Policy, Dataset: r.Dataset,
		Claims: claims.claims(), DocumentHash: r.DocumentHash, PolicyHash: r.PolicyHash,
		Unenforced: r.Unenforced, Imported: r.Imported, Final: r.Final, Offer: r.Offer, Declared: declared,
		Ended: rule.Time(r.Ended), EndedBy: r.EndedBy, EndReason: r.EndReason,
	}, err
}

// declared reads values that stand as texts, since JSON inside JSON would not
// keep its bytes.
func (r *agreementRow) declared() (map[string]json.RawMessage, error) {
	if r.Declared == nil {
		return nil, nil
	}
	var texts map[string]string
	if err := json.Unmarshal([]byte(*r.Declared), &texts); err != nil {
		return nil, fmt.Errorf("agreement %q: declared values: %w", r.ID, err)
	}
	values := make(map[string]json.RawMessage, len(texts))
	for name, text := range texts {
		values[name] = json.RawMessage(text)
	}
	return values, nil
}

func docOfDeclared(values map[string]json.RawMessage) *string {
	if len(values) == 0 {
		return nil
	}
	texts := make(map[string]string, len(values))
	for name, value := range values {
		texts[name] = string(value)
	}
	doc := mustJSON(texts)
	return &doc
}

// saveAgreement inserts an agreement that is not there.
func saveAgreement(a negotiation.Agreement) (statement, error) {
	claims, err := json.Marshal(docOfClaims(a.Claims))
	return statement{
		query: `INSERT INTO agreement (` + agreementColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '') ON CONFLICT (context, id) DO NOTHING`,
		args: []any{
			a.Context, a.ID, a.Role, a.Peer, a.Address, a.Foreign, a.Negotiation, a.Target, a.Assigner, a.Assignee,
			rule.Micro(a.Concluded), append([]byte{}, a.Document...), []byte(a.Policy), []byte(a.Dataset), string(claims),
			a.DocumentHash, a.PolicyHash, a.Unenforced, a.Imported, a.Final, a.Offer, docOfDeclared(a.Declared),
		},
		want: 1, otherwise: negotiation.ErrAgreementExists,
	}, err
}

func finalizeAgreement(f negotiation.FinalizeAgreement) statement {
	return statement{
		query: `UPDATE agreement SET final = ? WHERE context = ? AND id = ?`,
		args:  []any{true, f.Context, f.ID},
		want:  1, otherwise: negotiation.ErrNoAgreement,
	}
}

// Agreement implements negotiation.AgreementStore.
func (d *domain) Agreement(ctx context.Context, contextID, id string) (negotiation.Agreement, error) {
	var rows []agreementRow
	err := d.read(ctx, &rows, `SELECT `+agreementColumns+` FROM agreement WHERE context = ? AND id = ?`, contextID, id)
	if err != nil {
		return negotiation.Agreement{}, fmt.Errorf("reading an agreement: %w", err)
	}
	row, err := first(rows, negotiation.ErrNoAgreement)
	if err != nil {
		return negotiation.Agreement{}, err
	}
	return row.agreement()
}

// Agreements implements negotiation.AgreementStore.
func (d *domain) Agreements(ctx context.Context, contextID string, q negotiation.AgreementQuery) ([]negotiation.Agreement, error) {
	older, behind, err := d.older(ctx, `agreement`, `concluded`, contextID, q.Before, negotiation.ErrNoAgreement)
	if err != nil {
		return nil, err
	}
	where, args := selectAgreements(q)
	args = append(append([]any{contextID}, args...), behind...)
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	var rows []agreementRow
	err = d.read(ctx, &rows, `SELECT `+agreementColumns+` FROM agreement WHERE context = ?`+where+older+`
		ORDER BY concluded DESC, id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("listing agreements: %w", err)
	}
	return each(rows, (*agreementRow).agreement)
}

// selectAgreements returns the conditions of q. The texts are few, so that each
// is prepared once.
func selectAgreements(q negotiation.AgreementQuery) (where string, args []any) {
	for _, c := range []struct{ column, value string }{{"peer", q.Peer}, {"role", q.Role}, {"target", q.Target}} {
		if c.value != "" {
			where += ` AND ` + c.column + ` = ?`
			args = append(args, c.value)
		}
	}
	if q.InForce {
		where += ` AND final AND ended = 0` // as the index has it
	}
	return where, args
}

// PutAgreement implements negotiation.AgreementStore.
func (d *domain) PutAgreement(ctx context.Context, a negotiation.Agreement) error {
	if err := rule.Agreement(a.Context, a); err != nil {
		return err
	}
	st, err := saveAgreement(a)
	if err != nil {
		return err
	}
	return d.write(ctx, st)
}

// EndAgreement implements negotiation.AgreementStore.
func (d *domain) EndAgreement(ctx context.Context, contextID, id string, e negotiation.End) error {
	if err := rule.EndAgreement(contextID, id, e); err != nil {
		return err
	}
	end := statement{
		query: `UPDATE agreement SET ended = ?, ended_by = ?, end_reason = ? WHERE context = ? AND id = ? AND ended = 0`,
		args:  []any{rule.Micro(e.At), e.By, e.Reason, contextID, id},
		want:  1, otherwise: negotiation.ErrAgreementEnded,
	}
	err := d.transact(ctx, func(tx transaction) error {
		if err := tx.exec(ctx, end); err != nil {
			return err
		}
		return tx.journal(ctx, contextID, []engine.Entry{e.Journal})
	})
	if errors.Is(err, negotiation.ErrAgreementEnded) {
		if _, err := d.Agreement(ctx, contextID, id); err != nil {
			return err
		}
	}
	return err
}
