// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
)

// loaded tells which processes are looked at. There are none.
type loaded struct {
	engine.Store
	ids chan string
}

func (l *loaded) For(id string) engine.Processes {
	return loadedProcesses{l.Store.For(id), l.ids}
}

type loadedProcesses struct {
	engine.Processes
	ids chan string
}

func (l loadedProcesses) Load(_ context.Context, id string) (engine.Record, error) {
	l.ids <- id
	return engine.Record{}, engine.ErrNotFound
}

// TestLateWorkIsLeft: work that was claimed and begins only when its lease is
// over, or nearly, may be another's by now.
func TestLateWorkIsLeft(t *testing.T) {
	s := &loaded{memory.New(), make(chan string, 10)}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	runner := engine.NewRunner(engine.Config{Store: s, Now: func() time.Time { return now }}, engine.RunnerConfig{
		Owner: "test", Lease: time.Hour,
		Timer: func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} },
	})
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, left := range map[string]time.Duration{"over": -time.Second, "nearly over": 15 * time.Minute, "in time": 45 * time.Minute} {
		if _, _, ok := runner.Reserve("lane"); !ok {
			t.Fatal("no worker is free")
		}
		runner.Begin(engine.Work{Context: "acme", Process: id, Op: engine.OpCall, Lane: "lane", LeaseUntil: now.Add(left)})
	}
	seen := []string{<-s.ids}
	runner.Stop()
	close(s.ids)
	for id := range s.ids {
		seen = append(seen, id)
	}
	if !slices.Equal(seen, []string{"in time"}) {
		t.Errorf("began %q", seen)
	}
}
