// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

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
}

const agreementColumns = `context, id, role, peer, address, address_foreign, negotiation, target, assigner, assignee,
	concluded, document, policy, dataset, claims, document_hash, policy_hash, unenforced, imported, final`

func (r *agreementRow) agreement() (negotiation.Agreement, error) {
	var claims claimsDoc
	if err := json.Unmarshal([]byte(r.Claims), &claims); err != nil {
		return negotiation.Agreement{}, fmt.Errorf("agreement %q: claims: %w", r.ID, err)
	}
	return negotiation.Agreement{
		Context: r.Context, ID: r.ID, Role: r.Role, Peer: r.Peer, Address: r.Address, Foreign: r.AddressForeign,
		Negotiation: r.Negotiation, Target: r.Target, Assigner: r.Assigner, Assignee: r.Assignee,
		Concluded: rule.Time(r.Concluded), Document: r.Document, Policy: r.Policy, Dataset: r.Dataset,
		Claims: claims.claims(), DocumentHash: r.DocumentHash, PolicyHash: r.PolicyHash,
		Unenforced: r.Unenforced, Imported: r.Imported, Final: r.Final,
	}, nil
}

// saveAgreement inserts an agreement that is not there.
func saveAgreement(a negotiation.Agreement) (statement, error) {
	claims, err := json.Marshal(docOfClaims(a.Claims))
	return statement{
		query: `INSERT INTO agreement (` + agreementColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (context, id) DO NOTHING`,
		args: []any{
			a.Context, a.ID, a.Role, a.Peer, a.Address, a.Foreign, a.Negotiation, a.Target, a.Assigner, a.Assignee,
			rule.Micro(a.Concluded), append([]byte{}, a.Document...), []byte(a.Policy), []byte(a.Dataset), string(claims),
			a.DocumentHash, a.PolicyHash, a.Unenforced, a.Imported, a.Final,
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
func (d *domain) Agreements(ctx context.Context, contextID, before string, limit int) ([]negotiation.Agreement, error) {
	where, args := `context = ?`, []any{contextID}
	if before != "" {
		var concluded []int64
		err := d.read(ctx, &concluded, `SELECT concluded FROM agreement WHERE context = ? AND id = ?`, contextID, before)
		if err != nil {
			return nil, fmt.Errorf("listing agreements: %w", err)
		}
		if len(concluded) == 0 {
			return nil, fmt.Errorf("cursor: %w", negotiation.ErrNoAgreement)
		}
		where += ` AND (concluded, id) < (?, ?)`
		args = append(args, concluded[0], before)
	}
	var rows []agreementRow
	err := d.read(ctx, &rows, `SELECT `+agreementColumns+` FROM agreement WHERE `+where+`
		ORDER BY concluded DESC, id DESC LIMIT ?`, append(args, max(limit, 0))...)
	if err != nil {
		return nil, fmt.Errorf("listing agreements: %w", err)
	}
	list := make([]negotiation.Agreement, len(rows))
	for i := range rows {
		if list[i], err = rows[i].agreement(); err != nil {
			return nil, err
		}
	}
	return list, nil
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
