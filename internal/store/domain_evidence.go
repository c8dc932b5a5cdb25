// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// keepParts never makes a part count less: batches may be kept again, and late.
const keepParts = `INSERT INTO evidence_part (context, transfer, sent, id, bodies, bytes, digest, cut, cut_bytes, began, ended, sealed)
	SELECT r.value ->> 0, r.value ->> 1, CAST(r.value ->> 2 AS BOOLEAN), r.value ->> 3, CAST(r.value ->> 4 AS BIGINT),
		CAST(r.value ->> 5 AS BIGINT), r.value ->> 6, CAST(r.value ->> 7 AS BIGINT), CAST(r.value ->> 8 AS BIGINT),
		CAST(r.value ->> 9 AS BIGINT), CAST(r.value ->> 10 AS BIGINT), 0
	FROM {rows} WHERE true
	ON CONFLICT (context, transfer, sent, id) DO UPDATE SET bodies = excluded.bodies, bytes = excluded.bytes, digest = excluded.digest,
		cut = excluded.cut, cut_bytes = excluded.cut_bytes, began = excluded.began, ended = excluded.ended
	WHERE excluded.bodies >= evidence_part.bodies AND excluded.cut >= evidence_part.cut`

// errKept: a body was kept before.
var errKept = errors.New("kept before")

// KeepEvidence implements evidence.Store.
func (d *domain) KeepEvidence(ctx context.Context, b evidence.Batch) error {
	if err := rule.Evidence(b); err != nil {
		return err
	}
	// In one order, so that two batches do not wait for each other.
	parts := slices.SortedFunc(slices.Values(b.Parts), evidence.ComparePart)
	err := d.transact(ctx, func(tx transaction) error {
		for _, t := range b.Told {
			if err := tx.exec(ctx, told(t)); err != nil {
				return err
			}
		}
		for chunk := range slices.Chunk(parts, 8*maxRows) {
			if err := tx.exec(ctx, d.do(keepParts, table(partRows(chunk)))); err != nil {
				return err
			}
		}
		for _, k := range b.Bodies {
			if err := keepBody(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping evidence: %w", err)
	}
	return nil
}

// told notes a message, unless it is. Of two at the same time one waits for the
// other.
func told(t evidence.Told) statement {
	return statement{
		query: `INSERT INTO evidence_told (context, transfer, batch, kept) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		args:  []any{t.Context, t.Transfer, t.ID, rule.Micro(t.At)}, want: 1, otherwise: evidence.ErrTold,
	}
}

func partRows(parts []evidence.Part) [][]any {
	rows := make([][]any, len(parts))
	for i, p := range parts {
		sent := 0
		if p.Sent {
			sent = 1
		}
		rows[i] = []any{
			p.Context, p.Transfer, sent, p.ID, p.Bodies, p.Bytes, p.Digest.String(), p.Cut, p.CutBytes,
			rule.Micro(p.First), rule.Micro(p.Last),
		}
	}
	return rows
}

func keepBody(ctx context.Context, tx transaction, k evidence.Kept) error {
	err := tx.exec(ctx, statement{
		query: `INSERT INTO evidence_body (` + bodyColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (context, id) DO NOTHING`,
		args: []any{
			k.Context, k.Transfer, k.ID, k.Direction == evidence.Sent, k.TrackingID, k.Method, k.Path, k.Status, k.Offset, k.Bytes,
			k.SHA256, k.Whole, rule.Micro(k.Began), rule.Micro(k.Ended),
		},
		want: 1, otherwise: errKept,
	})
	if errors.Is(err, errKept) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.journal(ctx, k.Context, []engine.Entry{k.Journal})
}

const bodyColumns = `context, transfer, id, sent, tracking_id, method, path, status, start, bytes, sha256, whole, began, ended`

type bodyRow struct {
	Context    string
	Transfer   string
	ID         string
	Sent       bool
	TrackingID string `db:"tracking_id"`
	Method     string
	Path       string
	Status     int
	Start      int64
	Bytes      int64
	SHA256     string `db:"sha256"`
	Whole      bool
	Began      int64
	Ended      int64
}

func (r *bodyRow) body() (evidence.Body, error) {
	b := evidence.Body{
		Context: r.Context, Transfer: r.Transfer, ID: r.ID, Direction: evidence.Received, TrackingID: r.TrackingID,
		Method: r.Method, Path: r.Path, Status: r.Status, Offset: r.Start, Bytes: r.Bytes, SHA256: r.SHA256, Whole: r.Whole,
		Began: rule.Time(r.Began), Ended: rule.Time(r.Ended),
	}
	if r.Sent {
		b.Direction = evidence.Sent
	}
	return b, nil
}

// EvidenceBodies implements evidence.Store.
func (d *domain) EvidenceBodies(ctx context.Context, contextID, transfer, after string, limit int) ([]evidence.Body, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var rows []bodyRow
	err := d.read(ctx, &rows, `SELECT `+bodyColumns+` FROM evidence_body
		WHERE context = ? AND transfer = ? AND id > ? ORDER BY id LIMIT ?`, contextID, transfer, after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading evidence: %w", err)
	}
	return each(rows, (*bodyRow).body)
}

// HasBody implements evidence.Store.
func (d *domain) HasBody(ctx context.Context, b evidence.Body) (bool, error) {
	var ids []string
	err := d.read(ctx, &ids, `SELECT id FROM evidence_body
		WHERE context = ? AND transfer = ? AND sha256 = ? AND tracking_id = ? AND whole AND sent = ? LIMIT 1`,
		b.Context, b.Transfer, b.SHA256, b.TrackingID, b.Direction == evidence.Sent)
	if err != nil {
		return false, fmt.Errorf("looking for evidence: %w", err)
	}
	return len(ids) > 0, nil
}

// EvidenceTransfers implements evidence.Store.
func (d *domain) EvidenceTransfers(ctx context.Context, contextID string, q evidence.Query) ([]string, error) {
	var where strings.Builder
	args := []any{contextID}
	if q.Before != "" {
		where.WriteString(` AND transfer < ?`)
		args = append(args, q.Before)
	}
	if q.Agreement != "" {
		where.WriteString(` AND EXISTS (SELECT 1 FROM process p WHERE p.context = evidence_part.context AND p.id = evidence_part.transfer AND p.subject = ?)`)
		args = append(args, q.Agreement)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var ids []string
	err := d.read(ctx, &ids, `SELECT DISTINCT transfer FROM evidence_part WHERE context = ?`+where.String()+`
		ORDER BY transfer DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("listing evidence: %w", err)
	}
	return ids, nil
}
