// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Draft is where a body is gathered (sink.Draft).
type Draft interface {
	io.Writer
	Size() int64
	// Mark brings what was written to the disk, and returns how much that is
	// and the state of its hash.
	Mark() (size int64, sum []byte, err error)
	// Fits refuses a body of so many bytes that are too many.
	Fits(total int64) error
	Restart() error
	SHA256() string
	Keep(ctx context.Context) error
	Close() error
}

// Drafts opens them. Errors that will not pass are a *transfer.JobFault.
type Drafts interface {
	// Open returns the draft of a job as far as it is safe. ErrNoDraft: its
	// bytes are not here.
	Open(ctx context.Context, j transfer.Job) (Draft, error)
	// Kept reports the hash of a draft that was kept already, else "".
	Kept(ctx context.Context, j transfer.Job) (sum string, err error)
	Drop(j transfer.Job) error
}

// ErrNoDraft: what is said to be safe is not there.
var ErrNoDraft = errors.New("the data that came before is not here")

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

// pull asks for what is missing, and writes it.
func (d *Downloads) pull(ctx context.Context, h *Haul, draft Draft) (err error) {
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
	if rest.Start != draft.Size() {
		if rest.Start != 0 {
			return fmt.Errorf("%w: the provider began at byte %d", io.ErrUnexpectedEOF, rest.Start)
		}
		if err := draft.Restart(); err != nil {
			return err
		}
	}
	total := rest.Total
	if rest.Start > 0 {
		if rest.ETag != j.ETag || total >= 0 && j.Total >= 0 && total != j.Total {
			return errors.Join(errVersion, draft.Restart(), h.Save(ctx, beginAnew))
		}
		total = max(total, j.Total)
	}
	if err := draft.Fits(total); err != nil {
		return err
	}
	m.Offset, m.Status = rest.Start, rest.Status
	err = h.Save(ctx, func(j *transfer.Job) {
		if rest.Start == 0 {
			j.Offset, j.Sum, j.Told = 0, nil, ""
		}
		j.Moved = d.Now()
		if j.ETag, j.Total = rest.ETag, total; rest.Digest != "" {
			j.Told = rest.Digest
		}
	})
	if err != nil {
		return err
	}
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

const (
	// askDigest is how often is asked for a hash that will be told later: for
	// long enough to read 100 GB.
	askDigest      = 400
	mostAskPause   = 5 * time.Second
	leastAskPause  = 50 * time.Millisecond
	maxMismatching = 3
	// maxUntold is how often a digest may be refused, though the transfer runs
	// for all that is known here.
	maxUntold = 4
)

// confirm asks for a hash that was told already, with a part of the body: the
// provider writes down that of the whole where it is asked for it, and each part
// has one of its own. Whatever becomes of it, the body is what it is.
func (d *Downloads) confirm(ctx context.Context, j transfer.Job) {
	if rest, err := d.Fetch(ctx, j.Context, j.Process, Part{Head: true}); err == nil {
		_ = rest.Body.Close()
	}
}

// verify compares the body with what the provider says of it, where it says
// something.
func (d *Downloads) verify(ctx context.Context, h *Haul, draft Draft) error {
	for tries := 0; h.Job().Told == "" && tries < askDigest; tries++ {
		j := h.Job()
		rest, err := d.Fetch(ctx, j.Context, j.Process, Part{Head: true})
		if err != nil && stopped(err) {
			return d.untold(ctx, j, err)
		}
		if answered, ok := errors.AsType[*FetchError](err); ok && answered.Status/100 == 4 && answered.Status != http.StatusTooManyRequests {
			return nil // it says nothing of it
		}
		if err != nil {
			return err
		}
		_ = rest.Body.Close()
		switch {
		case rest.ETag != j.ETag, rest.Digest == "" && !rest.Later:
			return nil
		case rest.Digest != "":
			if err := h.Save(ctx, func(j *transfer.Job) { j.Told = rest.Digest }); err != nil {
				return err
			}
		default:
			if err := timer(d.Timer).sleep(ctx, min(leastAskPause<<min(tries, 10), mostAskPause)); err != nil {
				return err
			}
			if err := h.Save(ctx, nil); err != nil {
				return err
			}
		}
	}
	told := h.Job().Told
	if told == "" || told == draft.SHA256() {
		return nil
	}
	reason := fmt.Errorf("%w: its SHA-256 is %s, and should be %s", errMismatch, draft.SHA256(), told)
	if h.Job().Mismatches+1 >= maxMismatching {
		return &transfer.JobFault{Code: "digest-mismatch", Reason: reason.Error()}
	}
	err := errors.Join(draft.Restart(), h.Save(ctx, func(j *transfer.Job) {
		beginAnew(j)
		j.Mismatches++
	}))
	return errors.Join(reason, err)
}

// stopped reports whether an answer may be about the transfer, not about the
// data. One to HEAD has no code that tells.
func stopped(err error) bool {
	answered, ok := errors.AsType[*FetchError](err)
	return errors.Is(err, ErrHeld) || ok && (answered.Status == http.StatusUnauthorized || answered.Status == http.StatusForbidden)
}

// untold waits for the transfer, if the provider may say more of the data when
// that runs again. If it never will, the data is whole all the same.
func (d *Downloads) untold(ctx context.Context, j transfer.Job, err error) error {
	look := d.Look(ctx, j.Context, j.Process)
	_, ended := errors.AsType[*transfer.JobFault](look)
	switch {
	case ended:
		return nil
	case look != nil:
		return look
	case !errors.Is(err, ErrHeld) && j.Tries >= maxUntold: // it runs, and its digest is not for us
		return nil
	}
	return err
}
