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

// pull asks for what is missing, and writes it.
func (d *Downloads) pull(ctx context.Context, h *Haul, draft Draft) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j := h.Job()
	m := transfer.Movement{
		Context: j.Context, Process: j.Process, TrackingID: trackingName(d.NewID), Method: http.MethodGet, Began: d.Now(), Alone: true,
	}
	rest, err := d.Fetch(ctx, j.Context, j.Process, Part{Offset: draft.Size(), ETag: j.ETag, TrackingID: m.TrackingID})
	if err != nil {
		return refusedFor(err, j)
	}
	defer rest.Body.Close()
	total, err := d.meet(ctx, h, draft, rest)
	if err != nil {
		return err
	}
	m.Offset, m.Status = rest.Start, rest.Status
	body := gatherer(h, draft, rest.Start, cancel)
	body.pace = newPace(j.Rate, d.Now, d.Timer)
	err = body.copy(ctx, rest.Body)
	m.Bytes, m.Whole, m.Ended = draft.Size()-rest.Start, err == nil, d.Now()
	if m.Whole {
		m.SHA256 = body.sum()
	}
	if d.Evidence != nil {
		d.Evidence.Moved(ctx, m)
	}
	switch {
	case err != nil:
		return err
	case total >= 0 && draft.Size() != total:
		return fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, draft.Size(), total)
	}
	return h.Save(ctx, func(j *transfer.Job) { j.Total = draft.Size() })
}

// meet has the draft go on where the provider does, and writes down what body
// that is. It returns how long the whole is; -1: nobody knows.
func (d *Downloads) meet(ctx context.Context, h *Haul, draft Draft, rest *Rest) (total int64, err error) {
	j := h.Job()
	if rest.Start != draft.Size() {
		if rest.Start != 0 {
			return 0, fmt.Errorf("%w: the provider began at byte %d", io.ErrUnexpectedEOF, rest.Start)
		}
		if err := draft.Restart(); err != nil {
			return 0, err
		}
	}
	total = rest.Total
	if rest.Start > 0 {
		if rest.ETag != j.ETag || total >= 0 && j.Total >= 0 && total != j.Total {
			return 0, errors.Join(errVersion, draft.Restart(), h.Save(ctx, beginAnew))
		}
		total = max(total, j.Total)
	}
	if err := draft.Fits(total); err != nil {
		return 0, err
	}
	return total, h.Save(ctx, func(j *transfer.Job) {
		if rest.Start == 0 {
			j.Offset, j.Sum, j.Told = 0, nil, ""
		}
		j.Moved = d.Now()
		if j.ETag, j.Total = rest.ETag, total; rest.Digest != "" {
			j.Told = rest.Digest
		}
	})
}

// beginAnew forgets what has come, and of which body that was.
func beginAnew(j *transfer.Job) { j.Offset, j.Sum, j.Total, j.Told, j.ETag = 0, nil, -1, "", "" }

// maxRefused is how often a provider may refuse, though the transfer runs.
const maxRefused = 12

// refusedFor ends a job that is refused again and again.
func refusedFor(err error, j transfer.Job) error {
	answered, ok := errors.AsType[*FetchError](err)
	if !ok || j.Tries < maxRefused || !refusedBefore(j) || answered.Status/100 != 4 || answered.Status == http.StatusTooManyRequests {
		return err
	}
	return &transfer.JobFault{Code: codeOf(err), Reason: answered.Error()}
}
