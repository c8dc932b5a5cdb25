// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Downloads pulls bodies whole, however long that takes.
type Downloads struct {
	Drafts Drafts
	// Fetch asks the provider, by the newest address that it gave.
	Fetch func(ctx context.Context, contextID, process string, p Part) (*Rest, error)
	// Look says whether the transfer runs, as Mover.May does.
	Look func(ctx context.Context, contextID, process string) error
	// Complete ends the transfer of a job that asks for it.
	Complete func(ctx context.Context, contextID, process string) error
	Evidence transfer.Evidence // nil: nobody wants it
	Timer    func(d time.Duration) (<-chan time.Time, func())
	Now      func() time.Time
	NewID    func() string
}

// May implements Mover. What has come whole already needs no transfer.
func (d *Downloads) May(ctx context.Context, j transfer.Job) error {
	if j.SHA256 != "" || j.Total >= 0 && j.Offset == j.Total {
		return nil
	}
	return d.Look(ctx, j.Context, j.Process)
}

// Over implements Mover.
func (d *Downloads) Over(_ context.Context, j transfer.Job, _ *transfer.JobFault) error {
	return d.Drafts.Drop(j)
}

var (
	errMismatch = errors.New("the data is not what the provider says it is")
	errStalled  = errors.New("nothing came for some minutes")
)

// Move implements Mover.
func (d *Downloads) Move(ctx context.Context, h *Haul) error {
	if h.Job().SHA256 == "" {
		if err := d.gather(ctx, h); err != nil {
			return err
		}
	}
	j := h.Job()
	if !j.Complete || d.Complete == nil {
		return nil
	}
	return d.Complete(ctx, j.Context, j.Process)
}

// gather brings the whole body into the sink.
func (d *Downloads) gather(ctx context.Context, h *Haul) error {
	draft, err := d.open(ctx, h)
	if err != nil || draft == nil {
		return err
	}
	defer draft.Close()
	parts := draft.Size() > 0
	if j := h.Job(); j.Total < 0 || draft.Size() != j.Total {
		if err := d.pull(ctx, h, draft); err != nil {
			return err
		}
	}
	if j := h.Job(); parts && j.Told != "" {
		d.confirm(ctx, j)
	}
	if err := d.verify(ctx, h, draft); err != nil {
		return err
	}
	if err := draft.Keep(ctx); err != nil {
		return err
	}
	return h.Save(ctx, func(j *transfer.Job) {
		j.SHA256, j.Offset, j.Total, j.Sum = draft.SHA256(), draft.Size(), draft.Size(), nil
	})
}

// open goes on where it is safe to. It returns nil if the body is kept already:
// there was a crash before that was written down.
func (d *Downloads) open(ctx context.Context, h *Haul) (Draft, error) {
	j := h.Job()
	if j.ETag == "" && (j.Total < 0 || j.Offset != j.Total) { // nobody can tell whether it is the same body
		j.Offset, j.Sum = 0, nil
	}
	draft, err := d.Drafts.Open(ctx, j)
	if !errors.Is(err, ErrNoDraft) {
		return draft, err
	}
	sum, err := d.Drafts.Kept(ctx, j)
	switch {
	case err != nil:
		return nil, err
	case sum != "":
		return nil, h.Save(ctx, func(j *transfer.Job) { j.SHA256, j.Sum = sum, nil })
	}
	j.Offset, j.Sum = 0, nil
	return d.Drafts.Open(ctx, j)
}
