// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPace: however the bytes come, no more pass than the rate allows for the
// time, and the burst at the begin.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Unix(1000, 0)
		now := begin
		timer := func(d time.Duration) (<-chan time.Time, func()) {
			now = now.Add(d)
			fired := make(chan time.Time, 1)
			fired <- now
			return fired, func() {}
		}
		rate := rapid.Int64Range(1, 1<<40).Draw(t, "rate")
		p := newPace(rate, func() time.Time { return now }, timer)
		var passed float64
		for range rapid.IntRange(1, 50).Draw(t, "pieces") {
			n := rapid.IntRange(1, p.piece(pieceSize)).Draw(t, "bytes")
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "idle")))
			if err := p.wait(context.Background(), n); err != nil {
				t.Fatal(err)
			}
			passed += float64(n)
			allowed := float64(rate)*(now.Sub(begin)+burst).Seconds()*1.000001 + 1
			if passed > allowed {
				t.Fatalf("%.0f bytes after %v at %d a second", passed, now.Sub(begin), rate)
			}
		}
	})
}

func TestPace_EndsWithItsCaller(t *testing.T) {
	never := func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
	p := newPace(1, func() time.Time { return time.Unix(1, 0) }, never)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ErrHeld)
	if err := p.wait(ctx, 100); !errors.Is(err, ErrHeld) {
		t.Errorf("%v", err)
	}
	if err := (*pace)(nil).wait(ctx, 100); err != nil {
		t.Errorf("without a bound: %v", err)
	}
}
