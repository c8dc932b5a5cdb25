// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

// laneOf is a lane as a column has it. A participant's context has no space.
func laneOf(l transfer.Lane) string { return l.Context + " " + l.Peer }

// The index is entered once per lane, at its first row, and then read as far as
// the caller could take: what it costs does not depend on how long a lane is.
const (
	dueLanes = `WITH RECURSIVE lanes(lane) AS (
			SELECT min(lane) FROM job WHERE next_try > 0
			UNION ALL
			SELECT (SELECT min(j.lane) FROM job j WHERE j.next_try > 0 AND j.lane > lanes.lane) FROM lanes WHERE lanes.lane IS NOT NULL
		), busy(lane, n) AS (SELECT r.value ->> 0, CAST(r.value ->> 1 AS BIGINT) FROM {rows}
		), turns AS (SELECT h.*, row_number() OVER (PARTITION BY lanes.lane ORDER BY h.next_try, h.context, h.process, h.kind)
				+ coalesce((SELECT busy.n FROM busy WHERE busy.lane = lanes.lane), 0) AS turn FROM lanes `
	dueOfLane = `SELECT q.context, q.process, q.kind FROM job q WHERE q.lane = lanes.lane AND q.next_try > 0 AND q.next_try <= ?
				AND q.kind {in} ORDER BY q.next_try, q.context, q.process, q.kind LIMIT ?`
	dueInTurn = `) ` + jobColumns + `turns WHERE turn <= ? ORDER BY turn, next_try, context, process, kind LIMIT ?`
)

// DueJobs implements transfer.JobStore.
func (d *domain) DueJobs(ctx context.Context, q transfer.JobQuery) ([]transfer.Job, error) {
	busy := make([][]any, 0, len(q.Busy))
	for lane, n := range q.Busy {
		busy = append(busy, []any{laneOf(lane), n})
	}
	each := d.dialect.picked
	return d.jobs(ctx, dueLanes+each[0]+dueOfLane+each[1]+dueInTurn,
		table(busy), rule.Micro(q.Now), d.dialect.list(kindsOf(q.Kinds)), max(q.PerLane, 0), q.PerLane, max(q.Limit, 0))
}

func kindsOf(kinds []transfer.JobKind) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

// NextJob implements transfer.JobStore.
func (d *domain) NextJob(ctx context.Context, after time.Time, kinds ...transfer.JobKind) (time.Time, error) {
	var times []int64
	err := d.read(ctx, &times, `SELECT next_try FROM job WHERE next_try > ? AND next_try > 0 AND kind {in} ORDER BY next_try LIMIT 1`,
		rule.Micro(after), d.dialect.list(kindsOf(kinds)))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading jobs: %w", err)
	}
	next, _ := first(times, nil)
	return rule.Time(next), nil
}
