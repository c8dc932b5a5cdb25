// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// recorder notes what is asked.
type recorder struct {
	reader
	queries map[string]int // to the number of arguments
}

func (r *recorder) query(ctx context.Context, dest any, query string, args ...any) error {
	r.queries[query] = len(args)
	return r.reader.query(ctx, dest, query, args...)
}

// recorded is a transaction that notes what is asked and done.
type recorded struct {
	transaction
	*recorder
}

func (r recorded) query(ctx context.Context, dest any, query string, args ...any) error {
	r.queries[query] = len(args)
	return r.transaction.query(ctx, dest, query, args...)
}

func (r recorded) exec(ctx context.Context, st statement) error {
	r.queries[st.query] = len(st.args)
	return r.transaction.exec(ctx, st)
}

// record has the domain part note its statements.
func record(d *domain) *recorder {
	r := &recorder{d.db, map[string]int{}}
	transact := d.transact
	d.db = r
	d.transact = func(ctx context.Context, f func(transaction) error) error {
		return transact(ctx, func(tx transaction) error { return f(recorded{tx, r}) })
	}
	return r
}

func (r *recorder) once(ctx context.Context, dest any, query string, args ...any) error {
	return r.reader.once(ctx, dest, query, args...)
}

// explain returns the steps of a query's plan.
func explain(t *testing.T, d *domain, query string, args int) (plan string) {
	t.Helper()
	var steps []struct {
		ID, Parent, Notused int
		Detail              string
	}
	if err := d.db.once(t.Context(), &steps, `EXPLAIN QUERY PLAN `+query, make([]any, args)...); err != nil {
		t.Fatal(query, err)
	}
	for _, s := range steps {
		plan += s.Detail + "\n"
	}
	return plan
}

// The chore that deletes what is due, and the lists, read by an index.
func TestSinkStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, "sqlite:"+filepath.Join(t.TempDir(), "plan.db"))
	keepHolding(t, s)
	hash := strings.Repeat("0", 64)
	ended := time.Unix(1, 0)
	err := errors.Join(
		s.PutAgreement(t.Context(), negotiation.Agreement{Context: "c", ID: "a", Role: "consumer", DocumentHash: hash, PolicyHash: hash}),
		s.EndAgreement(t.Context(), "c", "a", negotiation.End{At: ended, By: "us", Journal: engine.Entry{Context: "c", ID: "e", Event: "e", At: ended}}))
	if err != nil {
		t.Fatal(err)
	}
	r := record(d)
	ctx, now := t.Context(), time.Unix(5, 0)
	for _, status := range []sink.Status{"", sink.IsOpen, sink.IsDue, sink.IsDone, sink.IsOverdue} {
		_, _ = s.Holdings(ctx, "c", sink.Query{Status: status, At: now, Limit: 5})
		_, _ = s.Holdings(ctx, "c", sink.Query{Status: status, At: now, Limit: 5, Before: "h"})
	}
	n, err := s.ExpireHoldings(ctx, "why", now)
	due, err2 := s.DueHoldings(ctx, "f", now, 5)
	_, _, err3 := s.NextHolding(ctx, "f")
	if err := errors.Join(err, err2, err3); err != nil || n != 1 || len(due) != 1 {
		t.Fatal(n, due, err)
	}
	if len(r.queries) < 15 {
		t.Fatalf("only %d statements were seen", len(r.queries))
	}
	for query, args := range r.queries {
		plan := explain(t, d, query, args)
		for line := range strings.Lines(plan) {
			// Agreements that ended, and what was lent until an end, have
			// indexes that hold nothing else.
			few := strings.Contains(line, "agreement_ended") || strings.Contains(line, "holding_until_end")
			if strings.HasPrefix(line, "SCAN") && !few || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\n%s", query, plan)
			}
		}
	}
}

// What was moved is found by indexes, however much is kept.
func TestEvidenceStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, "sqlite:"+filepath.Join(t.TempDir(), "plan.db"))
	keepEvidence(t, s)
	r := record(d)
	ctx := t.Context()
	for _, q := range []evidence.Query{{}, {Before: "x", Limit: 5}, {Agreement: "a"}, {Agreement: "a", Before: "x"}} {
		_, _ = s.EvidenceTransfers(ctx, "c", q)
	}
	_, _ = s.EvidenceParts(ctx, "c", []string{"t"})
	_, _ = s.EvidenceBodies(ctx, "c", "t", "", 5)
	_, _ = s.HasBody(ctx, evidence.Body{Context: "c", Transfer: "t"})
	open, err := s.UnsealedEvidence(ctx, time.Unix(5, 0), engine.Change{}, 5)
	sealed, err2 := s.SealEvidence(ctx, "c", "t", func([]evidence.Part) (engine.Entry, error) {
		return engine.Entry{Context: "c", ID: "sealed", Event: "e", At: time.Unix(1, 0)}, nil
	})
	n, err3 := s.DropBodies(ctx, time.Unix(5, 0), 5)
	if err := errors.Join(err, err2, err3); err != nil || len(open) != 1 || !sealed || n != 1 {
		t.Fatal(open, sealed, n, err)
	}
	if len(r.queries) < 10 {
		t.Fatalf("only %d statements were seen", len(r.queries))
	}
	for query, args := range r.queries {
		plan := explain(t, d, query, args)
		for line := range strings.Lines(plan) {
			// Only what is not sealed is in that index.
			few := strings.Contains(line, "evidence_unsealed") || strings.Contains(line, "VIRTUAL TABLE")
			sort := strings.Contains(line, "TEMP B-TREE") && !strings.Contains(line, "LAST TERM") && !strings.Contains(query, "transfer IN")
			if strings.HasPrefix(line, "SCAN") && !few || sort {
				t.Errorf("%s\n%s", query, plan)
			}
		}
	}
}

// No statement on identity reads a table from end to end or sorts one: what it
// costs does not depend on what others keep.
func TestTrustStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, "sqlite:"+filepath.Join(t.TempDir(), "plan.db"))
	keepTrust(t, s)
	r := record(d)
	ctx, later := t.Context(), time.Unix(1<<32, 0)
	for _, state := range []string{"", issuer.Issued} {
		_, _ = s.IssuerRequests(ctx, "c", state, "", 5)
		_, _ = s.IssuerRequests(ctx, "c", state, "r", 5)
		_, _ = s.IssuedCredentials(ctx, "c", state, "", 5)
		_, _ = s.IssuedCredentials(ctx, "c", state, "1", 5)
	}
	_, _ = s.Requests(ctx, "c", "", 5)
	_, _ = s.Requests(ctx, "c", "r", 5)
	request, _ := s.Request(ctx, "c", "r")
	request.NextTry = time.Unix(1, 0)
	held, _ := s.Credential(ctx, "c", "1")
	held.NextCheck = time.Unix(1, 0)
	_, _ = s.Deliver(ctx, "c", request, nil)
	_ = s.MarkCredential(ctx, "c", held)
	asked, _ := s.IssuerRequest(ctx, "c", "r")
	asked.NextTry = time.Unix(1, 0)
	_, _ = s.SaveIssuerRequest(ctx, "c", asked, nil)
	requests, _ := s.ClaimRequests(ctx, later, time.Minute, 5)
	credentials, _ := s.ClaimCredentials(ctx, later, time.Minute, 5)
	issuances, _ := s.ClaimIssuerRequests(ctx, later, time.Minute, 5)
	if len(requests) != 1 || len(credentials) != 1 || len(issuances) != 1 {
		t.Fatal(requests, credentials, issuances)
	}
	_, _ = s.Credentials(ctx, "c")
	_, _ = s.CredentialOffers(ctx, "c")
	_, _ = s.IssuedCredential(ctx, "c", "1")
	_, _ = s.CredentialsOfRequest(ctx, "c", "r")
	_ = s.SetCredentialState(ctx, "c", "1", issuer.Suspended, "", later)
	if list, taken, err := s.ListUse(ctx, "c"); list != 1 || taken != 1 {
		t.Fatal(list, taken, err)
	}
	_, _ = s.Marked(ctx, "c", 1, issuer.Revoked)
	_, _ = s.Bindings(ctx, "c")
	_, _ = s.TrustDraft(ctx, "c")
	if sequence, raw, err := s.TrustList(ctx, "c", "a"); sequence != 1 || raw != "x" {
		t.Fatal(sequence, raw, err)
	}
	_, _ = s.CurrentKey(ctx, "c", "data", later)
	if n, err := s.DropTokens(ctx, later, 5); n != 1 {
		t.Fatal(n, err)
	}
	if len(r.queries) < 30 {
		t.Fatalf("only %d statements were seen", len(r.queries))
	}
	for query, args := range r.queries {
		plan := explain(t, d, query, args)
		for line := range strings.Lines(plan) {
			scan := strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "VIRTUAL TABLE")
			sort := strings.Contains(line, "TEMP B-TREE") && !strings.Contains(query, "ORDER BY list, place")
			if scan || sort {
				t.Errorf("%s\n%s", query, plan)
			}
		}
		if strings.HasPrefix(query, "SELECT place") && !strings.Contains(plan, "USING COVERING INDEX issued_credential_state") {
			t.Errorf("marks are not read from the index alone:\n%s", plan)
		}
	}
}

// What is due of each lane is found by its index, and no row is looked at that
// the caller could not take.
func TestJobStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, "sqlite:"+filepath.Join(t.TempDir(), "plan.db"))
	r := record(d)
	ctx, now := t.Context(), time.Unix(5, 0)
	_, err := s.DueJobs(ctx, transfer.JobQuery{Now: now, Limit: 5, PerLane: 2, Kinds: []transfer.JobKind{transfer.JobPush}})
	_, err2 := s.NextJob(ctx, now, transfer.JobPush)
	if err := errors.Join(err, err2); err != nil || len(r.queries) != 2 {
		t.Fatal(r.queries, err)
	}
	for query, args := range r.queries {
		plan := explain(t, d, query, args)
		lanes := strings.Contains(query, "lanes")
		for _, step := range []string{"SCAN job", "SCAN j\n", "SCAN q", "SCAN h"} {
			if strings.Contains(plan, step) {
				t.Errorf("%s\n%s", query, plan)
			}
		}
		if lanes && !strings.Contains(plan, "SEARCH q USING COVERING INDEX job_lane (lane=? AND next_try>? AND next_try<?)") ||
			!lanes && !strings.Contains(plan, "USING COVERING INDEX job_due (next_try>?") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
