// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

type jobRow struct {
	Context string
	Process string
	Kind    string
	Version int64
	NextTry int64 `db:"next_try"`
	Doc     string
	Address *string // sealed
}

const jobColumns = `SELECT context, process, kind, version, next_try, doc, address FROM `

func jobPlace(contextID, process, kind string) place {
	return place{contextID, "job", kind + " " + process, "address"}
}

func (d *domain) jobOf(r *jobRow) (j transfer.Job, err error) {
	if err := json.Unmarshal([]byte(r.Doc), &j); err != nil {
		return j, fmt.Errorf("job %s of %s: %w", r.Kind, r.Process, err)
	}
	j.Version, j.NextTry = r.Version, rule.Time(r.NextTry)
	address, err := d.seal.open(r.Address, jobPlace(r.Context, r.Process, r.Kind))
	if err == nil && len(address) > 0 {
		err = json.Unmarshal(address, &j.Address)
	}
	return j, err
}

func (d *domain) jobs(ctx context.Context, query string, args ...any) ([]transfer.Job, error) {
	var rows []jobRow
	if err := d.read(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("reading jobs: %w", err)
	}
	return each(rows, d.jobOf)
}

// Job implements transfer.JobStore.
func (d *domain) Job(ctx context.Context, contextID, process string, kind transfer.JobKind) (transfer.Job, error) {
	list, err := d.jobs(ctx, jobColumns+`job WHERE context = ? AND process = ? AND kind = ?`, contextID, process, string(kind))
	if err != nil {
		return transfer.Job{}, err
	}
	return first(list, transfer.ErrNoJob)
}

// PutJob implements transfer.JobStore.
func (d *domain) PutJob(ctx context.Context, j transfer.Job) (transfer.Job, error) {
	if err := rule.Job(j); err != nil {
		return j, err
	}
	j = rule.RoundJob(j)
	doc, err := json.Marshal(j)
	if err != nil {
		return j, err
	}
	var address []byte
	if j.Address != nil {
		if address, err = json.Marshal(j.Address); err != nil {
			return j, err
		}
	}
	sealed, err := d.seal.close(address, jobPlace(j.Context, j.Process, string(j.Kind)))
	if err != nil {
		return j, err
	}
	change := statement{
		query: `UPDATE job SET version = version + 1, lane = ?, next_try = ?, doc = ?, address = ? WHERE context = ? AND process = ? AND kind = ? AND version = ?`,
		args:  []any{laneOf(j.Lane()), rule.Micro(j.NextTry), string(doc), sealed, j.Context, j.Process, string(j.Kind), j.Version},
		want:  1, otherwise: transfer.ErrJobChanged,
	}
	if j.Version == 0 {
		change.query = `INSERT INTO job (lane, next_try, doc, address, context, process, kind, version) VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING`
		change.args = change.args[:7]
	}
	if err := d.write(ctx, change); err != nil {
		return j, fmt.Errorf("writing a job: %w", err)
	}
	j.Version++
	return j, nil
}
