// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// statement is one conditional write of a commit. If it does not touch want
// rows, the commit is undone and its answer is otherwise.
type statement struct {
	query     string
	args      []any
	want      int64
	otherwise error
}

// plan returns the statements of c but those of its journal, in the order in
// which every commit takes its row locks: outbox by operation, then process.
func plan(c engine.Commit) ([]statement, error) {
	row, err := rowOf(c.Record)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", rule.ErrInvalid, err)
	}
	list := make([]statement, 0, 2+len(c.Put)+len(c.Remove)+len(c.Exchanges)+len(c.Outcomes)+len(c.Writes))
	if c.Expect == 0 {
		list = append(list, insertProcess(row))
		list = append(list, planOutbox(c)...)
	} else {
		list = append(list, planOutbox(c)...)
		list = append(list, updateProcess(row, c.Expect))
	}
	for _, x := range c.Exchanges {
		list = append(list, insertExchange(c.Record, x))
	}
	for _, o := range c.Outcomes {
		list = append(list, updateOutcome(c.Record, o))
	}
	for _, w := range c.Writes {
		s, err := write(c.Record.Context, w)
		if err != nil {
			return nil, err
		}
		list = append(list, s...)
	}
	return list, nil
}

func insertProcess(p processRow) statement {
	return statement{
		query: `INSERT INTO process (context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer,
			state, version, final, decide, person, subject, created, updated, doc, data)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		args: []any{
			p.Context, p.ID, p.Kind, p.Role, p.Peer, p.PeerPID, p.PeerPIDTentative, p.OpenedByPeer,
			p.State, p.Version, p.Final, p.Decide, p.Person, p.Subject, p.Created, p.Updated, p.Doc, p.Data,
		},
		want: 1, otherwise: engine.ErrExists,
	}
}

// updateProcess is the compare-and-set. What a process is from its first
// commit on is compared too and never written, and neither is what a commit
// cannot change: that spares the indexes.
func updateProcess(p processRow, expect int64) statement {
	set := `UPDATE process SET peer_pid_tentative = ?, state = ?, version = ?, decide = ?, person = ?,
		subject = ?, updated = ?, doc = ?, data = ?`
	args := []any{p.PeerPIDTentative, p.State, p.Version, p.Decide, p.Person, p.Subject, p.Updated, p.Doc, p.Data}
	where := ` WHERE context = ? AND id = ? AND version = ? AND kind = ? AND role = ? AND peer = ? AND opened_by_peer = ?
		AND created = ?`
	same := []any{p.Context, p.ID, expect, p.Kind, p.Role, p.Peer, p.OpenedByPeer, p.Created}
	if p.Final {
		set += `, final = ?`
		args = append(args, true)
	} else {
		where += ` AND NOT final`
	}
	if p.OpenedByPeer {
		where += ` AND peer_pid = ?`
		same = append(same, p.PeerPID)
	} else {
		set += `, peer_pid = ?`
		args = append(args, p.PeerPID)
	}
	return statement{query: set + where, args: append(args, same...), want: 1, otherwise: engine.ErrConflict}
}

// planOutbox changes each row at most once: what is held is given back by the
// statement that puts or removes it.
func planOutbox(c engine.Commit) []statement {
	type change struct {
		op engine.Op
		statement
	}
	var list []change
	free := c.Held == nil
	lease := func(was engine.Work) *engine.Work {
		if c.Held == nil || c.Held.Op != was.Op || was.Key == "" {
			return nil
		}
		free = true
		return c.Held
	}
	for _, put := range c.Put {
		list = append(list, change{put.Now.Op, putWork(put, lease(put.Was))})
	}
	for _, was := range c.Remove {
		list = append(list, change{was.Op, removeWork(was, lease(was))})
	}
	if !free {
		list = append(list, change{c.Held.Op, freeWork(*c.Held)})
	}
	slices.SortStableFunc(list, func(a, b change) int { return cmp.Compare(a.op, b.op) })
	statements := make([]statement, len(list))
	for i := range list {
		statements[i] = list[i].statement
	}
	return statements
}

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

// heldQuery finds a lease that is held.
const heldQuery = `SELECT 1 FROM outbox WHERE context = ? AND process = ? AND op = ? AND owner = ? AND fence = ?`

func heldArgs(w engine.Work) []any {
	return []any{w.Context, w.Process, string(w.Op), w.Owner, w.Fence}
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

func insertExchange(r engine.Record, x engine.Exchange) statement {
	body, otherwise := x.Body, engine.ErrConflict
	if body == nil {
		body = []byte{}
	}
	if !x.Inbound {
		otherwise = fmt.Errorf("%w: our message %q is in the history", rule.ErrInvalid, x.MessageID)
	}
	var id any // NULL is unlike every other
	if x.MessageID != "" {
		id = x.MessageID
	}
	return statement{
		query: `INSERT INTO exchange (context, process, inbound, message_id, message, hash, at, outcome, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		args: []any{r.Context, r.ID, x.Inbound, id, string(x.Message), x.Hash, rule.Micro(x.At), x.Outcome, body},
		want: 1, otherwise: otherwise,
	}
}

func updateOutcome(r engine.Record, o engine.Outcome) statement {
	return statement{
		query: `UPDATE exchange SET outcome = ?
			WHERE context = ? AND process = ? AND message_id = ? AND NOT inbound`,
		args: []any{o.Outcome, r.Context, r.ID, o.MessageID},
		want: 1, otherwise: fmt.Errorf("%w: no message %q of ours in the history", rule.ErrInvalid, o.MessageID),
	}
}
