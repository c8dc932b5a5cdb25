// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"
	"strings"
)

// Like says of which process copies are made, with all that it left in the
// store: its messages, its journal and its agreement.
type Like struct {
	Context, Process string
	Copies           int
	// Owes gives each copy something that is due in ten days, in one of a
	// thousand lanes.
	Owes bool
}

// Processes fills a store. Who owns dsn has closed it. The journal's hashes are
// no chain.
func Processes(ctx context.Context, dsn string, list ...Like) error {
	db, err := open(dsn, "")
	if err != nil {
		return err
	}
	tables := []string{"process", "exchange", "journal", "agreement", "outbox"}
	err = db.bare(ctx, tables, func() error {
		for _, like := range list {
			if err := db.copies(ctx, like); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return db.settle(ctx)
}

func (db *database) copies(ctx context.Context, l Like) error {
	var was struct{ Position, Rows int64 }
	err := db.GetContext(ctx, &was, db.Rebind(`SELECT t.position, (SELECT count(*) FROM journal j WHERE j.context = t.context AND j.process = ? AND j.position > 0) AS rows
		FROM journal_tail t WHERE t.context = ?`), l.Process, l.Context)
	if err != nil {
		return fmt.Errorf("journal of %s: %w", l.Context, err)
	}
	kind := "copy"
	if l.Owes {
		kind = "owes"
	}
	id := `'urn:uuid:` + kind + `-` + l.Process[len(l.Process)-12:] + `-' || ` + pad(`n.i`)
	earlier := fmt.Sprintf(` - (%d - n.i) * 1000`, l.Copies)
	position := fmt.Sprintf(`%d + n.i * %d + row_number() OVER (PARTITION BY n.i ORDER BY t.position)`, was.Position, was.Rows)
	for table, key := range map[string]string{"process": "id", "exchange": "process", "journal": "process", "agreement": "negotiation"} {
		// The indexes are gone.
		for _, query := range []string{`DROP TABLE IF EXISTS like_` + table, `CREATE TEMP TABLE like_` + table + ` AS SELECT * FROM ` + table + ` WHERE context = ? AND ` + key + ` = ?`} {
			args := []any{l.Context, l.Process}
			if _, err := db.ExecContext(ctx, db.Rebind(query), args[:strings.Count(query, "?")]...); err != nil {
				return err
			}
		}
	}
	statements := []statement{
		{copied("process", `context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer, state,
			version, final, decide, person, subject, created, updated, doc, data`, map[string]string{
			"id": id, "peer_pid": id, "created": `t.created` + earlier, "updated": `t.updated` + earlier,
		}), nil},
		{copied("exchange", `context, process, inbound, message_id, message, hash, at, outcome, body`, map[string]string{
			"process": id, "at": `t.at` + earlier,
		}), nil},
		{copied("journal", `context, position, id, process, kind, event, at, detail, prev, hash`, map[string]string{
			"process": id, "position": position, "id": `t.id || '-` + kind + `-' || CAST(n.i AS TEXT)`, "prev": `coalesce(nullif(t.prev, ''), t.hash)`,
		}), nil},
		{copied("agreement", `context, id, role, peer, address, address_foreign, negotiation, target, assigner, assignee,
			concluded, document, policy, dataset, claims, document_hash, policy_hash, unenforced, imported, final, offer, declared`, map[string]string{
			"negotiation": id, "id": id, "concluded": `t.concluded` + earlier,
		}), nil},
	}
	if l.Owes {
		statements = append(statements, statement{`INSERT INTO outbox (context, process, op, key, lane, due, fence, claims)
			SELECT t.context, ` + id + `, 'decide', 'd', 'lane ' || CAST(n.i % 1000 AS TEXT), t.updated + 864000000000 + n.i, 1, 0
			FROM like_process t CROSS JOIN {n}`, nil})
	}
	if err := db.rows(ctx, l.Copies, statements); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, db.Rebind(`UPDATE journal_tail SET position = position + ? WHERE context = ?`), was.Rows*int64(l.Copies), l.Context)
	return err
}

// copied copies rows of a table, with other values in some columns.
func copied(table, columns string, other map[string]string) string {
	names := strings.Split(strings.Join(strings.Fields(columns), ""), ",")
	values := make([]string, len(names))
	for i, name := range names {
		if values[i] = other[name]; values[i] == "" {
			values[i] = "t." + name
		}
	}
	return `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) SELECT ` + strings.Join(values, ", ") +
		` FROM like_` + table + ` t CROSS JOIN {n}`
}
