// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// impossible are changes of sound rows that no step may make, whatever the
// program believes. Each is refused by the database itself.
var impossible = map[string]string{
	"process of no participant":         `UPDATE process SET context = ''`,
	"process without an id":             `UPDATE process SET id = ''`,
	"process of an unknown kind":        `UPDATE process SET kind = 'x'`,
	"process of an unknown role":        `UPDATE process SET role = 'x'`,
	"process before its first version":  `UPDATE process SET version = 0`,
	"final process to be decided":       `UPDATE process SET final = true, decide = true`,
	"final process waiting for someone": `UPDATE process SET final = true, person = true`,
	"final process without a state":     `UPDATE process SET final = true, state = ''`,
	"tentative pid that is none":        `UPDATE process SET peer_pid_tentative = true`,
	"first request without a pid":       `UPDATE process SET opened_by_peer = true`,
	"first request twice": `INSERT INTO process (context, id, kind, role, peer, peer_pid, peer_pid_tentative,
		opened_by_peer, state, version, final, decide, person, subject, created, updated, doc)
		SELECT 'c', n, 'transfer', 'provider', 'peer', 'pid', false, true, 'S', 1, false, false, false, '', 1, 1, '{}'
		FROM (SELECT 'x' AS n UNION SELECT 'y') names`,
	"work without a key":           `UPDATE outbox SET key = ''`,
	"work of an unknown operation": `UPDATE outbox SET op = 'x'`,
	"work of no process":           `UPDATE outbox SET process = 'x'`,
	"lease without an owner":       `UPDATE outbox SET lease_until = 5`,
	"owner without a lease":        `UPDATE outbox SET owner = 'x'`,
	"owner without a name":         `UPDATE outbox SET owner = '', lease_until = 5`,
	"more claims than fences":      `UPDATE outbox SET claims = fence + 1`,
	"fence below zero":             `UPDATE outbox SET fence = -1`,
	"our message without an id":    `UPDATE exchange SET message_id = NULL WHERE NOT inbound`,
	"message with an empty id":     `UPDATE exchange SET message_id = ''`,
	"unknown outcome":              `UPDATE exchange SET outcome = 'x' WHERE NOT inbound`,
	"outcome of their message":     `UPDATE exchange SET outcome = 'dropped' WHERE inbound`,
	"their message twice": `INSERT INTO exchange (context, process, inbound, message_id, message, hash, at, outcome, body)
		SELECT context, process, inbound, message_id, message, hash, at, outcome, body FROM exchange WHERE inbound`,
	"message of no process":          `UPDATE exchange SET process = 'x'`,
	"process gone, its work left":    `DELETE FROM process`,
	"journal of no participant":      `UPDATE journal SET context = ''`,
	"journal row without an event":   `UPDATE journal SET event = ''`,
	"journal row at no position":     `UPDATE journal SET position = 0`,
	"journal row with half a hash":   `UPDATE journal SET hash = 'abc'`,
	"first journal row follows none": `UPDATE journal SET prev = hash WHERE position = 1`,
	"second journal row at first":    `UPDATE journal SET position = 1 WHERE position = 2`,
	"later journal row follows none": `UPDATE journal SET prev = '' WHERE position = 2`,
}

func TestImpossibleRows(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "schema.db")
		s := openPath(t, path)
		beside, err := openPool(t.Context(), path, 1, writerPragmas)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = beside.Close() })
		refuseImpossible(t, s, beside)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s := openServer(t, PostgresDSN(t))
		refuseImpossible(t, s, s.pool)
	})
}

func refuseImpossible(t *testing.T, s Store, pool *sqlx.DB) {
	c := step("p")
	c.Put = []engine.WorkChange{{Now: engine.Work{Context: "c", Process: "p", Op: engine.OpSend, Key: "m"}}}
	c.Exchanges = []engine.Exchange{{MessageID: "m"}, {Inbound: true, MessageID: "n"}}
	second := c.Journal[0]
	second.ID = "second"
	c.Journal = append(c.Journal, second)
	if err := s.For("c").Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sequence(t.Context(), "test", rule.Time(1), 10); err != nil {
		t.Fatal(err)
	}
	for name, change := range impossible {
		if err := tryIn(t.Context(), pool, change); err == nil {
			t.Errorf("%s: the database allows it", name)
		} else if text := strings.ToLower(err.Error()); !strings.Contains(text, "constraint") {
			t.Errorf("%s: refused for another reason: %v", name, err)
		}
	}
}

// tryIn runs a statement that is taken back.
func tryIn(ctx context.Context, pool *sqlx.DB, statement string) error {
	tx, err := pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, statement)
	return err
}
