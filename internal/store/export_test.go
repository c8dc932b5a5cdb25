// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// PostgresDSN returns the data source name of a fresh schema that is dropped at
// the end of the test.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("MUSUBI_POSTGRES")
	if dsn == "" {
		testkit.Require(t, "postgres", "set MUSUBI_POSTGRES to postgres://user@host:port/database")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	admin(t, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, "DROP SCHEMA "+schema+" CASCADE") })
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// admin runs a statement as the tests' own user.
func admin(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", os.Getenv("MUSUBI_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// KeepNothing makes a store on SQLite read every process from its database.
func KeepNothing(s Store) { s.(*onSQLite).writer.recent = nil }

// Together makes a store on PostgreSQL commit every step with others, where
// there are others.
func Together(s Store) { s.(*onPostgres).alone = 0 }
