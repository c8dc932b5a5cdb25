// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// onSQLite gives a side a file of its own.
func onSQLite(t *testing.T, name string) string {
	t.Helper()
	return "sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), name+".db"))
}

// onPostgres gives a side a schema of its own, dropped at the end.
func onPostgres(t *testing.T, name string) string {
	t.Helper()
	return schemaOn(t, os.Getenv("MUSUBI_POSTGRES"), name)
}

// schemaOn is onPostgres for a database of one's own.
func schemaOn(t *testing.T, dsn, name string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := "kill_" + name + "_" + strings.ToLower(rand.Text())
	admin(t, dsn, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, dsn, "DROP SCHEMA "+schema+" CASCADE") })
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func admin(t *testing.T, dsn, statement string) {
	t.Helper()
	if err := execute(dsn, statement); err != nil {
		t.Fatal(err)
	}
}

// execute runs a statement on a server that may be in a bad way. It is the
// test's: what is set to read only does not concern it.
func execute(dsn, statement string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func needPostgres(t *testing.T) {
	t.Helper()
	if os.Getenv("MUSUBI_POSTGRES") == "" {
		testkit.Require(t, "postgres", "set MUSUBI_POSTGRES to postgres://user@host:port/database")
	}
}

// settings is the configuration of a side. The lease bounds how long the work
// of a killed process waits on PostgreSQL; on SQLite it is taken over at once.
const settings = `store: "%s"
key: "%s"
replica: "%s"
devMode: true
lease: 3s
protocol: {listen: "%s", publicUrl: "http://%s"}
management: {listen: "%s", apiKeys: ["%s"]}
participants:
  - context: %s
    id: "urn:example:%[8]s"
    name: "The %[8]s (fictional)"
    profile: preshared
    peers:
      - id: "urn:example:%[9]s"
        url: "http://%[10]s/%[9]s/dsp/2025-1"
        inbound: "Bearer %[9]s-to-%[8]s"
        outbound: "Bearer %[8]s-to-%[9]s"
`

// seat is where a process of a participant has its place.
type seat struct {
	participant, peer    string
	replica              string // "": the only one
	store, key, secret   string
	protocol, management string // addresses it listens on
	public, peerPublic   string // and where the participants are reached
}

// secrets are what the replicas of a participant have in common: the key of
// the store and that of the management API.
func secrets() (key, secret string) {
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes) // never fails
	return hex.EncodeToString(bytes), rand.Text()
}

// newSide writes a configuration into dir. The process is ended with the test.
func newSide(t *testing.T, dir, binary string, at seat) *side {
	t.Helper()
	name := cmp.Or(at.replica, at.participant)
	text := fmt.Sprintf(settings, at.store, at.key, at.replica, at.protocol, at.public, at.management, at.secret, at.participant, at.peer, at.peerPublic)
	config := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &side{
		name: name, binary: binary, config: config, protocol: at.protocol, management: at.management, log: log,
		api: newAPI(at.management, at.participant, at.secret),
	}
	t.Cleanup(func() { s.close(t) })
	return s
}

// newSides writes the configurations of both sides, which know each other.
func newSides(t *testing.T, binary string, store func(t *testing.T, name string) string) (consumer, provider *side) {
	t.Helper()
	dir, ports := t.TempDir(), freeAddresses(t, 4)
	side := func(name, peer, protocol, management, peerProtocol string) *side {
		key, secret := secrets()
		return newSide(t, dir, binary, seat{
			participant: name, peer: peer, store: store(t, name), key: key, secret: secret,
			protocol: protocol, management: management, public: protocol, peerPublic: peerProtocol,
		})
	}
	return side("consumer", "provider", ports[0], ports[1], ports[2]), side("provider", "consumer", ports[2], ports[3], ports[0])
}

// freeAddresses names ports that stay free while their process is dead.
func freeAddresses(t *testing.T, n int) []string {
	t.Helper()
	list := make([]string, n)
	for i := range list {
		list[i] = testkit.FreeAddress(t)
	}
	return list
}
