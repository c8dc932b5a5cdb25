// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

func testSeal(t testing.TB, key byte) cipher.AEAD {
	t.Helper()
	raw := make([]byte, 32)
	raw[0] = key
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

// openDomain opens a store with a key of the tests.
func openDomain(t testing.TB, dsn string) (Store, *domain) {
	t.Helper()
	s, err := Open(t.Context(), Config{DSN: dsn, Seal: testSeal(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	switch s := s.(type) {
	case *onSQLite:
		return s, &s.domain
	case *onPostgres:
		return s, &s.domain
	}
	t.Fatalf("%T", s)
	return nil, nil
}

// onBoth runs a test on both dialects.
func onBoth(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "domain.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, PostgresDSN(t))
	})
}

// counting counts the statements that read.
type counting struct {
	reader
	statements atomic.Int64
}

func (c *counting) query(ctx context.Context, dest any, query string, args ...any) error {
	c.statements.Add(1)
	return c.reader.query(ctx, dest, query, args...)
}

func (c *counting) once(ctx context.Context, dest any, query string, args ...any) error {
	c.statements.Add(1)
	return c.reader.once(ctx, dest, query, args...)
}

// fillCatalog publishes n assets, each on offer three times, and more that
// nobody sees.
func fillCatalog(t testing.TB, s Store, contextID string, n int) (access string) {
	t.Helper()
	open, other := policy.Permit(policy.Use), policy.Permit("https://example.org/ns#look")
	var b catalog.Batch
	for i := range n {
		a := catalog.Asset{
			ID: fmt.Sprintf("urn:example:asset:%06d", i), Labels: map[string]string{"half": fmt.Sprint(i % 2)},
			Properties: map[string]any{
				"dct:title": fmt.Sprintf("Title %d", i*7919%n), "dct:creator": fmt.Sprint(i % 10),
				"dct:description": "a description of some length, as they come", "dct:language": []any{"ja", "en"},
			},
		}
		b.Assets = append(b.Assets, a)
	}
	for i, s := range []catalog.Selector{{All: true}, {Labels: map[string]string{"half": "0"}}, {Labels: map[string]string{"half": "1"}}, {All: true}} {
		b.Offers = append(b.Offers, catalog.Offer{ID: fmt.Sprint("offer", i), Assets: s, Access: open, Usage: open})
	}
	b.Offers = append(b.Offers, catalog.Offer{ID: "hidden", Assets: catalog.Selector{All: true}, Access: other, Usage: other})
	if err := s.Publish(t.Context(), contextID, b); err != nil {
		t.Fatal(err)
	}
	return open.Hash()
}

func TestPageTakesTheSameStatementsHoweverManyAssets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, _ := openDomain(t, dsn)
		c := keeps(s, "FROM asset")
		count := &counting{reader: c.db}
		c.db = count
		filter := catalog.Filter{Sort: "http://purl.org/dc/terms/title", Conditions: []catalog.Condition{
			{Field: "http://purl.org/dc/terms/creator", Operator: "=", Values: []string{"3"}},
			{Field: "http://purl.org/dc/terms/title", Operator: "like", Values: []string{"%1%"}},
		}}
		want := map[string]int64{}
		for _, n := range []int{1, 10, 10_000} {
			contextID := fmt.Sprint("with-", n)
			access := fillCatalog(t, s, contextID, n)
			for name, q := range map[string]catalog.DatasetQuery{
				"first":    {Limit: 100},
				"middle":   {Limit: 100, Cursor: &catalog.Cursor{ID: "urn:example:asset:005000"}},
				"filtered": {Limit: 100, Filter: filter},
			} {
				q.Access = []string{access}
				count.statements.Store(0)
				rows, _, err := s.Datasets(t.Context(), contextID, q)
				if err != nil {
					t.Fatal(err)
				}
				if n == 10_000 && len(rows) != 100 {
					t.Fatalf("%s: %d rows", name, len(rows))
				}
				got := count.statements.Load()
				if known, ok := want[name]; ok && known != got {
					t.Errorf("%s: %d statements with %d assets, %d with fewer", name, got, n, known)
				}
				want[name] = got
			}
		}
		t.Logf("statements per page: %v", want)
	})
}

func BenchmarkCatalog(b *testing.B) {
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return PostgresDSN(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s, _ := openDomain(b, dsn())
			access := []string{fillCatalog(b, s, "c", 10_000)}
			creator := catalog.Condition{Field: "http://purl.org/dc/terms/creator", Operator: "=", Values: []string{"3"}}
			for name, q := range map[string]catalog.DatasetQuery{
				"first":   {Limit: 50},
				"deep":    {Limit: 50, Cursor: &catalog.Cursor{ID: "urn:example:asset:009000"}},
				"equal":   {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{creator}}},
				"rare":    {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Field: "http://purl.org/dc/terms/title", Operator: "=", Values: []string{"Title 77"}}}}},
				"like":    {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Field: "http://purl.org/dc/terms/title", Operator: "like", Values: []string{"%99%"}}}}},
				"sorted":  {Limit: 50, Filter: catalog.Filter{Sort: "http://purl.org/dc/terms/title"}},
				"nothing": {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Operator: "like", Values: []string{"x%"}}}}},
			} {
				b.Run(name, func(b *testing.B) {
					q.Access = access
					for b.Loop() {
						if _, _, err := s.Datasets(b.Context(), "c", q); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("unseen", func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.Datasets(b.Context(), "c", catalog.DatasetQuery{Access: []string{"none"}, Limit: 50}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("accessHashes", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.AccessHashes(b.Context(), "c"); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("dataset", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Dataset(b.Context(), "c", "urn:example:asset:000777", access); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
