// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// What was pushed is counted as both sides can come to it without a word
// between them: a body is one movement, however many requests it took, under
// one name, with the hash and the length of the whole. The receiver counts it
// once it is kept, the sender once it knows that. Whatever dies in between finds in the job that
// it is not counted, and does so then. A request that did not bring that about
// is counted as cut, which nobody compares.

// pushName is the tracking id of what a job pushes: the same in each request.
func pushName(j transfer.Job) string { return strings.TrimPrefix(j.ID, "urn:uuid:") }

// movedOnce counts a body once, and for good where the evidence can say so.
func movedOnce(ctx context.Context, to transfer.Evidence, m transfer.Movement) error {
	switch e := to.(type) {
	case nil:
	case transfer.SureEvidence:
		return e.MovedOnce(ctx, m)
	default:
		e.Moved(ctx, m)
	}
	return nil
}

// arrived writes down that the receiver has all, whatever happens here, and
// then counts it.
func (p *Push) arrived(ctx context.Context, h *Haul, out *outgoing, resp *http.Response) error {
	size, told := out.size(resp.Header), digestOf(resp.Header.Get(reprDigest))
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer stop()
	err := h.Save(ctx, func(j *transfer.Job) {
		j.Offset, j.Total, j.Told = size, size, told
		j.SHA256 = first(out.sumOfAll(), told, out.sum())
		j.Moved, j.Tries, j.Fault = p.cfg.Now(), 0, nil
	})
	if err != nil {
		return err
	}
	return p.count(ctx, h, resp.StatusCode)
}

// found is arrived where the answer was lost: the receiver says that it has
// all. What was never sent is not counted.
func (p *Push) found(ctx context.Context, h *Haul, size int64, sum string) error {
	before := h.Job()
	if before.Total >= 0 && size != before.Total {
		return &transfer.JobFault{Code: "push-refused", Reason: fmt.Sprintf("the receiver says that %d bytes are all, and there are %d", size, before.Total)}
	}
	return h.Save(ctx, func(j *transfer.Job) {
		j.SHA256, j.Offset, j.Total, j.Told, j.Counted = sum, size, size, sum, j.Moved.IsZero()
	})
}

// count counts what the receiver has, unless that is done.
func (p *Push) count(ctx context.Context, h *Haul, status int) error {
	j := h.Job()
	if j.Counted || j.SHA256 == "" {
		return nil
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer stop()
	if err := p.record(ctx, j, status); err != nil {
		return err
	}
	return h.Save(ctx, func(j *transfer.Job) { j.Counted = true })
}

// record keeps evidence of what has arrived.
func (p *Push) record(ctx context.Context, j transfer.Job, status int) error {
	return movedOnce(ctx, p.cfg.Evidence, transfer.Movement{
		Context: j.Context, Process: j.Process, TrackingID: pushName(j), Sent: true, Method: verbOf(*j.Address), Status: status,
		Bytes: j.Total, SHA256: j.SHA256, Whole: true, Alone: true, Began: j.Began, Ended: p.cfg.Now(),
	})
}

// tried counts a body that the receiver did not take, or of which nobody knows.
func (p *Push) tried(ctx context.Context, j transfer.Job, out *outgoing, began time.Time) {
	if p.cfg.Evidence == nil {
		return
	}
	p.cfg.Evidence.Moved(context.WithoutCancel(ctx), transfer.Movement{
		Context: j.Context, Process: j.Process, TrackingID: pushName(j), Sent: true, Method: verbOf(*j.Address),
		Offset: out.from.start, Bytes: out.sent.Load(), Alone: true, Began: began, Ended: p.cfg.Now(),
	})
}

// count counts a body that is kept, unless that is done.
func (b *Inbox) count(ctx context.Context, h *Haul, method string) error {
	j := h.Job()
	if j.Counted {
		return nil
	}
	if method == http.MethodHead { // by which the sender found out
		method = http.MethodPatch
	}
	err := movedOnce(ctx, b.cfg.Evidence, transfer.Movement{
		Context: j.Context, Process: j.Process, TrackingID: j.TrackingID, Method: method, Path: inboxSegment, Status: http.StatusCreated,
		Bytes: j.Total, SHA256: j.SHA256, Whole: true, Alone: true, Began: j.Began, Ended: b.cfg.Now(),
	})
	if err != nil {
		return err
	}
	return h.Save(ctx, func(j *transfer.Job) { j.State, j.NextTry, j.Counted = transfer.JobDone, time.Time{}, true })
}

// tried counts a request after which nothing is kept: the body was cut, refused,
// or goes on in another one. It has no row of its own, unless it is large: of
// such requests a sender makes as many as it likes.
func (b *Inbox) tried(ctx context.Context, j transfer.Job, method string, up *upload, size int64) {
	if b.cfg.Evidence == nil {
		return
	}
	b.cfg.Evidence.Moved(context.WithoutCancel(ctx), transfer.Movement{
		Context: j.Context, Process: j.Process, TrackingID: up.tracking, Method: method, Path: inboxSegment,
		Offset: up.offset, Bytes: size - up.offset, Began: up.began, Ended: b.cfg.Now(),
	})
}

// first is the first that is not empty.
func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
