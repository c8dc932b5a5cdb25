// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

type partRow struct {
	Context  string
	Transfer string
	Sent     bool
	ID       string
	Bodies   int64
	Bytes    int64
	Digest   string
	Cut      int64
	CutBytes int64 `db:"cut_bytes"`
	Began    int64
	Ended    int64
}

const partColumns = `context, transfer, sent, id, bodies, bytes, digest, cut, cut_bytes, began, ended`

func (r *partRow) part() (evidence.Part, error) {
	p := evidence.Part{Context: r.Context, Transfer: r.Transfer, Sent: r.Sent, ID: r.ID}
	p.Totals = evidence.Totals{
		Bodies: r.Bodies, Bytes: r.Bytes, Cut: r.Cut, CutBytes: r.CutBytes, First: rule.Time(r.Began), Last: rule.Time(r.Ended),
	}
	return p, p.Digest.UnmarshalText([]byte(r.Digest))
}

// EvidenceParts implements evidence.Store.
func (d *domain) EvidenceParts(ctx context.Context, contextID string, transfers []string) ([]evidence.Part, error) {
	var rows []partRow
	err := d.read(ctx, &rows, `SELECT `+partColumns+` FROM evidence_part WHERE context = ? AND transfer {in}
		ORDER BY transfer, sent, id`, contextID, d.dialect.list(transfers))
	if err != nil {
		return nil, fmt.Errorf("reading evidence: %w", err)
	}
	return each(rows, (*partRow).part)
}

// unsealedQuery begins with the condition of an index, word for word. Most of
// what it finds is running, and a look at its process says so.
const unsealedQuery = `SELECT DISTINCT e.context, e.transfer AS process FROM evidence_part e
	LEFT JOIN process p ON p.context = e.context AND p.id = e.transfer
	WHERE e.sealed < e.bodies + e.cut AND (e.context, e.transfer) > (?, ?)
		AND (p.id IS NULL OR p.updated <= ? AND p.state IN (?, ?, ?)) ORDER BY e.context, e.transfer LIMIT ?`

// UnsealedEvidence implements evidence.Store.
func (d *domain) UnsealedEvidence(ctx context.Context, since time.Time, after engine.Change, limit int) ([]engine.Change, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var rows []openRow
	err := d.read(ctx, &rows, unsealedQuery, after.Context, after.Process, rule.Micro(since),
		string(transfer.Suspended), string(transfer.Completed), string(transfer.Terminated), limit)
	if err != nil {
		return nil, fmt.Errorf("listing evidence: %w", err)
	}
	return each(rows, (*openRow).change)
}

// SealEvidence implements evidence.Store.
func (d *domain) SealEvidence(ctx context.Context, contextID, transferID string, entry func([]evidence.Part) (engine.Entry, error)) (bool, error) {
	sealed := false
	err := d.changes(ctx, "sealing evidence", func(tx transaction) error {
		sealed = false
		var ids []string
		err := tx.query(ctx, &ids, `UPDATE evidence_part SET sealed = bodies + cut
			WHERE context = ? AND transfer = ? AND sealed < bodies + cut RETURNING id`, contextID, transferID)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return errUnchanged
		}
		var rows []partRow
		err = tx.query(ctx, &rows, `SELECT `+partColumns+` FROM evidence_part WHERE context = ? AND transfer = ?
			ORDER BY sent, id`, contextID, transferID)
		if err != nil {
			return err
		}
		parts, err := each(rows, (*partRow).part)
		if err != nil {
			return err
		}
		e, err := entry(parts)
		if err == nil {
			err = rule.Journal(contextID, e)
		}
		if err != nil {
			return err
		}
		sealed = true
		return tx.journal(ctx, contextID, []engine.Entry{e})
	})
	return sealed && err == nil, err
}
