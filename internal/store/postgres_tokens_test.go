// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// used records tokens with one statement and returns how each ended.
func used(s *onPostgres, tokens ...string) []error {
	jobs := make([]*job[tokenUse], len(tokens))
	for i, token := range tokens {
		jobs[i] = &job[tokenUse]{part: tokenUse{"c", tokenHash("i", token), 1}}
	}
	return s.tokens.together(context.Background(), jobs)
}

// Each token is new once, also where two callers bring it at the same time.
func TestTokensTogetherAreNewOnce(t *testing.T) {
	t.Parallel()
	s := openServer(t, PostgresDSN(t))
	if first, err := s.UseToken(t.Context(), "c", "i", "a", time.Unix(9, 0)); err != nil || !first {
		t.Fatal(first, err)
	}
	for i, err := range used(s, "a", "b", "b", "c") {
		if want := []error{trust.ErrUsed, nil, trust.ErrUsed, nil}[i]; !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("token %d: %v, want %v", i, err, want)
		}
	}
	s.alone = 0
	var news atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			first, err := s.UseToken(t.Context(), "c", "i", "d", time.Unix(9, 0))
			if err != nil {
				t.Error(err)
			}
			if first {
				news.Add(1)
			}
		})
	}
	all.Wait()
	if news.Load() != 1 {
		t.Errorf("a token was new to %d callers", news.Load())
	}
}

// A statement whose answer was lost is not repeated; one that failed is, by
// each caller for itself.
func TestTokensTogetherAreNotRecordedTwice(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	line, through := newBetween(t, dsn)
	s := unwatched(openServer(t, through))
	for _, err := range used(s, "a", "b") {
		if err != nil {
			t.Fatal(err)
		}
	}
	line.cut.Store(true)
	for i, err := range used(s, "c", "d") {
		if !errors.Is(err, errDoubt) {
			t.Errorf("token %d: %v, want doubt", i, err)
		}
	}
	jobs := []*job[tokenUse]{{part: tokenUse{"c", []byte("too short"), 1}}}
	if err := s.tokens.together(t.Context(), jobs)[0]; !errors.Is(err, errAlone) {
		t.Errorf("a statement that failed: %v", err)
	}
}
