// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
)

// sequenced is a store that tells when it is asked for positions and what
// other processes are told.
type sequenced struct {
	engine.Store
	asked    chan bool
	notified chan []engine.Change
}

func (s *sequenced) Sequence(context.Context, string, time.Time, int) (int, error) {
	s.asked <- true
	return 0, nil
}

func (s *sequenced) Notify(_ context.Context, list []engine.Change) error {
	s.notified <- list
	return nil
}

// Rows of the journal that no process wrote are sequenced and told of at once:
// no timer but those of the short pauses ever fires here.
func TestJournaledWakesTheSequencerAndOtherReplicas(t *testing.T) {
	s := &sequenced{memory.New(), make(chan bool), make(chan []engine.Change)}
	soon := make(chan time.Time)
	close(soon)
	runner := engine.NewRunner(engine.Config{Store: s, Now: time.Now}, engine.RunnerConfig{
		Owner: "test", Sweep: time.Hour,
		Timer: func(d time.Duration) (<-chan time.Time, func()) {
			if d < time.Second {
				return soon, func() {}
			}
			return nil, func() {}
		},
	})
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	end := time.After(20 * time.Second)
	await := func(what string, ch <-chan bool) {
		t.Helper()
		select {
		case <-ch:
		case <-end:
			t.Fatal(what)
		}
	}
	await("no look at the start", s.asked)
	runner.Journaled("acme")
	await("the sequencer was not woken", s.asked)
	select {
	case list := <-s.notified:
		if len(list) != 1 || list[0] != (engine.Change{Context: "acme"}) {
			t.Errorf("told: %v", list)
		}
	case <-end:
		t.Fatal("nobody was told")
	}
	runner.Stop()
}
