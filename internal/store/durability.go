// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import "context"

// Durability says, as the server or the file itself tells on the connection
// that commits, what a commit has survived when it is answered: "synchronous=2"
// (FULL) of SQLite, "fsync=on synchronous_commit=on" of PostgreSQL.
func (s *onSQLite) Durability(ctx context.Context) (string, error) {
	var says []string
	err := s.writer.do(ctx, func(w *session) error {
		return w.query(&says, `SELECT 'synchronous=' || synchronous FROM pragma_synchronous`)
	})
	return first(says, err)
}

// Durability is that of onSQLite.
func (s *onPostgres) Durability(ctx context.Context) (string, error) {
	var says []string
	err := s.query(ctx, &says, `SELECT 'fsync=' || current_setting('fsync') || ' synchronous_commit=' || current_setting('synchronous_commit')`)
	return first(says, err)
}
