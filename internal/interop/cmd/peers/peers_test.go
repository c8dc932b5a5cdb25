// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fake is a pair that agrees to all but some, or loses some at its provider.
type fake struct {
	begun  atomic.Int64
	refuse int64 // every so many
	lose   int
	broken error
	closed bool

	held, released int
}

func (f *fake) begin(context.Context) (string, error) {
	return fmt.Sprint(f.begun.Add(1)), f.broken
}

func (f *fake) await(_ context.Context, id string) error {
	var n int64
	if _, err := fmt.Sscan(id, &n); err != nil {
		return err
	}
	if f.refuse > 0 && n%f.refuse == 0 {
		return errNotAgreed
	}
	return nil
}

func (f *fake) agreed(context.Context) (int, error) {
	n := int(f.begun.Load())
	if f.refuse > 0 {
		n -= n / int(f.refuse)
	}
	return n - f.lose, nil
}

func (f *fake) processes() map[string]int { return map[string]int{"fake": os.Getpid()} }

func (f *fake) hold() error {
	f.held++
	return nil
}

func (f *fake) release() error {
	f.released++
	return nil
}

func (f *fake) close() error {
	f.closed = true
	return nil
}

func TestContest(t *testing.T) {
	theirs := work{burst: 100, clients: 3, singles: 2, warm: 1, runs: 2}
	ours := theirs.with(6)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		pair         *fake
		done, failed int
		fails        string
	}{
		"all agreed":            {pair: &fake{}, done: 302},
		"some refused":          {pair: &fake{refuse: 100}, done: 299, failed: 3},
		"many refused":          {pair: &fake{refuse: 10}, done: 272, failed: 30, fails: "30 of 302 failed: not agreed"},
		"all refused":           {pair: &fake{refuse: 1}, failed: 100, fails: "not agreed"},
		"lost at the provider":  {pair: &fake{lose: 1}, done: 302, fails: "the provider has 301 agreed, the consumer 302"},
		"nothing can be begun":  {pair: &fake{broken: broken}, fails: "broken"},
		"a pair does not start": {fails: "no start"},
	} {
		t.Run(name, func(t *testing.T) {
			f, second := &trial{work: theirs}, &fake{}
			f.open = func(context.Context) (pair, error) {
				if c.pair == nil {
					return nil, errors.New("no start")
				}
				return c.pair, nil
			}
			other := &trial{work: ours, open: func(context.Context) (pair, error) { return second, nil }}
			err := contest(ended, f, other)
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("the error is %v, want %q", err, c.fails)
			}
			if f.done != c.done || f.failed != c.failed {
				t.Errorf("%d agreed and %d failed, want %d and %d", f.done, f.failed, c.done, c.failed)
			}
			if c.pair != nil && !c.pair.closed {
				t.Error("the pair was not closed")
			}
			if c.pair != nil && c.pair.held != c.pair.released {
				t.Errorf("held %d times, released %d", c.pair.held, c.pair.released)
			}
			for _, got := range []*trial{f, other} {
				if c.fails == "" && (got.rate <= 0 || got.memory <= 0 || got.idle <= 0) {
					t.Errorf("not measured: %s", got.figures)
				}
			}
			if c.fails == "" && (other.done != 702 || !second.closed || c.pair.held < 7) {
				t.Errorf("the other pair has %d agreed, closed %v, after %d turns", other.done, second.closed, c.pair.held)
			}
		})
	}
}

// TestRatios: a ratio over one says that ours is better, whatever is measured.
func TestRatios(t *testing.T) {
	theirs := figures{name: "theirs", rate: 20, latency: 200 * time.Millisecond, cpu: 50 * time.Millisecond, memory: 400}
	ours := figures{name: "ours", rate: 500, latency: 10 * time.Millisecond, cpu: 2 * time.Millisecond, memory: 32}
	text := ratios(theirs, ours, figures{name: "nothing"}, ours)
	for _, line := range []string{
		"ratio negotiations: 25.0 (ours, beside theirs)", "ratio latency: 20.0 (ours, beside theirs)",
		"ratio memory: 12.5 (ours, beside theirs)", "ratio cpu: 25.0 (ours, beside theirs)",
		"ratio negotiations durable: 0.0 (ours, beside nothing)",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("not said: %s", line)
		}
	}
	if n := strings.Count(text, "\n"); n != 12 {
		t.Errorf("%d lines:\n%s", n, text)
	}
}

func TestProcesses(t *testing.T) {
	gone := map[string]int{"gone": -1}
	if _, err := cpu(gone); err == nil {
		t.Error("the time of a process that does not exist")
	}
	if _, err := memory(gone); err == nil {
		t.Error("the memory of a process that does not exist")
	}
}
