// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// mover is told by the test what becomes of each move.
type mover struct {
	began chan *dataplane.Haul
	end   chan error
	over  chan transfer.Job

	mu  sync.Mutex
	may error
}

func newMover() *mover {
	return &mover{began: make(chan *dataplane.Haul, 9), end: make(chan error), over: make(chan transfer.Job, 9)}
}

func (m *mover) May(context.Context, transfer.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.may
}

func (m *mover) set(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.may = err
}

func (m *mover) Move(ctx context.Context, h *dataplane.Haul) error {
	m.began <- h
	select {
	case err := <-m.end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *mover) Over(_ context.Context, j transfer.Job, _ *transfer.JobFault) error {
	m.over <- j
	return nil
}

// yard is carriers on one store, with a clock that the test turns.
type yard struct {
	*testing.T
	jobs *memory.Store

	mu      sync.Mutex
	at      time.Time
	changed chan struct{}
	ticks   chan time.Time // fires what waits
}

func newYard(t *testing.T) *yard {
	return &yard{T: t, jobs: memory.New(), at: time.Unix(1000, 0).UTC(), changed: make(chan struct{}), ticks: make(chan time.Time)}
}

func (y *yard) now() time.Time { y.mu.Lock(); defer y.mu.Unlock(); return y.at }

func (y *yard) pass(d time.Duration) { y.mu.Lock(); defer y.mu.Unlock(); y.at = y.at.Add(d) }

func (y *yard) timer(time.Duration) (<-chan time.Time, func()) { return y.ticks, func() {} }

func (y *yard) watch(string, string) (<-chan struct{}, func()) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.changed, func() {}
}

// commit is one of the transfer.
func (y *yard) commit() {
	y.mu.Lock()
	defer y.mu.Unlock()
	close(y.changed)
	y.changed = make(chan struct{})
}

func (y *yard) carrier(m dataplane.Mover, alone bool) *dataplane.Carrier {
	c := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: y.jobs, Alone: alone, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobDownload: m}, Watch: y.watch, Timer: y.timer, Now: y.now,
	})
	y.Cleanup(c.Close)
	return c
}

func (y *yard) put() {
	y.Helper()
	_, err := y.jobs.PutJob(y.Context(), transfer.Job{Context: "c", Process: "p", Kind: transfer.JobDownload, State: transfer.JobOpen, ID: "j", Total: -1, NextTry: y.now()})
	if err != nil {
		y.Fatal(err)
	}
}

func (y *yard) works(c *dataplane.Carrier) {
	y.Helper()
	if _, err := c.Work(y.Context()); err != nil {
		y.Fatal(err)
	}
}

// becomes waits until a haul has ended, and returns the job.
func (y *yard) becomes(c *dataplane.Carrier, want transfer.JobState) transfer.Job {
	y.Helper()
	select {
	case <-c.Wake():
	case <-time.After(patience):
		y.Fatal("the haul does not end")
	}
	j, err := y.jobs.Job(y.Context(), "c", "p", transfer.JobDownload)
	if err != nil || j.State != want {
		y.Fatalf("%+v, %v, want %s", j, err, want)
	}
	return j
}

func (m *mover) none(t *testing.T) {
	t.Helper()
	select {
	case h := <-m.began:
		t.Fatalf("%+v is moved", h.Job())
	default:
	}
}

// TestCarrier_OneOfTwo: of two processes one works on a job, until it is lost.
func TestCarrier_OneOfTwo(t *testing.T) {
	y := newYard(t)
	first, second := newMover(), newMover()
	a, b := y.carrier(first, false), y.carrier(second, false)
	y.put()
	y.works(a)
	held := <-first.began
	y.works(b)
	y.pass(9 * time.Second)
	y.works(b)
	second.none(t)
	if err := held.Save(t.Context(), nil); err != nil { // it lives
		t.Fatal(err)
	}
	y.pass(9 * time.Second)
	y.works(b)
	second.none(t)
	y.pass(2 * time.Second)
	y.works(b)
	taken := <-second.began
	if err := held.Save(t.Context(), nil); !errors.Is(err, transfer.ErrJobChanged) {
		t.Errorf("the one that was lost writes: %v", err)
	}
	<-a.Wake()
	second.end <- nil
	if j := y.becomes(b, transfer.JobDone); !j.NextTry.IsZero() {
		t.Errorf("%+v after %+v", j, taken.Job())
	}
}

// TestCarrier_Beats: a job whose mover writes nothing for long is not taken for
// lost.
func TestCarrier_Beats(t *testing.T) {
	y := newYard(t)
	first, second := newMover(), newMover()
	a, b := y.carrier(first, false), y.carrier(second, false)
	y.put()
	y.works(a)
	held := <-first.began
	for i := range 5 {
		before := held.Job().Version
		y.ticks <- y.now()
		y.ticks <- y.now() // the one before has been worked on
		if held.Job().Version != before {
			t.Errorf("%d: written, though somebody just has", i)
		}
		y.pass(4 * time.Second)
		y.ticks <- y.now()
		y.ticks <- y.now()
		y.works(b)
		second.none(t)
	}
	first.end <- nil
	y.becomes(a, transfer.JobDone)
}

// TestCarrier_Alone: what a process that is gone had claimed is taken up at
// once, where there is no other.
func TestCarrier_Alone(t *testing.T) {
	y := newYard(t)
	y.put()
	lost := newMover()
	y.works(y.carrier(lost, true))
	<-lost.began
	m := newMover()
	c := y.carrier(m, true)
	y.works(c)
	<-m.began
	y.works(c)
	m.none(t)
}

// TestCarrier_Ends: what becomes of a job by how its move ends.
func TestCarrier_Ends(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		state transfer.JobState
		code  string
		after time.Duration
	}{
		"done":       {nil, transfer.JobDone, "", 0},
		"cut":        {errors.New("EOF"), transfer.JobOpen, "data-cut", 250 * time.Millisecond},
		"later":      {&dataplane.Later{After: 7 * time.Second, Err: errors.New("busy")}, transfer.JobOpen, "data-cut", 7 * time.Second},
		"much later": {&dataplane.Later{After: 24 * time.Hour, Err: errors.New("busy")}, transfer.JobOpen, "data-cut", time.Hour},
		"refused":    {&dataplane.FetchError{Status: 403, Code: "no"}, transfer.JobOpen, "no", 250 * time.Millisecond},
		"for good":   {&transfer.JobFault{Code: "never", Reason: "x"}, transfer.JobFailed, "never", 0},
		"held":       {dataplane.ErrHeld, transfer.JobHeld, "", 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			y, m := newYard(t), newMover()
			carrier := y.carrier(m, true)
			y.put()
			y.works(carrier)
			<-m.began
			m.end <- c.err
			j := y.becomes(carrier, c.state)
			switch {
			case c.code == "" && j.Fault != nil, c.code != "" && (j.Fault == nil || j.Fault.Code != c.code):
				t.Errorf("fault %v, want %q", j.Fault, c.code)
			case c.after == 0 && !j.NextTry.IsZero(), c.after > 0 && !j.NextTry.Equal(y.now().Add(c.after)):
				t.Errorf("tried at %v, now is %v", j.NextTry, y.now())
			case (c.state == transfer.JobFailed) != (len(m.over) == 1):
				t.Errorf("told of %d ends", len(m.over))
			}
		})
	}
}

// TestCarrier_Held: a suspension ends a haul, and the next commit of the
// transfer begins it again.
func TestCarrier_Held(t *testing.T) {
	y, m := newYard(t), newMover()
	c := y.carrier(m, true)
	y.put()
	y.works(c)
	<-m.began
	m.set(dataplane.ErrHeld)
	y.commit()
	y.becomes(c, transfer.JobHeld)
	y.works(c)
	m.none(t)
	m.set(nil)
	y.commit()
	select {
	case <-c.Wake():
	case <-time.After(patience):
		t.Fatal("nobody looks at it")
	}
	y.works(c)
	<-m.began
}

// TestCarrier_Close: at the end of a process its jobs are anybody's.
func TestCarrier_Close(t *testing.T) {
	y, m := newYard(t), newMover()
	c := y.carrier(m, false)
	y.put()
	y.works(c)
	<-m.began
	c.Close()
	j, err := y.jobs.Job(t.Context(), "c", "p", transfer.JobDownload)
	if err != nil || j.State != transfer.JobOpen || j.NextTry.After(y.now()) || j.Tries != 0 {
		t.Errorf("%+v, %v", j, err)
	}
}
