// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/musubi-ods/musubi/internal/cache"
)

func always(int) bool { return true }

func itself(_ string, v int) int { return v }

func answer(v int, keep bool) func(int) (int, bool) {
	return func(int) (int, bool) { return v, keep }
}

func want(t *testing.T, c *cache.Cache[string, int], key string, ask func(int) (int, bool), wanted int) {
	t.Helper()
	if v, err := c.Get(t.Context(), key, always, ask); v != wanted || err != nil {
		t.Errorf("%s: %d, %v; want %d", key, v, err, wanted)
	}
}

func TestBound(t *testing.T) {
	c := cache.New(10, itself)
	want(t, c, "a", answer(4, true), 4)
	want(t, c, "b", answer(6, true), 6)
	want(t, c, "a", answer(0, true), 4) // used last
	want(t, c, "c", answer(1, true), 1) // b has to go
	if kept, asking := c.Len(); kept != 2 || asking != 0 {
		t.Errorf("%d kept, %d asked for", kept, asking)
	}
	want(t, c, "a", answer(0, true), 4)
	want(t, c, "b", answer(2, false), 2)
	want(t, c, "b", answer(3, true), 3) // what is not kept is asked for again
	want(t, c, "large", answer(11, true), 11)
	if kept, _ := c.Len(); kept != 0 {
		t.Errorf("%d kept beside what is larger than the bound", kept)
	}
	want(t, c, "a", answer(10, true), 10) // all room is back
	want(t, c, "a", answer(0, true), 10)
}

func TestReplaced(t *testing.T) {
	c := cache.New(10, itself)
	want(t, c, "a", answer(7, true), 7)
	v, err := c.Get(t.Context(), "a", func(v int) bool { return v != 7 }, func(before int) (int, bool) { return before + 1, true })
	if v != 8 || err != nil {
		t.Error(v, err)
	}
	want(t, c, "a", answer(0, true), 8)
}

// TestCrowd: one asks for all, kept or not; if that one gave up or panicked,
// another asks.
func TestCrowd(t *testing.T) {
	for name, tt := range map[string]struct {
		keep, left, panics bool
		bound, asked       int
	}{
		"kept":          {keep: true, bound: 10, asked: 1},
		"too large":     {keep: true, bound: 0, asked: 1},
		"not kept":      {bound: 10, asked: 1},
		"kept and left": {keep: true, left: true, bound: 10, asked: 1},
		"left":          {left: true, bound: 10, asked: 2},
		"panic":         {panics: true, bound: 10, asked: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := cache.New(tt.bound, itself)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				answered, asked := make(chan struct{}), 0
				go func() {
					defer func() { _ = recover() }()
					_, _ = c.Get(ctx, "a", always, func(int) (int, bool) {
						asked++
						<-answered
						if tt.panics {
							panic("asking")
						}
						return 1, tt.keep
					})
				}()
				synctest.Wait()
				for range 3 {
					go func() {
						want(t, c, "a", func(int) (int, bool) { asked++; return tt.asked, true }, tt.asked)
					}()
				}
				gone, leave := context.WithCancel(t.Context())
				leave()
				if _, err := c.Get(gone, "a", always, answer(9, true)); !errors.Is(err, context.Canceled) {
					t.Errorf("who leaves is told %v", err)
				}
				synctest.Wait()
				if tt.left {
					cancel()
				}
				close(answered)
				synctest.Wait()
				if asked != tt.asked {
					t.Errorf("asked %d times, want %d", asked, tt.asked)
				}
			})
		})
	}
}

// TestTooOldForOne: who waits and finds the answer too old asks again.
func TestTooOldForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, itself)
		answered := make(chan struct{})
		go want(t, c, "a", func(int) (int, bool) { <-answered; return 1, true }, 1)
		synctest.Wait()
		go func() {
			newer := func(v int) bool { return v > 1 }
			if v, err := c.Get(t.Context(), "a", newer, func(before int) (int, bool) { return before + 1, true }); v != 2 || err != nil {
				t.Errorf("%d, %v; want 2", v, err)
			}
		}()
		synctest.Wait()
		close(answered)
		synctest.Wait()
	})
}

// TestPut: what is put there is found, replaces what was, and counts.
func TestPut(t *testing.T) {
	c := cache.New(10, itself)
	c.Put("a", 4)
	c.Put("b", 3)
	c.Put("a", 5) // 8 in all
	if v, ok := c.Peek("a"); v != 5 || !ok {
		t.Errorf("a is %d, %t", v, ok)
	}
	c.Put("d", 5) // b was used longest ago
	for k, want := range map[string]bool{"a": true, "b": false, "d": true} {
		if _, ok := c.Peek(k); ok != want {
			t.Errorf("%s is there: %t", k, ok)
		}
	}
	want(t, c, "a", func(int) (int, bool) { t.Error("asked for what is there"); return 0, false }, 5)
}
