// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// planOutbox changes each row at most once: what is held is given back by the
// statement that puts or removes it.
func planOutbox(c engine.Commit) []statement {
	type change struct {
		op engine.Op
		statement
	}
	var list []change
	held := held{Work: c.Held}
	for _, put := range c.Put {
		list = append(list, change{put.Now.Op, putWork(put, held.of(put.Was))})
	}
	for _, was := range c.Remove {
		list = append(list, change{was.Op, removeWork(was, held.of(was))})
	}
	if held.left() {
		list = append(list, change{c.Held.Op, freeWork(*c.Held)})
	}
	slices.SortStableFunc(list, func(a, b change) int { return cmp.Compare(a.op, b.op) })
	statements := make([]statement, len(list))
	for i := range list {
		statements[i] = list[i].statement
	}
	return statements
}

// held is the lease that a commit was made under, if there was one.
type held struct {
	*engine.Work
	given bool
}

// of is the lease of a row; nil: it is not the one that is held. The statement
// that is made of it gives it back.
func (h *held) of(was engine.Work) *engine.Work {
	if h.Work == nil || h.Op != was.Op || was.Key == "" {
		return nil
	}
	h.given = true
	return h.Work
}

// left reports whether no statement gives the lease back.
func (h *held) left() bool { return h.Work != nil && !h.given }

// asLoaded selects a row as it was loaded, under a lease if there is one.
const (
	asLoaded   = ` WHERE context = ? AND process = ? AND op = ? AND key = ? AND fence = ?`
	underLease = asLoaded + ` AND owner = ? AND fence = ?`
)

func loaded(w engine.Work, lease *engine.Work) []any {
	args := []any{w.Context, w.Process, string(w.Op), w.Key, w.Fence}
	if lease != nil {
		args = append(args, lease.Owner, lease.Fence)
	}
	return args
}

func putWork(put engine.WorkChange, lease *engine.Work) statement {
	was, now := put.Was, put.Now
	if was.Key == "" {
		var owner, until any // NULL: it waits to be claimed
		claims := 0
		if now.Owner != "" {
			owner, until, claims = now.Owner, rule.Micro(now.LeaseUntil), 1
		}
		return statement{
			query: `INSERT INTO outbox (context, process, op, key, lane, due, fence, claims, owner, lease_until)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			args: []any{now.Context, now.Process, string(now.Op), now.Key, now.Lane, rule.Micro(now.Due), now.Fence, claims, owner, until},
			want: 1, otherwise: engine.ErrConflict,
		}
	}
	const set = `UPDATE outbox SET claims = CASE WHEN key = ? THEN claims ELSE 0 END, key = ?, lane = ?, due = ?`
	query := set + asLoaded
	if lease != nil {
		query = set + `, owner = NULL, lease_until = NULL` + underLease
	}
	return statement{
		query: query,
		args:  append([]any{now.Key, now.Key, now.Lane, rule.Micro(now.Due)}, loaded(was, lease)...),
		want:  1, otherwise: engine.ErrConflict,
	}
}

func removeWork(was engine.Work, lease *engine.Work) statement {
	query := `DELETE FROM outbox` + asLoaded
	if lease != nil {
		query = `DELETE FROM outbox` + underLease
	}
	return statement{query: query, args: loaded(was, lease), want: 1, otherwise: engine.ErrConflict}
}

// freeWork gives a lease back, if it is held.
func freeWork(w engine.Work) statement {
	return statement{
		query: `UPDATE outbox SET owner = NULL, lease_until = NULL
			WHERE context = ? AND process = ? AND op = ? AND owner = ? AND fence = ?`,
		args: heldArgs(w),
		want: 1, otherwise: engine.ErrFenced,
	}
}
