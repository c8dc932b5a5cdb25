// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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
// then counts it. That is what was sent, or what the receiver has instead.
func (p *Push) arrived(ctx context.Context, h *Haul, out *outgoing, resp *http.Response) error {
	size, sum, told := out.size(resp.Header, h.Job()), out.sumOfAll(), digestOf(resp.Header.Get(reprDigest))
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer stop()
	if has, other, ok := whole(resp.Header); ok && other != sum && out.again {
		return p.found(ctx, h, has, other)
	}
	err := h.Save(ctx, func(j *transfer.Job) {
		j.Offset, j.Total, j.Told = size, size, told
		j.SHA256 = first(sum, told, out.sum())
		j.Moved, j.Tries, j.Fault = p.cfg.Now(), 0, nil
	})
	if err != nil {
		return err
	}
	return p.count(ctx, h, resp.StatusCode)
}

// whole reads what a receiver of ours says that it has, if it has all.
func whole(answer http.Header) (size int64, sum string, ok bool) {
	size, err := number(answer.Get(headerOffset))
	sum = digestOf(answer.Get(reprDigest))
	return size, sum, err == nil && sum != "" && answer.Get(headerComplete) == "?1"
}

// maxEarlier bounds the lengths of a source that is another one at each try.
const maxEarlier = 8

// another remembers how long the body was of which sending was begun before,
// unless it is as long as the one that is to be sent now.
func another(j *transfer.Job, total int64) {
	if j.Moved.IsZero() || j.Total == total || slices.Contains(j.Earlier, j.Total) {
		return
	}
	j.Earlier = append(slices.Clone(j.Earlier), j.Total)
	j.Earlier = j.Earlier[max(0, len(j.Earlier)-maxEarlier):]
}

// begun reports whether sending was begun of a body of that length, or of one of
// which nobody knew the length.
func begun(j transfer.Job, size int64) bool {
	return j.Total < 0 || size == j.Total || slices.Contains(j.Earlier, size) || slices.Contains(j.Earlier, -1)
}

// found is arrived where the receiver says that it has all before it took what
// there is to be sent: an answer was lost, and the source may be another one by
// now. What it has counts, of a length that was sent. What was never sent is not
// counted.
func (p *Push) found(ctx context.Context, h *Haul, size int64, sum string) error {
	before := h.Job()
	if !begun(before, size) {
		return &transfer.JobFault{Code: "push-refused", Reason: fmt.Sprintf("the receiver says that %d bytes are all, and there are %d", size, before.Total)}
	}
	return h.Save(ctx, func(j *transfer.Job) {
		j.SHA256, j.Offset, j.Total, j.Told, j.Counted = sum, size, size, sum, j.Moved.IsZero()
		j.Tries, j.Fault = 0, nil
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
