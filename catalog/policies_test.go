// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	manyPolicies = 50
	countedTerm  = "https://terms.example/counted/"
)

// market is a catalogue of so many thousands of offers with few access policies among them,
// each of which asks for a value of its own, and counts how often it is asked.
func market(t testing.TB, thousands int) (s *catalog.Service, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	now := func() time.Time { return time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC) }
	terms := policy.NewRegistry()
	err := terms.RegisterOperand(policy.Operand{
		IRI: countedTerm, Prefix: true, Name: "counted", Doc: "Counts.", Type: policy.TypeText, Source: policy.FromRecords, From: policy.AtCatalog,
		Values: func(*policy.Facts, string) policy.Left {
			asked.Add(1)
			return policy.Left{Values: []policy.Datum{{Text: "yes"}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Config{DSN: "sqlite:" + filepath.Join(t.TempDir(), "market.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.PutParticipant(t.Context(), trust.Participant{Context: me, ID: "urn:company:acme", PublicURL: "https://acme.example/acme", Profile: "preshared"}); err != nil {
		t.Fatal(err)
	}
	s, err = catalog.NewService(catalog.Config{
		Store: db, Now: now, NewID: func() string { return "" }, PageSize: 500,
		Participants: func(_ context.Context, contextID string) (trust.Participant, error) {
			return trust.Participant{Context: contextID, ID: "urn:company:" + contextID, PublicURL: "https://acme.example/acme"}, nil
		},
		Policies: &policy.Judge{Registry: terms, Now: now},
	})
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < thousands*1000; from += 1000 {
		var assets []catalog.Asset
		var offers []catalog.Offer
		for i := from; i < from+1000; i++ {
			a, o := asset(fmt.Sprintf("urn:data:%05d", i)), offerOf(fmt.Sprintf("urn:offer:%05d", i), byID(fmt.Sprintf("urn:data:%05d", i)))
			o.Access = policy.Permit("use", policy.Atomic{Left: countedTerm + fmt.Sprint(i%manyPolicies), Operator: policy.Eq, Right: policy.Text("yes")})
			assets, offers = append(assets, a), append(offers, o)
		}
		if _, err := s.Publish(t.Context(), me, assets, offers); err != nil {
			t.Fatal(err)
		}
	}
	return s, asked
}

// TestEachPolicyOnce: a page judges every distinct access policy once for its
// caller, however many offers have it.
func TestEachPolicyOnce(t *testing.T) {
	s, asked := market(t, 1)
	for page := 1; page <= 3; page++ {
		asked.Store(0)
		got, err := s.Request(t.Context(), me, buyer, requestBody(""), "")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(datasetIDs(t, got.Body)); n != 500 {
			t.Fatalf("a page of %d datasets", n)
		}
		if asked.Load() != manyPolicies {
			t.Errorf("page %d judged %d policies, want %d", page, asked.Load(), manyPolicies)
		}
	}
}

// BenchmarkPageOfManyPolicies is one page of 500 datasets.
func BenchmarkPageOfManyPolicies(b *testing.B) {
	s, asked := market(b, 10)
	body := requestBody("")
	asked.Store(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Request(b.Context(), me, buyer, body, ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(asked.Load())/float64(b.N), "judged/op")
}
