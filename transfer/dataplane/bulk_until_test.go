// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

// lent puts a job whose data may be used for a time.
func (y *yard) lent(d time.Duration, sum string) {
	y.Helper()
	_, err := y.jobs.PutJob(y.Context(), transfer.Job{
		Context: "c", Process: "p", Kind: transfer.JobDownload, State: transfer.JobOpen, ID: "j", Total: -1,
		SHA256: sum, NextTry: y.now(), Until: y.now().Add(d),
	})
	if err != nil {
		y.Fatal(err)
	}
}

// over fails the test unless a job failed because its time is over, and its
// mover was told.
func (y *yard) over(c *dataplane.Carrier, m *mover) {
	y.Helper()
	if j := y.becomes(c, transfer.JobFailed); j.Fault == nil || j.Fault.Code != "retention-over" || len(m.over) != 1 {
		y.Errorf("%+v, %v, told of %d ends", j, j.Fault, len(m.over))
	}
}

// TestCarrier_HeldUntilItsTimeIsOver: what came of a body that waits is removed
// when it may not be used any more, at that very time.
func TestCarrier_HeldUntilItsTimeIsOver(t *testing.T) {
	y, m := newYard(t), newMover()
	c := y.carrier(m, true)
	y.lent(20*time.Second, "")
	m.set(dataplane.ErrHeld)
	y.works(c)
	if j := y.becomes(c, transfer.JobHeld); !j.NextTry.Equal(j.Until) {
		t.Errorf("it is looked at next at %v, and lent until %v", j.NextTry, j.Until)
	}
	y.pass(20*time.Second - time.Microsecond)
	if next, err := c.Work(t.Context()); err != nil || !next.Equal(y.now().Add(time.Microsecond)) || len(m.over) > 0 {
		t.Errorf("before its time: next is %v, %v", next, err)
	}
	y.pass(time.Microsecond)
	y.works(c)
	y.over(c, m)
	m.none(t)
}

// TestCarrier_CutWhenItsTimeIsOver: what is being moved then is cut.
func TestCarrier_CutWhenItsTimeIsOver(t *testing.T) {
	y, m := newYard(t), newMover()
	c := y.carrier(m, true)
	y.lent(time.Minute, "")
	y.works(c)
	h := <-m.began
	y.pass(time.Minute - time.Microsecond)
	y.ticks <- y.now()
	y.ticks <- y.now() // the one before has been worked on
	if j := h.Job(); j.State != transfer.JobOpen {
		t.Errorf("before its time: %+v", j)
	}
	y.pass(time.Microsecond)
	go func() {
		select {
		case y.ticks <- y.now():
		case <-t.Context().Done(): // the last one saw it already
		}
	}()
	y.over(c, m)
}

// TestCarrier_KeptInTime: what is kept, and has only to be told, is.
func TestCarrier_KeptInTime(t *testing.T) {
	y, m := newYard(t), newMover()
	c := y.carrier(m, true)
	y.lent(time.Second, "sum")
	y.pass(time.Hour)
	y.works(c)
	<-m.began
	m.end <- nil
	y.becomes(c, transfer.JobDone)
}

// TestInbox_UntilItsTimeIsOver: what was pushed to us and is not whole is
// removed when it may not be used any more, held or coming.
func TestInbox_UntilItsTimeIsOver(t *testing.T) {
	y := newYard(t)
	s := dataplanetest.NewShelf(100)
	c := dataplane.NewCarrier(dataplane.CarrierConfig{Jobs: y.jobs, Watch: y.watch, Timer: y.timer, Now: y.now})
	t.Cleanup(c.Close)
	box := dataplane.NewInbox(dataplane.InboxConfig{
		Jobs: y.jobs, Drafts: s, Carrier: c, Watch: y.watch, Timer: y.timer, Now: y.now, Rand: rand.Reader,
		Receiving: func(context.Context, string, string) error { return nil },
		Until: func(_ context.Context, f transfer.Flow) (time.Time, error) {
			if f.Agreement == "lost" {
				return time.Time{}, errors.New("the store is away")
			}
			return y.now().Add(time.Minute), nil
		},
		PublicURL: func(context.Context, string) (string, error) { return "http://us", nil },
		NewID:     func() string { return "id" },
	})
	if _, err := box.Prepare(t.Context(), transfer.Flow{Context: "c", Process: "lost", Agreement: "lost"}); err == nil {
		t.Error("prepared, though nobody knows for how long")
	}
	job := func(process string) transfer.Job {
		j, err := y.jobs.Job(t.Context(), "c", process, transfer.JobInbox)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	for _, process := range []string{"held", "coming"} {
		f := transfer.Flow{Context: "c", Process: process, Counterparty: "peer"}
		if _, err := box.Prepare(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if _, err := box.Start(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if j := job(process); j.Peer != "peer" || !j.NextTry.Equal(y.now().Add(time.Minute)) {
			t.Errorf("%+v", j)
		}
	}
	half := func() {
		draft, err := s.Open(t.Context(), transfer.Job{ID: "id"})
		if err == nil {
			_, err = draft.Write([]byte("half"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	held := transfer.Flow{Context: "c", Process: "held"}
	if err := box.Suspend(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	if status, err := box.Status(t.Context(), held); err != nil || status.State != transfer.FlowSuspended {
		t.Errorf("%+v, %v", status, err)
	}
	half()
	ctx, cancel := context.WithCancelCause(t.Context())
	h, release := c.Adopt(job("coming"), cancel)
	if err := h.Save(ctx, func(j *transfer.Job) { j.NextTry = time.Time{} }); err != nil {
		t.Fatal(err)
	}
	y.pass(time.Minute - time.Microsecond)
	y.works(c)
	if ctx.Err() != nil || s.Drafts() != 1 || job("held").Over() {
		t.Fatal("cut before its time")
	}
	y.pass(time.Microsecond)
	y.works(c)
	if fault, ok := errors.AsType[*transfer.JobFault](context.Cause(ctx)); !ok || fault.Code != "retention-over" {
		t.Errorf("what comes goes on: %v", context.Cause(ctx))
	}
	<-c.Wake() // what was held has ended
	if s.Drafts() > 0 || job("held").State != transfer.JobFailed || job("held").Fault.Code != "retention-over" {
		t.Errorf("%d are left, %+v", s.Drafts(), job("held"))
	}
	half()
	release()
	<-c.Wake()
	y.works(c)
	<-c.Wake()
	if s.Drafts() > 0 || job("coming").State != transfer.JobFailed {
		t.Errorf("%d are left, %+v", s.Drafts(), job("coming"))
	}
}
