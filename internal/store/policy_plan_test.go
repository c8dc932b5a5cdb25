// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// No statement on the use of agreements reads a table from end to end or sorts
// one, and a list of agreements is read in the order of an index that has no
// others.
func TestPolicyStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, "sqlite:"+filepath.Join(t.TempDir(), "plan.db"))
	hash := strings.Repeat("0", 64)
	if err := s.PutAgreement(t.Context(), negotiation.Agreement{Context: "c", ID: "a", Role: "consumer", DocumentHash: hash, PolicyHash: hash}); err != nil {
		t.Fatal(err)
	}
	keepPolicy(t, s)
	r := record(d)
	ctx := t.Context()
	end := negotiation.End{At: time.Unix(1, 0), By: negotiation.EndedByUs, Journal: engine.Entry{Context: "c", ID: "e", Event: "x"}}
	_, _ = s.Agreement(ctx, "c", "a")
	_ = s.EndAgreement(ctx, "c", "a", end)
	_, _ = s.ClaimStart(ctx, "c", "a", "q", -1)
	_ = s.ReleaseStart(ctx, "c", "a", "q")
	_, _ = s.TakeBytes(ctx, "c", "a", "p", 5, -1)
	_ = s.ReturnBytes(ctx, "c", "a", "p", 5)
	_, _ = s.Usage(ctx, "c", "a")
	_, _ = s.Relations(ctx, "c", []string{"p", "q"})
	_, _ = s.ListRelations(ctx, "c", "p", 5)
	_ = s.DeleteRelation(ctx, "c", "p", "direct")
	_, _ = s.OpenTransfers(ctx, engine.Change{Context: "c"}, 5)
	if len(r.queries) < 14 {
		t.Fatalf("only %d statements were seen", len(r.queries))
	}
	for query, args := range r.queries {
		plan := explain(t, d, query, args)
		for line := range strings.Lines(plan) {
			if strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "VIRTUAL TABLE") || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\n%s", query, plan)
			}
		}
	}
	for index, q := range map[string]negotiation.AgreementQuery{
		"agreement_newest": {}, "agreement_in_force": {InForce: true}, "agreement_peer": {Peer: "p"}, "agreement_target": {Target: "t"},
	} {
		for _, q.Before = range []string{"", "a"} {
			clear(r.queries)
			_, _ = s.Agreements(ctx, "c", q)
			for query, args := range r.queries {
				plan := explain(t, d, query, args)
				page := strings.Contains(query, "LIMIT")
				if page && !strings.Contains(plan, "SEARCH agreement USING INDEX "+index+" ") || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%+v: %s", q, plan)
				}
			}
		}
	}
}

// What runs is found without a look at what is over.
func TestOpenTransfersAreFoundByIndex(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, d := openDomain(t, dsn)
		pool, query := overAndOpen(t, s)
		r := record(d)
		list, err := s.OpenTransfers(t.Context(), engine.Change{}, 100)
		if err != nil || len(list) != 1 || list[0] != (engine.Change{Context: "c", Process: "open"}) {
			t.Fatal(list, err)
		}
		for text := range r.queries {
			var plan []string
			args := []any{"", "", string(transfer.Started), string(transfer.StartMessage), 100}
			rows, err := pool.QueryxContext(t.Context(), query+pool.Rebind(text), args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				columns, err := rows.SliceScan()
				if err != nil {
					t.Fatal(err)
				}
				if step, ok := columns[len(columns)-1].(string); ok {
					plan = append(plan, step)
				}
			}
			if whole := strings.Join(plan, "\n"); !strings.Contains(whole, "process_provided") || strings.Contains(whole, "B-TREE") || strings.Contains(whole, "Sort") {
				t.Errorf("%s\n%s", text, whole)
			}
		}
	})
}

// overAndOpen fills a database with transfers that are over and one that is
// not, and returns what explains a query in it.
func overAndOpen(t *testing.T, s Store) (pool *sqlx.DB, explain string) {
	t.Helper()
	numbers := `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) `
	alter(t, s, numbers+`INSERT INTO process (context, id, kind, role, peer, peer_pid, peer_pid_tentative, opened_by_peer,
		state, version, final, decide, person, subject, created, updated, doc)
		SELECT 'c', 'p' || n, 'transfer', 'provider', 'peer', '', false, false, 'COMPLETED', 1, true, false, false, '', n, n, '{}' FROM numbers`)
	c := step("open")
	c.Record.Context = "c"
	if err := s.For("c").Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if p, ok := s.(*onPostgres); ok {
		alter(t, s, `ANALYZE process`)
		return p.pool, `EXPLAIN `
	}
	return s.(*onSQLite).pool, `EXPLAIN QUERY PLAN `
}
