// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// codeOffset refuses an upload that does not begin where the last one ended.
const codeOffset = "upload-offset"

// intake is a body that is coming.
type intake struct {
	cancel context.CancelCauseFunc
	over   chan struct{}
}

// end ends a body and waits until nothing more of it is written.
func (in *intake) end(ctx context.Context, why error) {
	in.cancel(why)
	select {
	case <-in.over:
	case <-ctx.Done():
	}
}

// errOvertaken: the same sender has begun again.
var errOvertaken = errors.New("a later request of the sender goes on with this body")

// maxQueue is how long a whole body waits for the one before it.
const maxQueue = 20 * time.Second

// ServeHTTP serves /{ctx}/data/{transfer}/inbox.
//
//	HEAD            how much has come: Upload-Offset, Upload-Complete
//	PATCH           goes on at Upload-Offset; 0 begins anew
//	POST, PUT       a whole body
func (b *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j, err := b.admit(r)
	if err != nil {
		b.refuse(w, err)
		return
	}
	switch r.Method {
	case http.MethodHead:
		if j, err = b.look(r.Context(), j); err != nil {
			b.refuse(w, err)
			return
		}
		b.describe(w.Header(), j)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch, http.MethodPost, http.MethodPut:
		b.receive(w, r, keyOf(j))
	default:
		refuse(w, refusal{http.StatusMethodNotAllowed, "method-not-allowed", "data is sent here", "use POST, PUT or PATCH"})
	}
}

// describe says how much is there.
func (*Inbox) describe(h http.Header, j transfer.Job) {
	h.Set("Cache-Control", "no-store")
	h.Set(headerOffset, strconv.FormatInt(j.Offset, 10))
	h.Set(headerComplete, "?0")
	if j.State == transfer.JobDone && j.SHA256 != "" {
		h.Set(headerComplete, "?1")
		h.Set(reprDigest, digestField(j.SHA256))
	}
}

// refuse answers with an error.
func (*Inbox) refuse(w http.ResponseWriter, err error) {
	fault, known := errors.AsType[*transfer.JobFault](err)
	switch {
	case known && fault.Code == "data-too-large":
		err = refusal{http.StatusRequestEntityTooLarge, fault.Code, "there is more data than is taken", "ask the consumer"}
	case known:
		err = refusal{http.StatusForbidden, fault.Code, "the data cannot be taken", "ask the consumer"}
	case errors.Is(err, transfer.ErrNotStarted):
		err = refusal{http.StatusServiceUnavailable, "transfer-not-started", "the transfer has not started", "send the data once more"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled): // nobody reads this
		err = refusal{http.StatusBadRequest, "upload-cut", "the body ended early", "ask with HEAD how much has come"}
	case errors.Is(err, errMismatch):
		err = refusal{http.StatusUnprocessableEntity, "digest-mismatch", "the data is not what its digest says", "send it once more"}
	case errors.Is(err, errOvertaken), errors.Is(err, transfer.ErrJobChanged):
		err = refusal{http.StatusConflict, codeOffset, "another request goes on with this body", "ask with HEAD how much has come"}
	}
	refuse(w, err)
}

// receive takes a body, once the one before it has ended.
func (b *Inbox) receive(w http.ResponseWriter, r *http.Request, k jobKey) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	in := &intake{cancel: cancel, over: make(chan struct{})}
	if err := b.enter(ctx, k, in, r.Method == http.MethodPatch); err != nil {
		b.refuse(w, err)
		return
	}
	j, err := b.take(ctx, cancel, w, r, k)
	b.leave(k, in)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		b.refuse(w, err)
		return
	}
	b.describe(w.Header(), j)
	w.WriteHeader(http.StatusCreated)
}

// enter waits for a body's turn. One that goes on with another overtakes it: its
// sender has given that up.
func (b *Inbox) enter(ctx context.Context, k jobKey, in *intake, overtake bool) error {
	limit, stop := b.cfg.Timer(maxQueue)
	defer stop()
	for {
		b.mu.Lock()
		before := b.busy[k]
		if before == nil {
			b.busy[k] = in
			b.mu.Unlock()
			return nil
		}
		b.mu.Unlock()
		if overtake {
			before.cancel(errOvertaken)
		}
		select {
		case <-before.over:
		case <-limit:
			return refusal{http.StatusServiceUnavailable, "upload-busy", "another body is being sent", "send this one when that has ended"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *Inbox) leave(k jobKey, in *intake) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, k)
	close(in.over)
}

// take reads a body into the sink.
func (b *Inbox) take(ctx context.Context, cancel context.CancelCauseFunc, w http.ResponseWriter, r *http.Request, k jobKey) (transfer.Job, error) {
	if err := b.cfg.Receiving(ctx, k.context, k.process); err != nil { // it may have waited
		return transfer.Job{}, err
	}
	j, err := b.cfg.Jobs.Job(ctx, k.context, k.process, k.kind)
	if err == nil {
		j, err = b.settle(ctx, cancel, j, r.Method)
	}
	if err != nil {
		return j, err
	}
	up, err := b.upload(r, &j)
	if err != nil || up == nil {
		return j, err
	}
	h, release := b.cfg.Carrier.Adopt(j, cancel)
	defer release()
	if err := h.Save(ctx, nil); err != nil {
		return j, err
	}
	draft, err := b.cfg.Drafts.Open(ctx, j)
	if errors.Is(err, ErrNoDraft) { // the sender asks, and begins anew
		return j, errors.Join(refusal{http.StatusConflict, codeOffset, "what came before is not here", "begin with Upload-Offset 0"},
			h.Save(ctx, func(j *transfer.Job) { j.Offset, j.Sum = 0, nil }))
	}
	if err != nil {
		return j, err
	}
	defer draft.Close()
	if err := draft.Fits(j.Total); err != nil {
		return j, err
	}
	done := b.guard(ctx, cancel, w, k)
	err = b.gather(ctx, cancel, r, h, draft, up)
	cancel(err)
	<-done
	return h.Job(), err
}

// upload is what a request says of its body.
type upload struct {
	tracking string
	offset   int64
	last     bool // nothing follows
	key      string
	began    time.Time
}

// upload reads the header of a request, and prepares the job for its body. nil:
// the body is here already.
func (b *Inbox) upload(r *http.Request, j *transfer.Job) (*upload, error) {
	up := &upload{last: true, key: strings.Trim(r.Header.Get(headerKey), `"`), tracking: trackingID(r.Header, b.cfg.NewID), began: b.cfg.Now()}
	if len(up.key) > 200 {
		return nil, refusal{http.StatusBadRequest, "idempotency-key-invalid", "the Idempotency-Key is too long", "200 bytes are enough"}
	}
	if r.Method != http.MethodPatch {
		if up.key != "" && up.key == j.Key && j.State == transfer.JobDone {
			return nil, nil
		}
		if j.State == transfer.JobDone {
			j.ID, j.SHA256 = b.cfg.NewID(), ""
		}
	} else {
		var err error
		if up.offset, err = number(r.Header.Get(headerOffset)); err != nil {
			return nil, refusal{http.StatusBadRequest, "upload-offset-invalid", "Upload-Offset is no number of bytes", "say where the body begins"}
		}
		if j.State == transfer.JobDone {
			return nil, nil
		}
		if up.offset != 0 && up.offset != j.Offset {
			return nil, refusal{http.StatusConflict, codeOffset, "the body does not begin where the last one ended", "ask with HEAD how much has come"}
		}
	}
	if j.State == transfer.JobFailed {
		return nil, transfer.ErrEnded
	}
	if err := up.length(r, j); err != nil {
		return nil, err
	}
	if err := b.room(*j); err != nil {
		return nil, err
	}
	if up.offset == 0 {
		j.Offset, j.Sum, j.SHA256, j.Began = 0, nil, "", up.began
	}
	j.State, j.Fault, j.Told, j.Moved, j.NextTry = transfer.JobOpen, nil, "", b.cfg.Now(), time.Time{}
	return up, nil
}

// length reads how long the whole is, where that is said or was before, and
// whether this request is the end of it.
func (up *upload) length(r *http.Request, j *transfer.Job) error {
	if r.Method != http.MethodPatch {
		j.Total = r.ContentLength
		return nil
	}
	if up.offset == 0 {
		j.Total = -1
	}
	if said := r.Header.Get(headerLength); said != "" {
		n, err := number(said)
		if err != nil || n < up.offset {
			return errLength
		}
		j.Total = n
	}
	complete := r.Header.Get(headerComplete)
	up.last = complete == "?1" || complete == "" && j.Total < 0
	return nil
}

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
		j.SHA256, j.Total, j.Key, j.TrackingID = draft.SHA256(), draft.Size(), up.key, up.tracking
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

// guard ends a body when the transfer does not run any more. The channel is
// closed after that.
func (b *Inbox) guard(ctx context.Context, cancel context.CancelCauseFunc, w http.ResponseWriter, k jobKey) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			changed, stop := b.cfg.Watch(k.context, k.process) // before looking, so that no commit is missed
			if err := b.cfg.Receiving(ctx, k.context, k.process); err != nil && ctx.Err() == nil {
				cancel(err)
			}
			fired, release := b.cfg.Timer(recheck)
			select {
			case <-changed:
			case <-fired:
			case <-ctx.Done():
			}
			release()
			stop()
		}
		if !errors.Is(context.Cause(ctx), context.Canceled) { // whoever waits for the sender
			_ = http.NewResponseController(w).SetReadDeadline(b.cfg.Now().Add(-time.Hour))
		}
	}()
	return ended
}
