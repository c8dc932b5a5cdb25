// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
)

// lostStore cannot keep, or not say that it has.
type lostStore struct {
	*Memory
	fails error
	keeps bool
}

func (l *lostStore) KeepMoved(ctx context.Context, parts []MovedPart) error {
	if l.fails != nil && !l.keeps {
		return l.fails
	}
	return errors.Join(l.Memory.KeepMoved(ctx, parts), l.fails)
}

// keeps has what was moved kept, as the chore does.
func (s *scene) keeps() {
	s.t.Helper()
	if _, err := s.KeepMoved(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// kept are how many movements the store has, by batch, in its order.
func (s *scene) kept() (ids []string, sizes map[string]int) {
	s.t.Helper()
	list, err := s.flows.KeptMoved(s.t.Context(), 1_000_000)
	if err != nil {
		s.t.Fatal(err)
	}
	sizes = map[string]int{}
	for _, p := range list {
		if sizes[p.Batch] == 0 {
			ids = append(ids, p.Batch)
		}
		sizes[p.Batch] += len(p.List)
	}
	return ids, sizes
}

// TestMovementsOutliveTheProcess: what was moved while a control plane was down
// is told by the next process, what may have come under the name that it had.
func TestMovementsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp", "other")
	s.says(func(string) (int, string, error) { return 0, "", errors.New("timed out") })
	s.moves("cp", 2)
	s.tells()
	tried := s.told()
	for _, who := range []string{"cp", "other"} {
		s.turn(time.Second)
		s.moves(who, 3)
		s.keeps() // and then it ends, without another word
	}
	s.Close()
	s.open()
	s.says(func(string) (int, string, error) { return 200, "", nil })
	list, more := s.tells()
	again := s.told()
	if !slices.Equal(list, []string{"p-cp", "p-cp", "p-other"}) || more || len(tried) != 1 || again[0] != tried[0] || again[1] == tried[0] {
		t.Errorf("told first as %q, then as %q, more: %v", tried, again, more)
	}
	if ids, _ := s.kept(); len(ids) > 0 || s.moved.held != 0 {
		t.Errorf("still kept: %q, held: %d", ids, s.moved.held)
	}
	s.Close()
	s.open()
	if list, more := s.tells(); len(list) > 0 || more {
		t.Errorf("told once more: %q", list)
	}
}

// TestMovementsAreKeptWhileOneHangs: nobody waits for a control plane that does
// not answer.
func TestMovementsAreKeptWhileOneHangs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp")
	s.says(func(string) (int, string, error) {
		s.moves("cp", 1)
		s.keeps()
		return 503, "", nil
	})
	s.moves("cp", 1)
	s.tells()
	if ids, sizes := s.kept(); len(ids) != 2 || sizes[ids[0]] != 1 || sizes[ids[1]] != 1 {
		t.Errorf("kept are %v", sizes)
	}
}

// TestBatchesGrow: what was not tried yet takes more of its flow, up to its
// bound, so that a control plane that was away is not told of each body alone.
func TestBatchesGrow(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp", "other")
	for _, n := range []int{1, 2, batchMoved - 4, 3} {
		s.moves("cp", n)
		s.moves("other", 1)
		s.keeps()
	}
	if _, sizes := s.kept(); !slices.Equal(slices.Sorted(maps.Values(sizes)), []int{2, 4, batchMoved}) {
		t.Fatalf("kept are %v", sizes)
	}
	if list, more := s.tells(); !slices.Equal(list, []string{"p-cp", "p-other", "p-cp"}) || more {
		t.Errorf("told were %q, more: %v", list, more)
	}
}

// TestMovementsThatCannotBeKept: they wait, and are kept once when that works,
// also where the store only could not say that it had.
func TestMovementsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"it has not": false, "it has": true} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.begins("cp")
			lost := &lostStore{s.flows, errors.New("the store is away"), keeps}
			s.cfg.Untold = lost
			s.moves("cp", 2)
			if _, err := s.KeepMoved(t.Context()); err == nil {
				t.Fatal("kept, though the store is away")
			}
			s.moves("cp", 1)
			if next, err := s.TellMoved(t.Context()); err == nil || next.IsZero() {
				t.Errorf("told what is not kept: %v, next is %v", err, next)
			}
			lost.fails = nil
			s.keeps()
			if ids, sizes := s.kept(); len(ids) != 1 || sizes[ids[0]] != 3 {
				t.Errorf("kept are %v", sizes)
			}
			if list, more := s.tells(); len(list) != 1 || more {
				t.Errorf("told were %q, more: %v", list, more)
			}
		})
	}
}

// TestUntoldOfTheLastProcessIsOldest: what is too much is what came last.
func TestUntoldOfTheLastProcessIsOldest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp")
	s.moves("cp", mostMoved)
	s.keeps()
	s.Close()
	s.turn(time.Second)
	s.open()
	s.moves("cp", 1)
	s.keeps()
	if s.moves("cp", 1); s.moved.lost != 1 {
		t.Errorf("%d were lost", s.moved.lost)
	}
	if list, more := s.tells(); len(list) != mostMoved/batchMoved+1 || more {
		t.Errorf("%d messages, more: %v", len(list), more)
	}
}
