// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/musubi-ods/musubi/internal/engine"
)

// fewCommits are done one by one: nothing is won by their waiting for others.
const fewCommits = 2

// groupTime bounds a transaction of many steps, groupLock its waiting for a
// row that another replica holds: those who wait for nobody go on alone.
const (
	groupTime = 20 * time.Second
	groupLock = "200ms"
)

// errAlone: the step was not stored and is to be done in a transaction of its
// own. It need not be its fault.
var errAlone = errors.New("to be committed alone")

// group stores the steps of many callers in one transaction, whose statements
// each write the rows of all of them.
//
//	begin ──> processes: compare-and-set ──> those that are not as expected: refused
//	  └─────> the rows of the others ──> all as they should be ──> COMMIT
//	                                 └─> or not: ROLLBACK, each of them alone
type group struct {
	gathering[engine.Commit]
	s *onPostgres
}

func newGroup(ctx context.Context, s *onPostgres) *group {
	g := &group{gathering: newGathering[engine.Commit](), s: s}
	ctx = context.WithoutCancel(ctx)
	g.start(func() { g.loop(ctx) })
	return g
}

// loop gathers the next steps while those before them are written.
func (g *group) loop(ctx context.Context) {
	for first := range g.queue {
		var jobs []*job[engine.Commit]
		for j := first; j != nil; j = g.waiting(len(jobs)) {
			if j.take() {
				jobs = append(jobs, j)
			}
		}
		for i, err := range g.together(ctx, jobs) {
			jobs[i].answer <- err
		}
	}
}

// together returns how each step ended.
func (g *group) together(ctx context.Context, jobs []*job[engine.Commit]) []error {
	ctx, cancel := context.WithTimeout(ctx, groupTime)
	defer cancel()
	b, err := newBatch(g.s, jobs)
	if err == nil {
		err = g.s.onConn(ctx, func(pg *pgx.Conn) error { return b.run(ctx, pg) })
	}
	if err == nil {
		_ = g.s.health.ended(nil, true)
		return b.results
	}
	_ = g.s.broken(err) // takes note of it
	if !errors.Is(err, errDoubt) {
		err = errAlone
	}
	for i := range b.results {
		b.results[i] = err
	}
	return b.results
}

// batch is one transaction of several steps.
type batch struct {
	s       *onPostgres
	jobs    []*job[engine.Commit]
	rows    []processRow
	results []error
}

func newBatch(s *onPostgres, jobs []*job[engine.Commit]) (*batch, error) {
	b := &batch{s: s, jobs: jobs, rows: make([]processRow, len(jobs)), results: make([]error, len(jobs))}
	for i, j := range jobs {
		row, err := rowOf(j.part.Record)
		if err != nil {
			return b, err
		}
		b.rows[i] = row
	}
	return b, nil
}

// run does all or, with an error, nothing.
func (b *batch) run(ctx context.Context, pg *pgx.Conn) error {
	if err := b.swap(ctx, pg); err != nil {
		rollback(ctx, pg)
		return err
	}
	statements, err := b.rest()
	if err == nil {
		err = b.queue(ctx, pg, statements)
	}
	if err != nil {
		rollback(ctx, pg)
		return err
	}
	return finish(ctx, pg)
}

// queue sends statements at once and judges them.
func (b *batch) queue(ctx context.Context, pg *pgx.Conn, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	q := &pgx.Batch{}
	for _, st := range statements {
		q.Queue(b.s.rebind(st.query), st.args...)
	}
	return judgeAll(pg.SendBatch(ctx, q), statements)
}

// rest returns the statements of the steps whose processes were as expected,
// but for those of the processes.
func (b *batch) rest() ([]statement, error) {
	var (
		set  rows
		each []statement
	)
	for i, j := range b.jobs {
		if b.results[i] != nil {
			continue
		}
		each = append(each, set.add(j.part)...)
		for _, w := range j.part.Writes {
			list, err := write(j.part.Record.Context, w)
			if err != nil {
				return nil, err
			}
			each = append(each, list...)
		}
	}
	return append(set.statements(), each...), nil
}

// swap begins the transaction and compares and sets the processes.
func (b *batch) swap(ctx context.Context, pg *pgx.Conn) error {
	var fresh, known processLists
	for i, j := range b.jobs {
		if j.part.Expect == 0 {
			fresh.add(i, b.rows[i], 0)
			b.results[i] = engine.ErrExists
		} else {
			known.add(i, b.rows[i], j.part.Expect)
			b.results[i] = engine.ErrConflict
		}
	}
	q := &pgx.Batch{}
	q.Queue("BEGIN")
	q.Queue(groupSettings)
	set := func(rows pgx.Rows) error {
		var n int64
		_, err := pgx.ForEachRow(rows, []any{&n}, func() error { b.results[n] = nil; return nil })
		return err
	}
	if len(known.n) > 0 {
		q.Queue(b.s.rebind(swapQuery), known.args()...).Query(set)
	}
	if len(fresh.n) > 0 {
		q.Queue(b.s.rebind(freshQuery), append(fresh.args(), fresh.n, fresh.context, fresh.id)...).Query(set)
	}
	return pg.SendBatch(ctx, q).Close()
}

// groupSettings are of the transaction. What is looked up is few rows of large
// tables, of which the planner may know only that they were empty.
const groupSettings = `SELECT set_config('lock_timeout', '` + groupLock + `', true),
	set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
	set_config('enable_mergejoin', 'off', true)`
