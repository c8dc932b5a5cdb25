// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/musubi-ods/musubi/trust"
)

// key is of the row.
func (u tokenUse) key() string { return u.context + "\x00" + string(u.hash) }

// usedQuery records many tokens, and returns those that were not on record.
const usedQuery = `INSERT INTO used_token (context, hash, until)
	SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS bytea[]), CAST(? AS bigint[]))
	ON CONFLICT DO NOTHING RETURNING context, hash`

// tokens records the tokens of many callers with one statement: each message
// of a peer brings one.
type tokens struct {
	gathering[tokenUse]
	s *onPostgres
}

func newTokens(ctx context.Context, s *onPostgres) *tokens {
	t := &tokens{gathering: newGathering[tokenUse](), s: s}
	ctx = context.WithoutCancel(ctx)
	t.start(func() { t.loop(ctx) })
	return t
}

func (t *tokens) loop(ctx context.Context) {
	for first := range t.queue {
		var jobs []*job[tokenUse]
		for j := first; j != nil; j = t.waiting(len(jobs)) {
			if j.take() {
				jobs = append(jobs, j)
			}
		}
		for i, err := range t.together(ctx, jobs) {
			jobs[i].answer <- err
		}
	}
}

// together returns trust.ErrUsed for each token that was on record.
func (t *tokens) together(ctx context.Context, jobs []*job[tokenUse]) []error {
	ctx, cancel := context.WithTimeout(ctx, groupTime)
	defer cancel()
	var contexts []string
	var hashes [][]byte
	var untils []int64
	for _, j := range jobs {
		contexts, hashes, untils = append(contexts, j.part.context), append(hashes, j.part.hash), append(untils, j.part.until)
	}
	var rows []struct {
		Context string
		Hash    []byte
	}
	failed := t.s.pool.SelectContext(ctx, &rows, t.s.rebind(usedQuery), contexts, hashes, untils)
	if failed = undecided(failed); failed != nil && !errors.Is(failed, errDoubt) {
		failed = errAlone
	}
	fresh := map[string]bool{}
	for _, row := range rows {
		fresh[tokenUse{context: row.Context, hash: row.Hash}.key()] = true
	}
	results := make([]error, len(jobs))
	for i, j := range jobs {
		switch key := j.part.key(); {
		case failed != nil:
			results[i] = failed
		case !fresh[key]:
			results[i] = trust.ErrUsed
		}
		delete(fresh, j.part.key()) // of two callers with one token, one is the first
	}
	return results
}

// undecided makes a doubt of an error after which nobody knows whether a
// statement that is a transaction of its own was done.
func undecided(err error) error {
	if _, answered := errors.AsType[*pgconn.PgError](err); err != nil && !answered && !pgconn.SafeToRetry(err) &&
		(lost(err) || pgconn.Timeout(err)) {
		return errors.Join(errDoubt, err)
	}
	return err
}

// useToken records a token: alone while few are under way, else together with
// others.
func (s *onPostgres) useToken(ctx context.Context, u tokenUse) error {
	under := s.uses.Add(1)
	defer s.uses.Add(-1)
	err := errAlone
	if under > s.alone && !s.health.faulty.Load() {
		err = s.tokens.do(ctx, u)
	}
	if errors.Is(err, errAlone) {
		return s.execUnrepeated(ctx, u.insert())
	}
	return err
}
