// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-ods/musubi/internal/engine"
)

func keyOf(id string) engine.Change { return engine.Change{Context: "c", Process: id} }

// what is kept of a process, and what is in the database.
func bothOf(t *testing.T, s *onSQLite, id string) (kept, stored engine.Record, ok bool) {
	t.Helper()
	kept, _, ok = s.writer.recent.load(keyOf(id), "")
	stored, _, err := (&processes{database: &s.database, context: "c"}).LoadFor(t.Context(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	return kept, stored, ok
}

// TestRecentIsWhatIsStored plays steps, claims, releases and loads of a few
// processes by several callers at once, and then compares.
func TestRecentIsWhatIsStored(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	ids := []string{"a", "b", "c"}
	for _, id := range ids {
		if err := commitOf(s, id)(); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(caller)))
			for i := range 20 {
				if err := disturb(s, rnd, ids[rnd.IntN(len(ids))], fmt.Sprintf("%d-%d", caller, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		kept, stored, ok := bothOf(t, s, id)
		if !ok {
			if id == "a" {
				t.Error("what was never dropped is not kept")
			}
			continue
		}
		if diff := cmp.Diff(stored, kept, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-stored +kept):\n%s", id, diff)
		}
		want, err := (&processes{database: &s.database, context: "c"}).History(t.Context(), id)
		got, ok := s.writer.recent.messages(keyOf(id))
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); (ok || id == "a" && len(want) <= maxMessages) && diff != "" || err != nil {
			t.Errorf("history of %s (-stored +kept): %v\n%s", id, err, diff)
		}
	}
}

// disturb does one of the things that change a process, or drops it so that it
// is loaded again.
func disturb(s *onSQLite, rnd *rand.Rand, id, name string) error {
	ctx, p := context.Background(), s.For("c")
	r, err := p.Load(ctx, id)
	if err != nil {
		return err
	}
	switch rnd.IntN(4) {
	case 0:
		work, _, err := s.Claim(ctx, engine.ClaimRequest{Owner: name, Now: time.Unix(2, 0), Lease: time.Nanosecond, Limit: 2})
		for _, w := range work {
			err = errors.Join(err, s.Release(ctx, w))
		}
		return err
	case 1:
		if id == "a" {
			return nil
		}
		s.writer.recent.mu.Lock()
		defer s.writer.recent.mu.Unlock()
		s.writer.recent.replace(keyOf(id))
		return nil
	}
	c := engine.Commit{Record: r, Expect: r.Version}
	c.Record.Version++
	c.Record.Subject = name
	c.Exchanges = []engine.Exchange{{MessageID: name, Message: "M", Body: []byte(name), At: time.Unix(1, 0)}}
	was, now := engine.Work{}, engine.Work{Context: "c", Process: id, Op: engine.OpSend, Key: name, Lane: "l", Due: time.Unix(1, 0)}
	if len(r.Work) > 0 {
		was = r.Work[0]
	}
	if was.Key != "" && rnd.IntN(3) == 0 {
		c.Remove = []engine.Work{was}
	} else {
		c.Put = []engine.WorkChange{{Was: was, Now: now}}
	}
	if err := p.Commit(ctx, c); !errors.Is(err, engine.ErrConflict) {
		return err
	}
	return nil
}

// A look that began before a commit keeps nothing that is older than it.
func TestRecentKeepsNoOldLook(t *testing.T) {
	t.Parallel()
	r := newRecent()
	old := engine.Record{Context: "c", ID: "a", Version: 1}
	look := r.look(keyOf("a"))
	r.committing()
	if r.look(keyOf("b")) != nil {
		t.Error("a look began within a commit")
	}
	next := engine.Commit{Record: old, Expect: 1}
	next.Record.Version = 2
	r.committed([]change{stepped(next)})
	r.found(look, old, true)
	if got, _, ok := r.load(keyOf("a"), ""); ok {
		t.Errorf("version %d is kept", got.Version)
	}
	r.found(r.look(keyOf("a")), next.Record, true)
	if got, _, ok := r.load(keyOf("a"), ""); !ok || got.Version != 2 {
		t.Errorf("version %d is kept: %v", got.Version, ok)
	}
	if _, _, ok := r.load(keyOf("a"), "m"); ok {
		t.Error("what was accepted is told without a history")
	}
}

// Steps that were undone leave nothing, and neither does a commit that failed.
func TestRecentForgetsWhatWasUndone(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	if err := commitOf(s, "a")(); err != nil {
		t.Fatal(err)
	}
	lost := step("a")
	lost.Expect, lost.Record.Version, lost.Record.Subject = 1, 2, "lost"
	lost.Outcomes = []engine.Outcome{{MessageID: "none", Outcome: "refused"}} // fails last
	lost.Journal = nil
	if err := s.For("c").Commit(t.Context(), lost); err == nil {
		t.Fatal("it did not fail")
	}
	if kept, stored, ok := bothOf(t, s, "a"); !ok || kept.Version != 1 || stored.Version != 1 {
		t.Fatalf("kept version %d (%v), stored %d", kept.Version, ok, stored.Version)
	}
	lost.Outcomes = nil
	together(t, s,
		func() error { return s.For("c").Commit(context.Background(), lost) },
		func() error {
			return s.writer.do(context.Background(), func(w *session) error { return w.plain("ROLLBACK") })
		})
	if r, err := s.For("c").Load(t.Context(), "a"); err != nil || r.Version != 1 {
		t.Fatalf("version %d: %v", r.Version, err)
	}
}

// TestRecentKeepsAProcessOnce: who missed a process may begin to read it when
// another has read it already.
func TestRecentKeepsAProcessOnce(t *testing.T) {
	t.Parallel()
	r := newRecent()
	read := func(id string) {
		l := r.look(keyOf(id))
		r.found(l, engine.Record{Context: "c", ID: id, Version: 1, Data: make([]byte, maxRecent/4)}, true)
	}
	read("0")
	read("0")
	if len(r.kept) != 1 || r.order.Len() != 1 {
		t.Fatalf("%d of one process are kept", r.order.Len())
	}
	for i := range 20 {
		read(fmt.Sprint(i))
	}
	if r.size > maxRecent || len(r.kept) != r.order.Len() {
		t.Errorf("%d processes of %d bytes are kept", len(r.kept), r.size)
	}
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	r := newRecent()
	data := make([]byte, maxRecent/16)
	for i := range 40 {
		c := engine.Commit{Record: engine.Record{Context: "c", ID: fmt.Sprint(i), Version: 1, Data: data}}
		r.committed([]change{stepped(c)})
		r.load(keyOf("0"), "")
	}
	if r.size > maxRecent || len(r.kept) != r.order.Len() || len(r.kept) < 10 {
		t.Errorf("%d processes of %d bytes are kept", len(r.kept), r.size)
	}
	if _, _, ok := r.load(keyOf("0"), ""); !ok {
		t.Error("what is used all the time was dropped")
	}
	for range maxMessages + 1 {
		k, _ := r.get(keyOf("0"))
		c := engine.Commit{Record: k.record, Expect: k.record.Version, Exchanges: []engine.Exchange{{Inbound: true}}}
		c.Record.Version++
		r.committed([]change{stepped(c)})
	}
	if _, ok := r.messages(keyOf("0")); ok {
		t.Error("a long history is kept")
	}
	r.forget()
	if r.size != 0 || len(r.kept) != 0 {
		t.Errorf("%d bytes after all was forgotten", r.size)
	}
}
