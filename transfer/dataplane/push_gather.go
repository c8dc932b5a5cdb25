// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// gather writes the body, and keeps it if it is whole and what it is said to be.
func (b *Inbox) gather(ctx context.Context, cancel context.CancelCauseFunc, r *http.Request, h *Haul, draft Draft, up *upload) error {
	err := b.fill(ctx, cancel, r, h, draft, up)
	size := draft.Size()
	if err == nil && up.last {
		err = b.whole(ctx, r, h, draft, up)
	}
	if err != nil || !up.last {
		b.tried(ctx, h.Job(), r.Method, up, size)
	}
	if errors.Is(err, errMismatch) || errors.Is(err, errLength) || errors.Is(err, errFull) {
		return errors.Join(err, draft.Restart(), h.Save(ctx, func(j *transfer.Job) { j.Offset, j.Sum = 0, nil; j.Mismatches++ }))
	}
	return err
}

// fill writes the body of a request.
func (b *Inbox) fill(ctx context.Context, cancel context.CancelCauseFunc, r *http.Request, h *Haul, draft Draft, up *upload) error {
	j := h.Job()
	in := gatherer(h, draft, up.offset, cancel)
	if err := in.copy(ctx, b.bounded(r.Body, j, up.offset)); err != nil {
		return err
	}
	if up.last && j.Total >= 0 && draft.Size() != j.Total {
		return fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, draft.Size(), j.Total)
	}
	return b.check(r, draft, in.sum(), up)
}

// whole keeps a body that has come to its end.
func (b *Inbox) whole(ctx context.Context, r *http.Request, h *Haul, draft Draft, up *upload) error {
	j := h.Job()
	if err := b.cfg.Receiving(ctx, j.Context, j.Process); err != nil {
		return err
	}
	err := h.Save(ctx, func(j *transfer.Job) {
		j.SHA256, j.Total, j.Key, j.TrackingID, j.Counted = draft.SHA256(), draft.Size(), up.key, up.tracking, false
		j.Told = first(digestOf(r.Trailer.Get(reprDigest)), digestOf(r.Header.Get(reprDigest)))
	})
	if err != nil {
		return err
	}
	return b.keep(ctx, h, draft, r.Method)
}

// check compares the body with what its header or its trailer says of it.
func (*Inbox) check(r *http.Request, draft Draft, content string, up *upload) error {
	for _, said := range []http.Header{r.Header, r.Trailer} {
		if sum := digestOf(said.Get(contentDigest)); sum != "" && sum != content {
			return errMismatch
		}
		if sum := digestOf(said.Get(reprDigest)); sum != "" && up.last && sum != draft.SHA256() {
			return errMismatch
		}
	}
	return nil
}
