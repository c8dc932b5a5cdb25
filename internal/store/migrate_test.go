// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// before makes a database as it was at a version.
func before(t *testing.T, driver, dsn string, dialect goose.Dialect, folder string, version int64, rows ...string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName(versionTable))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := db.ExecContext(t.Context(), row); err != nil {
			t.Fatal(row, err)
		}
	}
}

// asOf is before for a data source name.
func asOf(t *testing.T, dsn string, version int64, rows ...string) {
	t.Helper()
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		before(t, "sqlite", path, goose.DialectSQLite3, "sqlite", version, rows...)
		return
	}
	before(t, "pgx", dsn, goose.DialectPostgres, "postgres", version, rows...)
}

func TestIdentityIsAddedToADatabaseThatIsInUse(t *testing.T) {
	t.Parallel()
	rows := []string{
		`INSERT INTO participant (context, id, name, public_url, profile) VALUES ('c', 'did:web:c', 'C', 'https://c', 'preshared')`,
		`INSERT INTO peer (context, id, url, profile) VALUES ('c', 'p', 'https://p', '')`,
	}
	onBoth(t, func(t *testing.T, dsn string) {
		asOf(t, dsn, 2, rows...)
		s, d := openDomain(t, dsn)
		pem, err := d.seal.close([]byte("PEM"), keyPlace("c", "k", "data"))
		if err != nil {
			t.Fatal(err)
		}
		// As the version before writes it, which may still run beside this one.
		alter(t, s, `INSERT INTO signing_key (context, id, use, number, pem) VALUES ('c', 'k', 'data', 1, '`+*pem+`')`)
		alter(t, s, rows[1][:len(rows[1])-len(`'p', 'https://p', '')`)]+`'q', 'https://q', '')`)
		k, err := s.CurrentKey(t.Context(), "c", "data", time.Unix(1, 0))
		if err != nil || string(k.PEM) != "PEM" || !k.Active.IsZero() || !k.Retired.IsZero() {
			t.Errorf("key: %+v, %v", k, err)
		}
		peers, err := s.Peers(t.Context(), "c")
		if err != nil || len(peers) != 2 || peers[0].Conformance.Lenient() || peers[0].FormatNames != "" {
			t.Errorf("peers: %+v, %v", peers, err)
		}
		p, err := s.Participant(t.Context(), "c")
		if err != nil || p.Settings != nil || p.Name != "C" {
			t.Errorf("participant: %+v, %v", p, err)
		}
		p.Settings = json.RawMessage(`{"dataspace":"urn:d"}`)
		if err := errors.Join(s.PutParticipant(t.Context(), p), s.PutPeer(t.Context(), "c", trust.Peer{ID: "p", Conformance: trust.Lenient})); err != nil {
			t.Error(err)
		}
	})
}

func TestPolicyIsAddedToADatabaseThatIsInUse(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0", 64)
	row := func(id, document string) string {
		return `INSERT INTO agreement (context, id, role, peer, address, address_foreign, negotiation, target, assigner, assignee,
			concluded, document, claims, document_hash, policy_hash, unenforced, imported, final)
			VALUES ('c', '` + id + `', 'provider', 'p', '', false, 'n', 't', '', '', 1, ` + document + `, '{}', '` + hash + `', '` + hash + `', false, false, true)`
	}
	onBoth(t, func(t *testing.T, dsn string) {
		document := `'x'`
		if strings.HasPrefix(dsn, "sqlite:") {
			document = `x'78'`
		}
		asOf(t, dsn, 3, row("old", document))
		s, _ := openDomain(t, dsn)
		alter(t, s, row("beside", document)) // as the version before writes it, which may still run
		end := negotiation.End{At: time.Unix(1, 0), By: negotiation.EndedByUs, Journal: engine.Entry{Context: "c", ID: "e", Event: "agreement.ended"}}
		for _, id := range []string{"old", "beside"} {
			a, err := s.Agreement(t.Context(), "c", id)
			if err != nil || !a.InForce() || a.Offer != "" || a.Declared != nil || a.EndedBy != "" {
				t.Errorf("%s: %+v, %v", id, a, err)
			}
			if err := s.EndAgreement(t.Context(), "c", id, end); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		if list, err := s.Agreements(t.Context(), "c", negotiation.AgreementQuery{InForce: true}); err != nil || len(list) > 0 {
			t.Errorf("in force: %+v, %v", list, err)
		}
	})
}

// Jobs of before, and those that the version before still writes, are found with
// the others.
func TestJobsOfBeforeHaveLanes(t *testing.T) {
	t.Parallel()
	row := func(process string) string {
		return `INSERT INTO job (context, process, kind, version, next_try, doc)
			VALUES ('c', '` + process + `', 'push', 1, 1000000, '{"Context":"c","Process":"` + process + `","Kind":"push","State":"open","ID":"j"}')`
	}
	onBoth(t, func(t *testing.T, dsn string) {
		asOf(t, dsn, 10, row("p"))
		s, _ := openDomain(t, dsn)
		alter(t, s, row("q"))
		q := transfer.JobQuery{Now: time.Unix(2, 0), Limit: 9, PerLane: 1, Kinds: []transfer.JobKind{transfer.JobPush}}
		due, err := s.DueJobs(t.Context(), q)
		if err != nil || len(due) != 2 {
			t.Fatalf("%+v, %v", due, err)
		}
		for _, j := range due {
			j.Peer = "peer"
			if _, err := s.PutJob(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
		if due, err := s.DueJobs(t.Context(), q); err != nil || len(due) != 1 {
			t.Errorf("now of one lane: %+v, %v", due, err)
		}
	})
}
