// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

// grouped commits steps in one transaction and returns how each ended.
func grouped(s *onPostgres, commits ...engine.Commit) []error {
	jobs := make([]*job[engine.Commit], len(commits))
	for i, c := range commits {
		jobs[i] = &job[engine.Commit]{part: c}
	}
	return s.group.together(context.Background(), jobs)
}

// long is a process half-way, with something of everything that a step writes.
func long(id string) (first, next engine.Commit) {
	at := time.Unix(1, 0)
	work := func(op engine.Op, key string) engine.Work {
		return engine.Work{Context: "c", Process: id, Op: op, Key: key, Lane: "l", Due: at}
	}
	first = step(id)
	first.Record.Data = []byte(`{"a": 1}`)
	taken := work(engine.OpDecide, "d")
	taken.Owner, taken.LeaseUntil, taken.Fence = "w", time.Unix(9, 0), 1
	first.Put = []engine.WorkChange{{Now: taken}, {Now: work(engine.OpCall, "k")}}
	first.Exchanges = []engine.Exchange{
		{Inbound: true, MessageID: "in", Message: "M", Body: []byte("in"), Hash: "h", At: at},
		{Inbound: true, Message: "M", At: at},
		{MessageID: "out", Message: "M", Body: []byte("out"), At: at},
	}
	next = engine.Commit{Record: first.Record, Expect: 1}
	next.Record.Version, next.Record.Subject, next.Record.PeerPID = 2, "next", "theirs"
	taken.Claims = 1
	again := work(engine.OpCall, "k2")
	next.Held, next.Remove = &taken, []engine.Work{taken}
	next.Put = []engine.WorkChange{{Was: work(engine.OpCall, "k"), Now: again}, {Now: work(engine.OpSend, "s")}}
	next.Outcomes = []engine.Outcome{{MessageID: "out", Outcome: "acknowledged"}}
	next.Exchanges = []engine.Exchange{{MessageID: "s", Message: "M", Body: []byte("s"), At: at}}
	next.Journal = []engine.Entry{
		{Context: "c", ID: "n1-" + id, Process: id, Event: "x", At: at, Detail: []byte(`{}`)},
		{Context: "c", ID: "n2-" + id, Process: id, Event: "x", At: at},
	}
	return first, next
}

// TestStepsTogetherAreStepsAlone compares what both ways leave behind.
func TestStepsTogetherAreStepsAlone(t *testing.T) {
	t.Parallel()
	alone, together := openServer(t, PostgresDSN(t)), openServer(t, PostgresDSN(t))
	var firsts, nexts []engine.Commit
	for i := range 5 {
		first, next := long(fmt.Sprint("p", i))
		firsts, nexts = append(firsts, first), append(nexts, next)
	}
	for _, commits := range [][]engine.Commit{firsts, nexts} {
		for i, err := range grouped(together, commits...) {
			if err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
		for _, c := range commits {
			if err := alone.commitAlone(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
	look := func(s *onPostgres) (all []any) {
		for i := range firsts {
			r, err := s.For("c").Load(t.Context(), fmt.Sprint("p", i))
			history, failed := s.For("c").History(t.Context(), fmt.Sprint("p", i))
			if err := errors.Join(err, failed); err != nil {
				t.Fatal(err)
			}
			all = append(all, r, history)
		}
		if _, err := s.Sequence(t.Context(), "s", time.Unix(1, 0), 100); err != nil {
			t.Fatal(err)
		}
		rows, err := s.For("c").Journal(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return append(all, rows)
	}
	if diff := cmp.Diff(look(alone), look(together), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-alone +together):\n%s", diff)
	}
}

// One step that is not as expected is refused by itself. One whose other rows
// are not sends all of them their own ways.
func TestStepsTogetherFailAlone(t *testing.T) {
	t.Parallel()
	s := openServer(t, PostgresDSN(t))
	a, a2 := long("a")
	b, b2 := long("b")
	twice := long2("a")
	for i, err := range grouped(s, a, b, twice) {
		if want := []error{nil, nil, engine.ErrExists}[i]; !errors.Is(err, want) {
			t.Fatalf("step %d: %v, want %v", i, err, want)
		}
	}
	other := a2
	other.Record.Subject = "the loser"
	stale := b2
	stale.Expect, stale.Record.Version = 5, 6
	for i, err := range grouped(s, a2, other, stale) {
		if want := []error{nil, engine.ErrConflict, engine.ErrConflict}[i]; !errors.Is(err, want) {
			t.Fatalf("step %d: %v, want %v", i, err, want)
		}
	}
	c, _ := long("c")
	for name, spoil := range map[string]func(*engine.Commit){
		"a lease that was lost":     func(c *engine.Commit) { held := *c.Held; held.Owner = "else"; c.Held = &held },
		"work that was replaced":    func(c *engine.Commit) { c.Put[0].Was.Key = "else" },
		"a message that is there":   func(c *engine.Commit) { c.Exchanges[0] = engine.Exchange{Inbound: true, MessageID: "in"} },
		"no such message of ours":   func(c *engine.Commit) { c.Outcomes[0].MessageID = "else" },
		"no such agreement":         func(c *engine.Commit) { c.Writes = []any{negotiation.FinalizeAgreement{Context: "c", ID: "none"}} },
		"a write of no known type":  func(c *engine.Commit) { c.Writes = []any{1} },
		"a text that is none":       func(c *engine.Commit) { c.Record.State = "\xff" },
		"a journal row without its": func(c *engine.Commit) { c.Journal[0].Event = "" },
	} {
		_, bad := long("b")
		spoil(&bad)
		for i, err := range grouped(s, bad, c) {
			if !errors.Is(err, errAlone) {
				t.Errorf("%s: step %d: %v", name, i, err)
			}
		}
	}
	if err := s.commit(t.Context(), b2); err != nil {
		t.Errorf("a step whose neighbours failed: %v", err)
	}
	if r, err := s.For("c").Load(t.Context(), "a"); err != nil || r.Version != 2 || r.Subject != "next" {
		t.Errorf("version %d of %q is stored: %v", r.Version, r.Subject, err)
	}
	if _, err := s.For("c").Load(t.Context(), "c"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a process whose neighbour failed is stored half: %v", err)
	}
}

func long2(id string) engine.Commit { c, _ := long(id); return c }

// A row that another replica holds delays the steps of this process alone.
func TestStepsTogetherWaitForNobody(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	s, other := openServer(t, dsn), openServer(t, dsn)
	a, a2 := long("a")
	b, _ := long("b")
	if errs := grouped(s, a, b); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	tx, err := other.pool.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `UPDATE process SET subject = 'held' WHERE id = 'a'`); err != nil {
		t.Fatal(err)
	}
	c, _ := long("c")
	for i, err := range grouped(s, a2, c) {
		if !errors.Is(err, errAlone) {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if err := s.commit(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// Many callers at once, with all connections cut now and then.
func TestStepsTogetherSurviveLostConnections(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	s, other := unwatched(openServer(t, named(t, dsn))), openServer(t, dsn)
	s.alone = 0
	var all sync.WaitGroup
	for caller := range 16 {
		all.Go(func() {
			for i := range 10 {
				if caller == 0 {
					cutOff(t, other, "%")
				}
				c := step(fmt.Sprint(caller, "-", i))
				err := s.For("c").Commit(context.Background(), c)
				if err != nil && !errors.Is(err, engine.ErrUnavailable) && !errors.Is(err, errDoubt) && !errors.Is(err, engine.ErrExists) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	rows, err := s.For("c").List(t.Context(), engine.Query{})
	if err != nil || len(rows) < 100 {
		t.Errorf("%d processes are stored: %v", len(rows), err)
	}
}
