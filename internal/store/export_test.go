// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// PostgresDSN returns the data source name of a fresh schema that is dropped at
// the end of the test.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	needsServer(t)
	schema := newSchema(t)
	t.Cleanup(func() { admin(t, "DROP SCHEMA "+schema+" CASCADE") })
	return dsnOf(t, schema)
}

// EmptyDSN is PostgresDSN for a test that changes rows and nothing else. To make
// a schema takes longer than most of them: it may be one that an earlier test
// had, and was emptied.
func EmptyDSN(t testing.TB) string {
	t.Helper()
	needsServer(t)
	schema, ok := emptied.take()
	if !ok {
		schema = newSchema(t)
	}
	t.Cleanup(func() {
		if !t.Failed() && empties(t, schema) {
			emptied.put(schema)
			return
		}
		admin(t, "DROP SCHEMA "+schema+" CASCADE")
	})
	return dsnOf(t, schema)
}

// pool are schemas that nobody uses.
type pool struct {
	mu   sync.Mutex
	list []string
}

var emptied pool

func (p *pool) put(schema string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, schema)
}

func (p *pool) take() (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.list) == 0 {
		return "", false
	}
	last := len(p.list) - 1
	schema := p.list[last]
	p.list = p.list[:last]
	return schema, true
}

// empties removes all rows of a schema but those that say what it is. false: it
// cannot, as who may not do without the checks of foreign keys.
func empties(t testing.TB, schema string) bool {
	t.Helper()
	db, err := adminDB()
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.WithoutCancel(t.Context()), `DO $$
		DECLARE t text;
		BEGIN
			PERFORM set_config('session_replication_role', 'replica', true);
			FOR t IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
				WHERE schemaname = '`+schema+`' AND tablename <> '`+versionTable+`'
			LOOP
				EXECUTE 'DELETE FROM ' || t;
			END LOOP;
		END $$`)
	return err == nil
}

// Leave removes what was kept for later tests.
func Leave() {
	if db, err := adminDB(); err == nil {
		for _, schema := range emptied.list {
			_, _ = db.Exec("DROP SCHEMA " + schema + " CASCADE")
		}
	}
}

func needsServer(t testing.TB) {
	t.Helper()
	if os.Getenv("MUSUBI_POSTGRES") == "" {
		testkit.Require(t, "postgres", "set MUSUBI_POSTGRES to postgres://user@host:port/database")
	}
}

func newSchema(t testing.TB) string {
	t.Helper()
	schema := "test_" + strings.ToLower(rand.Text())
	admin(t, "CREATE SCHEMA "+schema)
	return schema
}

func dsnOf(t testing.TB, schema string) string {
	t.Helper()
	u, err := url.Parse(os.Getenv("MUSUBI_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

var adminDB = sync.OnceValues(func() (*sql.DB, error) { return sql.Open("pgx", os.Getenv("MUSUBI_POSTGRES")) })

// admin runs a statement as the tests' own user.
func admin(t testing.TB, statement string) {
	t.Helper()
	db, err := adminDB()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// EmptySQLite makes an empty database at a path, as Open does where there is
// none, but sooner: it copies one.
func EmptySQLite(t testing.TB, path string) {
	t.Helper()
	files, err := emptySQLite()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(path+name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// emptySQLite are the files of an empty database, by what follows their path.
var emptySQLite = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "musubi-store")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := Open(context.Background(), Config{DSN: "sqlite:" + path})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{"", shelfName} {
		if files[name], err = os.ReadFile(path + name); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// KeepNothing makes a store on SQLite read every process from its database.
func KeepNothing(s Store) { s.(*onSQLite).writer.recent = nil }

// Together makes a store on PostgreSQL commit every step with others, where
// there are others.
func Together(s Store) { s.(*onPostgres).alone = 0 }
