// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// stalled is a mover whose bodies do not move until the test ends one.
type stalled struct {
	began chan transfer.Job
	end   chan struct{}
}

func (*stalled) May(context.Context, transfer.Job) error { return nil }

func (s *stalled) Move(ctx context.Context, h *dataplane.Haul) error {
	s.began <- h.Job()
	select {
	case <-s.end:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (*stalled) Over(context.Context, transfer.Job, *transfer.JobFault) error { return nil }

// begun are the peers of the next n jobs that are begun.
func (s *stalled) begun(t *testing.T, n int) map[string]int {
	t.Helper()
	peers := map[string]int{}
	for range n {
		select {
		case j := <-s.began:
			peers[j.Peer]++
		case <-time.After(30 * time.Second):
			t.Fatalf("only %v began", peers)
		}
	}
	return peers
}

// queue puts n jobs of a kind and peer, which are due now.
func (y *yard) queue(kind transfer.JobKind, peer string, n int) {
	y.Helper()
	for i := range n {
		process := fmt.Sprintf("%s of %s %03d", kind, peer, i)
		_, err := y.jobs.PutJob(y.Context(), transfer.Job{
			Context: "c", Process: process, Kind: kind, Peer: peer, State: transfer.JobOpen, ID: process, Total: -1, NextTry: y.now(),
		})
		if err != nil {
			y.Fatal(err)
		}
	}
}

// due is how many jobs of a peer nobody has claimed.
func (y *yard) due(peer string) (n int) {
	y.Helper()
	jobs, err := y.jobs.DueJobs(y.Context(), transfer.JobQuery{Now: y.now(), Limit: 1000, PerLane: 1000, Kinds: []transfer.JobKind{transfer.JobDownload}})
	if err != nil {
		y.Fatal(err)
	}
	for _, j := range jobs {
		if j.Peer == peer {
			n++
		}
	}
	return n
}

// TestCarrier_OnePeerLeavesRoom: one whose bodies all stall has a quarter of
// the places, and who comes later does not wait for it.
func TestCarrier_OnePeerLeavesRoom(t *testing.T) {
	y, s := newYard(t), &stalled{make(chan transfer.Job, 99), make(chan struct{})}
	c := y.carrier(s, false)
	y.queue(transfer.JobDownload, "stalls", 40)
	y.works(c)
	y.works(c)
	if n := s.begun(t, 8); n["stalls"] != 8 || y.due("stalls") != 32 {
		t.Fatalf("%v began, %d wait", n, y.due("stalls"))
	}
	y.pass(time.Second)
	y.queue(transfer.JobDownload, "other", 12)
	y.works(c)
	if n := s.begun(t, 8); n["other"] != 8 || y.due("stalls") != 32 {
		t.Errorf("then %v began, %d wait", n, y.due("stalls"))
	}
	s.end <- struct{}{}
	<-c.Wake()
	y.works(c)
	s.begun(t, 1)
	if n := y.due("stalls") + y.due("other"); n != 35 {
		t.Errorf("at the end of one, another of the same peer begins: %d wait", n)
	}
}

// TestCarrier_LastPlaces: however many stall, those who have nothing yet find
// places.
func TestCarrier_LastPlaces(t *testing.T) {
	y, s := newYard(t), &stalled{make(chan transfer.Job, 99), make(chan struct{})}
	c := y.carrier(s, false)
	for _, peer := range []string{"a", "b", "c", "d"} {
		y.queue(transfer.JobDownload, peer, 40)
	}
	y.works(c)
	if n := s.begun(t, 24); n["a"] != 6 || n["b"] != 6 || n["c"] != 6 || n["d"] != 6 {
		t.Errorf("%v began", n)
	}
	for i := range 9 {
		y.queue(transfer.JobDownload, fmt.Sprint("late ", i), 3)
	}
	y.works(c)
	y.works(c)
	n := s.begun(t, 8)
	for peer, of := range n {
		if of != 1 || y.due(peer) != 2 {
			t.Errorf("%v began late", n)
		}
	}
	if len(n) != 8 || y.due("a") != 34 {
		t.Errorf("%v began late, %d wait", n, y.due("a"))
	}
}

// TestCarrier_JobsOfNobody: what this process has no mover for does not hide
// what lies behind it, and nobody looks at it again and again.
func TestCarrier_JobsOfNobody(t *testing.T) {
	y, s := newYard(t), &stalled{make(chan transfer.Job, 99), make(chan struct{})}
	c := y.carrier(s, false)
	y.queue(transfer.JobPush, "peer", 100)
	y.pass(time.Second)
	y.queue(transfer.JobDownload, "peer", 1)
	y.works(c)
	s.begun(t, 1)
	y.pass(time.Second)
	next, err := c.Work(t.Context())
	if err != nil || !next.IsZero() && !next.After(y.now()) {
		t.Errorf("next is %v, now is %v: %v", next, y.now(), err)
	}
}
