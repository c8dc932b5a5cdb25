// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// moves has n bodies moved of a control plane's flow, whose process is p after
// its name.
func (s *scene) moves(controlPlane string, n int) {
	for range n {
		s.Moved(s.t.Context(), transfer.Movement{Context: controlPlane, Process: "p-" + controlPlane, Bytes: 1, Whole: true})
	}
}

// begins starts a flow of each control plane.
func (s *scene) begins(controlPlanes ...string) {
	s.t.Helper()
	for _, who := range controlPlanes {
		if status, _, code := s.postAs("I am "+who, "/dataflows/start", ask("p-"+who, "m-"+who, "x-pull", "")); status != 200 {
			s.t.Fatal(status, code)
		}
	}
}

// tells has what was moved told once, and returns to whom.
func (s *scene) tells() (list []string, more bool) {
	s.t.Helper()
	s.mu.Lock()
	s.heard = nil
	s.mu.Unlock()
	next, err := s.TellMoved(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range s.told() {
		<-s.heeds
		path, _, _ = strings.Cut(strings.TrimPrefix(path, "POST /transfers/"), "/movements")
		list = append(list, path)
	}
	return list, !next.IsZero()
}

// TestDeadControlPlaneHoldsUpNobody: one that does not answer is asked once in a
// round, and the others are told all the same.
func TestDeadControlPlaneHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("dead", "well")
	s.says(func(path string) (int, string, error) {
		if strings.Contains(path, "dead") {
			return 0, "", errors.New("timed out")
		}
		return 200, "", nil
	})
	s.moves("dead", 3*batchMoved)
	s.moves("well", 1)
	if list, more := s.tells(); !slices.Equal(list, []string{"p-dead", "p-well"}) || !more {
		t.Errorf("told were %q, more: %v", list, more)
	}
	s.says(func(string) (int, string, error) { return 200, "", nil })
	if list, more := s.tells(); len(list) != 3 || more {
		t.Errorf("once it is there, told were %q, more: %v", list, more)
	}
}

// TestBatchKeepsItsID: what may have come is told again as it was, whatever was
// moved since.
func TestBatchKeepsItsID(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp")
	s.says(func(string) (int, string, error) { return 0, "", errors.New("the answer is lost") })
	s.moves("cp", 2)
	s.tells()
	first := s.told()
	s.moves("cp", 3)
	s.says(func(string) (int, string, error) { return 200, "", nil })
	s.tells()
	again := s.told()
	if len(first) != 1 || len(again) != 2 || again[0] != first[0] || again[1] == first[0] || !strings.Contains(first[0], "?batch=id-") {
		t.Errorf("told first as %q, then as %q", first, again)
	}
}

// TestMovementsAreBounded: what is being told counts.
func TestMovementsAreBounded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begins("cp")
	s.says(func(string) (int, string, error) {
		s.moves("cp", 10) // while it hangs
		return 503, "", nil
	})
	s.moves("cp", mostMoved)
	s.tells()
	if s.moved.held != mostMoved || s.moved.lost != 10 {
		t.Errorf("%d are held, %d were lost", s.moved.held, s.moved.lost)
	}
	s.says(func(string) (int, string, error) { return 200, "", nil })
	if list, more := s.tells(); len(list) != mostMoved/batchMoved || more || s.moved.held != 0 {
		t.Errorf("%d messages were sent, more: %v, %d are held", len(list), more, s.moved.held)
	}
}

// TestRefusedMovementsAreDropped: a final no is not asked for again, and holds
// up nothing.
func TestRefusedMovementsAreDropped(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{400: false, 404: false, 405: false, 413: false, 401: true, 403: true, 429: true, 500: true, 503: true} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := newScene(t)
			s.begins("cp")
			s.says(func(string) (int, string, error) { return status, "", nil })
			s.moves("cp", 1)
			if _, more := s.tells(); more != again {
				t.Errorf("it is told again: %v, want %v", more, again)
			}
		})
	}
}
