// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// Rows of many steps go into one statement column by column.

// processLists are rows of table process. n names the step.
type processLists struct {
	n, version, expect, created, updated                        []int64
	context, id, kind, role, peer, peerPID, state, subject, doc []string
	tentative, opened, final, decide, person                    []bool
	data                                                        [][]byte
}

func (l *processLists) add(n int, p processRow, expect int64) {
	l.n, l.version, l.expect = append(l.n, int64(n)), append(l.version, p.Version), append(l.expect, expect)
	l.created, l.updated = append(l.created, p.Created), append(l.updated, p.Updated)
	l.context, l.id, l.kind, l.role = append(l.context, p.Context), append(l.id, p.ID), append(l.kind, p.Kind), append(l.role, p.Role)
	l.peer, l.peerPID, l.state = append(l.peer, p.Peer), append(l.peerPID, p.PeerPID), append(l.state, p.State)
	l.subject, l.doc, l.data = append(l.subject, p.Subject), append(l.doc, p.Doc), append(l.data, p.Data)
	l.tentative, l.opened = append(l.tentative, p.PeerPIDTentative), append(l.opened, p.OpenedByPeer)
	l.final, l.decide, l.person = append(l.final, p.Final), append(l.decide, p.Decide), append(l.person, p.Person)
}

func (l *processLists) args() []any {
	return []any{
		l.n, l.expect, l.context, l.id, l.kind, l.role, l.peer, l.peerPID, l.tentative, l.opened,
		l.state, l.version, l.final, l.decide, l.person, l.subject, l.created, l.updated, l.doc, l.data,
	}
}

const (
	processLine = ` FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]),
			CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS boolean[]), CAST(? AS boolean[]),
			CAST(? AS text[]), CAST(? AS bigint[]), CAST(? AS boolean[]), CAST(? AS boolean[]), CAST(? AS boolean[]),
			CAST(? AS text[]), CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS bytea[]))
		AS u(n, expect, context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer,
			state, version, final, decide, person, subject, created, updated, doc, data)`

	// swapQuery is updateProcess of many.
	swapQuery = `UPDATE process p SET peer_pid = u.peer_pid, peer_pid_tentative = u.peer_pid_tentative, state = u.state,
			version = u.version, final = u.final, decide = u.decide, person = u.person, subject = u.subject,
			updated = u.updated, doc = u.doc, data = u.data` + processLine + `
		WHERE p.context = u.context AND p.id = u.id AND p.version = u.expect AND p.kind = u.kind AND p.role = u.role
			AND p.peer = u.peer AND p.opened_by_peer = u.opened_by_peer AND p.created = u.created
			AND (u.final OR NOT p.final) AND (NOT u.opened_by_peer OR p.peer_pid = u.peer_pid)
		RETURNING u.n`

	// freshQuery is insertProcess of many.
	freshQuery = `WITH fresh AS (
			INSERT INTO process (context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer,
				state, version, final, decide, person, subject, created, updated, doc, data)
			SELECT context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer,
				state, version, final, decide, person, subject, created, updated, doc, data
			FROM (SELECT *` + processLine + `) l ORDER BY n
			ON CONFLICT DO NOTHING RETURNING context, id
		) SELECT CAST(min(k.n) AS bigint) FROM fresh JOIN unnest(CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[])) AS k(n, context, id)
			ON k.context = fresh.context AND k.id = fresh.id GROUP BY k.context, k.id`
)

// workLists are rows of table outbox.
type workLists struct {
	context, process, op, key, lane []string
	due, fence, claims              []int64
	owner                           []*string
	until                           []*int64 // of a lease; of one to remove: its fence
}

func (l *workLists) row(w engine.Work) {
	l.context, l.process, l.op = append(l.context, w.Context), append(l.process, w.Process), append(l.op, string(w.Op))
	l.key, l.lane = append(l.key, w.Key), append(l.lane, w.Lane)
	l.due, l.fence = micros(l.due, w.Due), append(l.fence, w.Fence)
}

// put adds a row that is not there.
func (l *workLists) put(w engine.Work) {
	l.row(w)
	if w.Owner == "" {
		l.owner, l.until, l.claims = append(l.owner, nil), append(l.until, nil), append(l.claims, 0)
		return
	}
	until := rule.Micro(w.LeaseUntil)
	l.owner, l.until, l.claims = append(l.owner, &w.Owner), append(l.until, &until), append(l.claims, 1)
}

// remove adds a row as it was loaded, under a lease if there is one.
func (l *workLists) remove(was engine.Work, lease *engine.Work) {
	l.row(was)
	if lease == nil {
		l.owner, l.until = append(l.owner, nil), append(l.until, nil)
		return
	}
	l.owner, l.until = append(l.owner, &lease.Owner), append(l.until, &lease.Fence)
}

func (l *workLists) args() []any {
	return []any{l.context, l.process, l.op, l.key, l.lane, l.due, l.fence, l.claims, l.owner, l.until}
}

func (l *workLists) removed() []any {
	return []any{l.context, l.process, l.op, l.key, l.fence, l.owner, l.until}
}

const (
	groupPut = `INSERT INTO outbox (context, process, op, key, lane, due, fence, claims, owner, lease_until)
		SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]),
			CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS bigint[]))
		ON CONFLICT DO NOTHING`

	groupRemove = `DELETE FROM outbox o USING unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]),
			CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS bigint[])) AS u(context, process, op, key, fence, owner, held)
		WHERE o.context = u.context AND o.process = u.process AND o.op = u.op AND o.key = u.key AND o.fence = u.fence
			AND (u.owner IS NULL OR o.owner = u.owner AND o.fence = u.held)`
)

// exchangeLists are rows of table exchange.
type exchangeLists struct {
	context, process, message, hash, outcome []string
	inbound                                  []bool
	id                                       []*string
	at                                       []int64
	body                                     [][]byte
}

func (l *exchangeLists) add(r engine.Record, x engine.Exchange) {
	l.context, l.process, l.inbound = append(l.context, r.Context), append(l.process, r.ID), append(l.inbound, x.Inbound)
	l.message, l.hash, l.outcome = append(l.message, string(x.Message)), append(l.hash, x.Hash), append(l.outcome, x.Outcome)
	var id *string // NULL is unlike every other
	if x.MessageID != "" {
		id = &x.MessageID
	}
	body := x.Body
	if body == nil {
		body = []byte{}
	}
	l.id, l.at, l.body = append(l.id, id), micros(l.at, x.At), append(l.body, body)
}

func (l *exchangeLists) args() []any {
	return []any{l.context, l.process, l.inbound, l.id, l.message, l.hash, l.at, l.outcome, l.body}
}

const groupExchange = `INSERT INTO exchange (context, process, inbound, message_id, message, hash, at, outcome, body)
	SELECT context, process, inbound, message_id, message, hash, at, outcome, body
	FROM unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS boolean[]), CAST(? AS text[]), CAST(? AS text[]),
		CAST(? AS text[]), CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS bytea[]))
		WITH ORDINALITY AS u(context, process, inbound, message_id, message, hash, at, outcome, body, n)
	ORDER BY n ON CONFLICT DO NOTHING`

// outcomeLists say how messages of ours ended.
type outcomeLists struct{ context, process, id, outcome []string }

func (l *outcomeLists) add(r engine.Record, o engine.Outcome) {
	l.context, l.process = append(l.context, r.Context), append(l.process, r.ID)
	l.id, l.outcome = append(l.id, o.MessageID), append(l.outcome, o.Outcome)
}

func (l *outcomeLists) args() []any { return []any{l.context, l.process, l.id, l.outcome} }

const groupOutcome = `UPDATE exchange e SET outcome = u.outcome
	FROM unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[])) AS u(context, process, id, outcome)
	WHERE e.context = u.context AND e.process = u.process AND e.message_id = u.id AND NOT e.inbound`

// entryLists are rows of table journal without a position.
type entryLists struct {
	context, id, process, kind, event []string
	at                                []int64
	detail                            [][]byte
}

func (l *entryLists) add(e engine.Entry) {
	l.context, l.id, l.process = append(l.context, e.Context), append(l.id, e.ID), append(l.process, e.Process)
	l.kind, l.event, l.at = append(l.kind, string(e.Kind)), append(l.event, e.Event), micros(l.at, e.At)
	l.detail = append(l.detail, e.Detail)
}

func (l *entryLists) args() []any {
	return []any{l.context, l.id, l.process, l.kind, l.event, l.at, l.detail}
}

const groupEntry = `INSERT INTO journal (context, id, process, kind, event, at, detail)
	SELECT context, id, process, kind, event, at, detail
	FROM unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]),
		CAST(? AS bigint[]), CAST(? AS bytea[])) WITH ORDINALITY AS u(context, id, process, kind, event, at, detail, n)
	ORDER BY n`
