// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// A body is kept in steps: the job says which body is about to be kept,
// by its hash and its length (Inbox.whole); the sink keeps it; the job says that
// it is done, and then that it is counted. Whatever ends the process between two
// of them, the next request finds how far it came and does the rest, and nothing
// is sent again.

// unsettled reports whether a body was about to be kept, or counted.
func unsettled(j transfer.Job) bool {
	return j.SHA256 != "" && (!j.Over() || j.State == transfer.JobDone && !j.Counted)
}

// keep gives a body its place.
func (b *Inbox) keep(ctx context.Context, h *Haul, draft Draft, method string) error {
	if err := draft.Keep(ctx); err != nil {
		return err
	}
	return b.kept(ctx, h, method)
}

// kept writes down that a body has its place, whatever happens to its request,
// and then counts it. If that fails the sender is not told, which would send the
// body once more: the carrier counts it later.
func (b *Inbox) kept(ctx context.Context, h *Haul, method string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer cancel()
	err := h.Save(ctx, func(j *transfer.Job) {
		j.State, j.NextTry, j.Offset, j.Sum = transfer.JobDone, b.cfg.Now().Add(jobLease), j.Total, nil
		j.Bodies++
		j.KeptBytes += j.Total
		j.Counted = b.cfg.Evidence == nil
		took(j)
	})
	if err != nil {
		return err
	}
	_ = b.count(ctx, h, method)
	return nil
}

// settle ends what was begun before: a body that was about to be kept is, or has
// been already.
func (b *Inbox) settle(ctx context.Context, cancel context.CancelCauseFunc, j transfer.Job, method string) (transfer.Job, error) {
	if !unsettled(j) {
		return j, nil
	}
	h, release := b.cfg.Carrier.Adopt(j, cancel)
	defer release()
	if j.Over() {
		err := b.count(ctx, h, method)
		return h.Job(), err
	}
	draft, err := b.cfg.Drafts.Open(ctx, j)
	switch {
	case err == nil:
		defer draft.Close()
		if draft.SHA256() != j.SHA256 || draft.Size() != j.Total {
			err = b.anew(ctx, h)
			break
		}
		err = b.keep(ctx, h, draft, method)
	case errors.Is(err, ErrNoDraft):
		err = b.placed(ctx, h, method)
	}
	return h.Job(), err
}

// placed is settle where there is no draft: it became what is kept, or is lost.
func (b *Inbox) placed(ctx context.Context, h *Haul, method string) error {
	j := h.Job()
	sum, err := b.cfg.Drafts.Kept(ctx, j)
	switch {
	case err != nil:
		return err
	case sum != j.SHA256:
		return b.anew(ctx, h)
	}
	return errors.Join(b.kept(ctx, h, method), b.cfg.Drafts.Drop(j)) // to look for the draft made one
}

// anew has the sender begin again, under another id: the one before may name
// something that is kept.
func (b *Inbox) anew(ctx context.Context, h *Haul) error {
	return h.Save(ctx, func(j *transfer.Job) { j.ID, j.SHA256, j.Offset, j.Sum, j.Total = b.cfg.NewID(), "", 0, nil, -1 })
}

// drop removes what came of a body when its transfer ends, unless all of it has
// come: that is kept first, and counted, as far as it may be.
func (b *Inbox) drop(ctx context.Context, j transfer.Job) error {
	now, err := b.look(ctx, j)
	_, refused := errors.AsType[*transfer.JobFault](err) // as where its time is over
	switch {
	case refused, err == nil && !unsettled(now):
	case err == nil:
		return transfer.ErrJobChanged // another request came meanwhile
	default:
		return err
	}
	if now.ID != j.ID { // it was to begin anew
		err = b.cfg.Drafts.Drop(now)
	} else {
		err = nil // refused for good: it is dropped
	}
	return errors.Join(err, b.cfg.Drafts.Drop(j))
}

// look settles for a sender that asks how much is there, unless a request is at
// work: it does so itself.
func (b *Inbox) look(ctx context.Context, j transfer.Job) (transfer.Job, error) {
	if !unsettled(j) {
		return j, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k, in := keyOf(j), &intake{cancel: cancel, over: make(chan struct{})}
	b.mu.Lock()
	busy := b.busy[k] != nil
	if !busy {
		b.busy[k] = in
	}
	b.mu.Unlock()
	if busy {
		return j, nil
	}
	defer b.leave(k, in)
	j, err := b.cfg.Jobs.Job(ctx, k.context, k.process, k.kind) // as it is now that nobody is at work
	if err != nil {
		return j, err
	}
	return b.settle(ctx, cancel, j, http.MethodHead)
}
