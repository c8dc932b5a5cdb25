// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// asked counts how often it is asked.
type asked struct {
	times int
	err   error
	then  func() // during a look
}

func (a *asked) Running(_ context.Context, contextID, id string) (transfer.Running, error) {
	a.times++
	if a.then != nil {
		a.then()
	}
	return transfer.Running{Context: contextID, Process: id}, a.err
}

func (*asked) Exhausted(string, string, int64) {}

func TestRecent(t *testing.T) {
	now, generation, a := time.Unix(100, 0), uint64(1), &asked{}
	r := &dataplane.Recent{Transfers: a, Generation: func(string, string) uint64 { return generation }, Now: func() time.Time { return now }}
	look := func(why string, want int) {
		t.Helper()
		run, err := r.Running(t.Context(), "c", "x")
		if !errors.Is(err, a.err) || run.Process != "x" || a.times != want {
			t.Errorf("%s: %+v %v after %d looks, want %d", why, run, err, a.times, want)
		}
	}
	look("first", 1)
	look("again", 1)
	now = now.Add(249 * time.Millisecond)
	look("a moment later", 1)
	now = now.Add(time.Millisecond)
	look("later", 2)
	look("again", 2)
	generation++
	look("after a commit", 3)
	now = now.Add(-time.Second)
	look("by a clock that was set back", 4)
	generation++
	a.err = transfer.ErrSuspended
	look("suspended", 5)
	look("still", 6)
	a.err = nil
	look("no longer", 7)
	look("again", 7)
	generation++
	a.then = func() { generation++ } // a commit while somebody looks
	look("meanwhile", 8)
	a.then = nil
	look("so again", 9)
	if _, err := r.Running(t.Context(), "other", "x"); err != nil || a.times != 10 {
		t.Errorf("another participant's: %d looks", a.times)
	}
}

// TestRecentIsBounded: what is dropped is looked up again.
func TestRecentIsBounded(t *testing.T) {
	a := &asked{}
	r := &dataplane.Recent{Transfers: a, Generation: func(string, string) uint64 { return 0 }, Now: func() time.Time { return time.Unix(1, 0) }}
	for round := range 2 {
		for i := range 6000 {
			if _, err := r.Running(t.Context(), fmt.Sprint(round), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := r.Running(t.Context(), "0", "0"); err != nil || a.times != 12_001 {
		t.Errorf("%d looks", a.times)
	}
}
