// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/musubi-ods/musubi/transfer"
)

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
func (*Inbox) refuse(w http.ResponseWriter, err error) { refuse(w, inboxSays(err)) }

// inboxSays is what a sender is told of an error.
func inboxSays(err error) error {
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
	return err
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
	switch {
	case errors.Is(err, errTaken): // what is there now is another one
	case err != nil:
		b.tell(r.Context(), k, inboxSays(err))
		b.refuse(w, err)
		return
	default:
		b.describe(w.Header(), j)
	}
	w.WriteHeader(http.StatusCreated)
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
