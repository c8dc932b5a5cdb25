// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"time"

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

// heldQuery finds a lease that is held.
const heldQuery = `SELECT 1 FROM outbox WHERE context = ? AND process = ? AND op = ? AND owner = ? AND fence = ?`

func heldArgs(w engine.Work) []any {
	return []any{w.Context, w.Process, string(w.Op), w.Owner, w.Fence}
}

// unpark gives back leases that end late. It reads the rows that become
// claimable late, which are few.
func unpark(latest time.Time) statement {
	at := rule.Micro(latest)
	return statement{
		query: `UPDATE outbox SET owner = NULL, lease_until = NULL WHERE ready > ? AND lease_until > ?`,
		args:  []any{at, at}, want: anyRows,
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
