// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// processes implements engine.Processes for one participant.
type processes struct {
	*database
	context string
	commit  func(ctx context.Context, c engine.Commit) error
	recent  *recent // nil where others write, too
}

func (ps *processes) key(id string) engine.Change {
	return engine.Change{Context: ps.context, Process: id}
}

// Commit implements engine.Processes.
func (ps *processes) Commit(ctx context.Context, c engine.Commit) error {
	if err := rule.Check(ps.context, c); err != nil {
		return err
	}
	return ps.commit(ctx, c)
}

// loadedRow is a process with one row of its outbox, if it has any.
type loadedRow struct {
	processRow
	Seen       bool
	Op         sql.NullString `db:"o_op"`
	Key        sql.NullString `db:"o_key"`
	Lane       sql.NullString `db:"o_lane"`
	Due        sql.NullInt64  `db:"o_due"`
	Fence      sql.NullInt64  `db:"o_fence"`
	Claims     sql.NullInt64  `db:"o_claims"`
	Owner      sql.NullString `db:"o_owner"`
	LeaseUntil sql.NullInt64  `db:"o_lease_until"`
}

// One statement reads process and outbox, so that both are of one moment.
const (
	loadedColumns = processColumns + `, o.op AS o_op, o.key AS o_key, o.lane AS o_lane, o.due AS o_due,
		o.fence AS o_fence, o.claims AS o_claims, o.owner AS o_owner, o.lease_until AS o_lease_until`
	loadedJoin = ` LEFT JOIN outbox o ON o.context = p.context AND o.process = p.id`

	loadQuery = `SELECT ` + loadedColumns + `, EXISTS (
			SELECT 1 FROM exchange e WHERE e.context = p.context AND e.process = p.id
			AND e.message_id = ? AND e.inbound) AS seen
		FROM process p` + loadedJoin + ` WHERE p.context = ? AND p.id = ? ORDER BY o.op`

	byPeerQuery = `SELECT ` + loadedColumns + ` FROM process p` + loadedJoin + `
		WHERE p.context = ? AND p.kind = ? AND p.peer = ? AND p.peer_pid = ? AND p.opened_by_peer ORDER BY o.op`
)

func (l *loadedRow) work() engine.Work {
	return engine.Work{
		Context: l.Context, Process: l.ID, Op: engine.Op(l.Op.String), Key: l.Key.String, Lane: l.Lane.String,
		Due: rule.Time(l.Due.Int64), Fence: l.Fence.Int64, Claims: int(l.Claims.Int64),
		Owner: l.Owner.String, LeaseUntil: rule.Time(l.LeaseUntil.Int64),
	}
}

// records gathers rows, those of one process in sequence, into records.
func records(rows []loadedRow) ([]engine.Record, error) {
	var list []engine.Record
	for i := range rows {
		row := &rows[i]
		if len(list) == 0 || list[len(list)-1].ID != row.ID {
			r, err := row.record()
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		if r := &list[len(list)-1]; row.Op.Valid {
			r.Work = append(r.Work, row.work())
		}
	}
	return list, nil
}

func one(rows []loadedRow) (engine.Record, error) {
	list, err := records(rows)
	switch {
	case err != nil:
		return engine.Record{}, err
	case len(list) == 0:
		return engine.Record{}, engine.ErrNotFound
	}
	return list[0], nil
}

// Load implements engine.Processes.
func (ps *processes) Load(ctx context.Context, id string) (engine.Record, error) {
	r, _, err := ps.LoadFor(ctx, id, "")
	return r, err
}

// LoadFor implements engine.Processes.
func (ps *processes) LoadFor(ctx context.Context, id, messageID string) (engine.Record, bool, error) {
	if r, seen, ok := ps.recent.load(ps.key(id), messageID); ok {
		return r, seen, nil
	}
	look := ps.recent.look(ps.key(id))
	r, seen, err := ps.load(ctx, id, messageID)
	ps.recent.found(look, r, err == nil)
	return r, seen, err
}

func (ps *processes) load(ctx context.Context, id, messageID string) (engine.Record, bool, error) {
	var rows []loadedRow
	if err := ps.query(ctx, &rows, loadQuery, messageID, ps.context, id); err != nil {
		return engine.Record{}, false, fmt.Errorf("loading process: %w", err)
	}
	r, err := one(rows)
	return r, err == nil && rows[0].Seen, err
}

// ByPeer implements engine.Processes.
func (ps *processes) ByPeer(ctx context.Context, kind engine.Kind, peer, peerPID string) (engine.Record, error) {
	var rows []loadedRow
	if err := ps.query(ctx, &rows, byPeerQuery, ps.context, string(kind), peer, peerPID); err != nil {
		return engine.Record{}, fmt.Errorf("finding process: %w", err)
	}
	return one(rows)
}

type exchangeRow struct {
	Inbound   bool
	MessageID sql.NullString `db:"message_id"`
	Message   string
	Body      []byte
	Hash      string
	At        int64
	Outcome   string
}

// History implements engine.Processes.
func (ps *processes) History(ctx context.Context, id string) ([]engine.Exchange, error) {
	if list, ok := ps.recent.messages(ps.key(id)); ok {
		return list, nil
	}
	var rows []exchangeRow
	err := ps.query(ctx, &rows, `SELECT inbound, message_id, message, body, hash, at, outcome
		FROM exchange WHERE context = ? AND process = ? ORDER BY arrival`, ps.context, id)
	if err != nil {
		return nil, fmt.Errorf("loading history: %w", err)
	}
	var list []engine.Exchange
	for i, x := range rows {
		list = append(list, engine.Exchange{
			Seq: int64(i + 1), Inbound: x.Inbound, MessageID: x.MessageID.String, Message: engine.Message(x.Message),
			Body: x.Body, Hash: x.Hash, At: rule.Time(x.At), Outcome: x.Outcome,
		})
	}
	return list, nil
}
