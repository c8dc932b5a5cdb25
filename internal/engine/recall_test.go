// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// counted counts what is read of a store.
type counted struct {
	engine.Store
	loads *int
}

func (c counted) For(id string) engine.Processes {
	return countedProcesses{c.Store.For(id), c.loads}
}

type countedProcesses struct {
	engine.Processes
	loads *int
}

func (c countedProcesses) Load(ctx context.Context, id string) (engine.Record, error) {
	*c.loads++
	return c.Processes.Load(ctx, id)
}

func (c countedProcesses) LoadFor(ctx context.Context, id, messageID string) (engine.Record, bool, error) {
	*c.loads++
	return c.Processes.LoadFor(ctx, id, messageID)
}

// crew reserves as many workers as it has, and keeps what they are to do.
type crew struct {
	free, cancelled, woken int
	begun                  []engine.Work
}

func (c *crew) Reserve(string) (string, time.Duration, bool) {
	if c.free == 0 {
		return "", 0, false
	}
	c.free--
	return "me", time.Minute, true
}
func (c *crew) Begin(w engine.Work) { c.begun = append(c.begun, w) }
func (c *crew) Cancel(string)       { c.cancelled++; c.free++ }
func (c *crew) Wake()               { c.woken++ }

// A commit claims what it owes for a worker that is free, and nothing of the
// process is read again until it ends.
func TestCommitClaims(t *testing.T) {
	b, loads, workers := newBench(t), 0, &crew{free: 1}
	b.core.Store, b.core.Workers = counted{b.store, &loads}, workers
	b.open()
	if len(workers.begun) != 1 || string(workers.begun[0].Body) != b.record().Pending.ID+" hello" {
		t.Fatalf("begun %+v", workers.begun)
	}
	if row := b.record().Work[0]; row.Owner != "me" || row.Claims != 1 || row.Fence != workers.begun[0].Fence {
		t.Errorf("stored as %+v", row)
	}
	if b.work() != 0 {
		t.Error("it was claimed twice")
	}
	if err := b.core.Perform(t.Context(), workers.begun[0]); err != nil {
		t.Fatal(err)
	}
	if r := b.record(); r.State != "OPEN" || len(b.posts) != 1 {
		t.Errorf("state %s after %d messages", r.State, len(b.posts))
	}
	if loads != 0 {
		t.Errorf("the store was asked %d times", loads)
	}
	if err := b.receive("work", "m1"); err != nil || loads != 0 {
		t.Errorf("%v, after %d loads", err, loads)
	}
}

// Without a free worker the work waits to be claimed, and a commit that failed
// gives its worker back.
func TestCommitWithoutWorker(t *testing.T) {
	b, workers := newBench(t), &crew{}
	b.core.Workers = workers
	b.open()
	if row := b.record().Work[0]; row.Owner != "" || row.Claims != 0 {
		t.Errorf("stored as %+v", row)
	}
	workers.free = 1
	_, err := b.core.Open(t.Context(), engine.Record{
		Context: "acme", ID: "ours", Kind: engine.Negotiation, Role: engine.Consumer, Peer: "peer", Address: "http://peer",
	}, engine.Act{Message: "hello"})
	if err == nil || workers.cancelled != 1 || len(workers.begun) != 0 {
		t.Errorf("%v: %+v", err, workers)
	}
}

// What another core on the store did since counts, whatever this one
// remembers: for a message, its repetition, and work.
func TestRememberedIsNoProof(t *testing.T) {
	for name, c := range map[string]struct {
		theirs, then engine.Message
		id           string
		taken        bool
		state        engine.State
	}{
		"the same message again":        {"work", "work", "m1", true, "BUSY"},
		"one that is possible still":    {"work", "bye", "m2", true, "ENDED"},
		"one that is no longer":         {"work", "work", "m2", false, "BUSY"},
		"one after the end":             {"bye", "work", "m2", false, "ENDED"},
		"the last message of all again": {"bye", "bye", "m1", true, "ENDED"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.open()
			b.work()
			ours := b.core
			b.core = engine.New(ours.Config)
			if err := b.receive(c.theirs, "m1"); err != nil {
				t.Fatal(err)
			}
			b.core = ours
			if err := b.receive(c.then, c.id); (err == nil) != c.taken {
				t.Errorf("taken: %v", err)
			}
			if r := b.record(); r.State != c.state {
				t.Errorf("state %s", r.State)
			}
		})
	}
}
