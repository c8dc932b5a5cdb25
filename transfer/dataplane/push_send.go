// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// Move implements Mover.
func (p *Push) Move(ctx context.Context, h *Haul) error {
	if h.Job().SHA256 == "" {
		if err := p.deliver(ctx, h); err != nil {
			return p.verdict(h, err)
		}
	}
	return p.told(ctx, h.Job())
}

// deliver sends what the receiver has not got.
func (p *Push) deliver(ctx context.Context, h *Haul) error {
	j := h.Job()
	run, err := p.running(ctx, j)
	if err != nil {
		return err
	}
	source, err := p.cfg.SourceOf(ctx, j.Context, run.Dataset)
	if err != nil {
		return err
	}
	if j.Address == nil {
		return &transfer.JobFault{Code: "data-address-missing", Reason: "there is no address to push to"}
	}
	var offset int64
	if ours(*j.Address) {
		var arrived string
		if offset, arrived, err = p.ask(ctx, h); err != nil {
			return err
		}
		if arrived != "" {
			return p.found(ctx, h, offset, arrived)
		}
	}
	var from *supply
	if offset > 0 && offset == j.Total && j.ETag != "" {
		from = p.nothingLeft(ctx, source, j)
	}
	if from == nil {
		if from, err = p.supply(ctx, run, source, offset, j.ETag); err != nil {
			return err
		}
	}
	defer from.close()
	return p.send(ctx, h, source, from)
}

// ask asks a receiver of ours how much it has. arrived is the hash of the whole
// if that is there.
func (p *Push) ask(ctx context.Context, h *Haul) (offset int64, arrived string, err error) {
	resp, err := p.call(ctx, h.Job(), http.MethodHead, http.NoBody, nil, 0)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	if offset, err = number(resp.Header.Get(headerOffset)); err != nil {
		return 0, "", fmt.Errorf("the receiver does not say how much it has: %w", err)
	}
	if resp.Header.Get(headerComplete) == "?1" {
		arrived = digestOf(resp.Header.Get(reprDigest))
	}
	return offset, arrived, h.Save(ctx, func(j *transfer.Job) {
		j.Further(offset)
		j.Offset = offset
	})
}

// send sends one body: what is left, or the whole.
func (p *Push) send(ctx context.Context, h *Haul, source Source, from *supply) error {
	err := h.Save(ctx, func(j *transfer.Job) {
		j.ETag, j.Total, j.Offset, j.Moved = from.etag, from.total, from.start, p.cfg.Now()
	})
	if err != nil {
		return err
	}
	began := p.cfg.Now()
	out := &outgoing{from: from, hash: sha256.New(), haul: h, whole: func() string { return from.sum }}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if from.start > 0 && from.sum == "" && source.Type == SourceFile {
		out.whole = p.hashBeside(ctx, source, from.etag)
	}
	beat := make(chan struct{})
	go func() { defer close(beat); p.beat(ctx, cancel, h, out) }()
	resp, err := p.upload(ctx, h.Job(), out)
	cancel(nil)
	<-beat
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	if err != nil {
		p.tried(ctx, h.Job(), out, began)
		return err
	}
	_ = resp.Body.Close()
	return p.arrived(ctx, h, out, resp)
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
	if err == nil {
		p.count(ctx, h.Job(), resp.StatusCode)
	}
	return err
}

// found is arrived where the answer was lost: the receiver says that it has
// all. Of what was never sent there is nothing to count.
func (p *Push) found(ctx context.Context, h *Haul, size int64, sum string) error {
	before := h.Job()
	if before.Total >= 0 && size != before.Total {
		return &transfer.JobFault{Code: "push-refused", Reason: fmt.Sprintf("the receiver says that %d bytes are all, and there are %d", size, before.Total)}
	}
	err := h.Save(ctx, func(j *transfer.Job) { j.SHA256, j.Offset, j.Total, j.Told = sum, size, size, sum })
	if err == nil && !before.Moved.IsZero() {
		p.count(ctx, h.Job(), http.StatusCreated)
	}
	return err
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

// upload sends the body by the way that the receiver knows.
func (p *Push) upload(ctx context.Context, j transfer.Job, out *outgoing) (*http.Response, error) {
	header := http.Header{}
	header.Set(TrackingHeader, pushName(j))
	header.Set(headerKey, `"`+j.ID+`"`)
	kind := out.from.header.Get("Content-Type")
	if kind == "" {
		kind = "application/octet-stream"
	}
	header.Set("Content-Type", kind)
	if !ours(*j.Address) {
		if out.from.sum != "" {
			header.Set(contentDigest, digestField(out.from.sum))
			header.Set(reprDigest, digestField(out.from.sum))
		}
		return p.call(ctx, j, method(*j.Address), out, header, out.from.total)
	}
	header.Set(headerOffset, strconv.FormatInt(out.from.start, 10))
	header.Set(headerComplete, "?1")
	if out.from.total >= 0 {
		header.Set(headerLength, strconv.FormatInt(out.from.total, 10))
	}
	out.trailer = http.Header{contentDigest: nil, reprDigest: nil}
	return p.call(ctx, j, http.MethodPatch, out, header, -1)
}

// call sends a request to the receiver. An answer that is no success is an
// error.
func (p *Push) call(ctx context.Context, j transfer.Job, verb string, body io.Reader, header http.Header, length int64) (*http.Response, error) {
	u, err := p.cfg.Foreign.CheckURL(j.Address.Endpoint)
	if err != nil {
		return nil, &transfer.JobFault{Code: "data-address-refused", Reason: "the address to push to cannot be used here"}
	}
	req, err := http.NewRequestWithContext(ctx, verb, u.String(), body)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, header)
	if value := authorization(*j.Address); value != "" {
		req.Header.Set("Authorization", value)
	}
	if out, ok := body.(*outgoing); ok {
		req.ContentLength, req.Trailer = length, out.trailer
		if length == 0 {
			req.Body = http.NoBody
			_, _ = io.Copy(io.Discard, out) // it is empty, and its hash is that of nothing
		}
	}
	resp, err := p.cfg.Foreign.Stream(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		return nil, &Later{retryAfter(resp.Header), fault(resp)}
	}
	return resp, nil
}

// maxDenied is how often a receiver may refuse, though the transfer runs.
const maxDenied = 8

// verdict tells what another try may mend from what it may not.
func (p *Push) verdict(h *Haul, err error) error {
	j := h.Job()
	answered, ok := errors.AsType[*FetchError](err)
	switch {
	case errors.Is(err, safehttp.ErrRedirect):
		return &transfer.JobFault{Code: "push-redirected", Reason: "the receiver answers with a redirect, which is not followed"}
	case errors.Is(err, safehttp.ErrForbiddenAddress):
		return &transfer.JobFault{Code: "data-address-refused", Reason: "the address to push to cannot be used here"}
	case errors.Is(err, transfer.ErrExhausted):
		p.cfg.Transfers.Exhausted(j.Context, j.Process, 1)
		return ErrHeld
	case errors.Is(err, ErrNoSource), errors.Is(err, ErrPath):
		return p.giveUp(j, 3, "source-missing", err)
	case !ok:
		return err
	case answered.Status == http.StatusRequestEntityTooLarge:
		return &transfer.JobFault{Code: "push-refused", Reason: answered.Error()}
	case answered.Status == http.StatusTooManyRequests || answered.Status/100 == 5 || answered.Status == http.StatusConflict && answered.Code == codeOffset:
		return err
	case !refusedBefore(j):
		return err
	}
	return p.giveUp(j, maxDenied, "push-refused", err)
}

// giveUp ends a job after some tries.
func (*Push) giveUp(j transfer.Job, tries int, code string, err error) error {
	if j.Tries < tries {
		return err
	}
	return &transfer.JobFault{Code: code, Reason: err.Error()}
}

// outgoing is a body on its way: it is hashed while it is read, and its
// trailer says the hash. Its reader may go on for a moment after the answer.
type outgoing struct {
	from    *supply
	hash    hash.Hash
	haul    *Haul
	trailer http.Header
	whole   func() string // SHA-256 of the whole, as far as it is known beside this
	ended   atomic.Pointer[string]
	sent    atomic.Int64
}

func (o *outgoing) Read(b []byte) (int, error) {
	n, err := o.from.body.Read(b)
	_, _ = o.hash.Write(b[:n]) // never fails
	o.haul.moved(o.from.start + o.sent.Add(int64(n)))
	if err == io.EOF {
		if short := o.short(); short != nil {
			return n, short
		}
		sum := hex.EncodeToString(o.hash.Sum(nil))
		o.ended.Store(&sum)
		if o.trailer != nil {
			o.trailer.Set(contentDigest, digestField(sum))
			if whole := o.sumOfAll(); whole != "" {
				o.trailer.Set(reprDigest, digestField(whole))
			}
		}
	}
	return n, err
}

// sum is the SHA-256 of this body, once it has come to its end.
func (o *outgoing) sum() string {
	if sum := o.ended.Load(); sum != nil {
		return *sum
	}
	return ""
}

// sumOfAll is the SHA-256 of the whole, if anybody here knows it.
func (o *outgoing) sumOfAll() string {
	if sum := o.sum(); sum != "" && o.from.start == 0 {
		return sum
	}
	return o.whole()
}

// size is how long the whole is that the receiver has. One that had it already
// may answer before it has read all.
func (o *outgoing) size(answer http.Header) int64 {
	if o.sum() == "" {
		if o.from.total >= 0 {
			return o.from.total
		}
		if n, err := number(answer.Get(headerOffset)); err == nil {
			return n
		}
	}
	return o.from.start + o.sent.Load()
}

// short reports a source that ended before its length.
func (o *outgoing) short() error {
	if all := o.from.start + o.sent.Load(); o.from.total >= 0 && all != o.from.total {
		return fmt.Errorf("%w: %d of %d bytes", errSource, all, o.from.total)
	}
	return nil
}

// hashBeside reads a file for its hash while a part of it is sent, until ctx
// ends.
func (p *Push) hashBeside(ctx context.Context, s Source, tag string) func() string {
	found := make(chan string, 1)
	go func() {
		sum, _ := p.cfg.digests.of(ctx, filepath.Dir(s.Path), filepath.Base(s.Path), tag) // without it the part's hash alone is said
		found <- sum
	}()
	return sync.OnceValue(func() string { return <-found })
}

// beat says from time to time that the job is being worked on, and ends a body
// that does not move.
func (p *Push) beat(ctx context.Context, cancel context.CancelCauseFunc, h *Haul, out *outgoing) {
	last, at := int64(0), p.cfg.Now()
	for still := 0; still < stallMarks; still++ {
		fired, stop := p.cfg.Timer(markEvery)
		select {
		case <-fired:
		case <-ctx.Done():
			stop()
			return
		}
		stop()
		sent, now := out.sent.Load(), p.cfg.Now()
		if sent > last {
			still = 0
		}
		rate := float64(sent-last) / max(now.Sub(at), time.Millisecond).Seconds()
		last, at = sent, now
		if err := h.Save(ctx, func(j *transfer.Job) { j.Pace, j.Moved = int64(rate), now }); err != nil && ctx.Err() == nil {
			cancel(err)
			return
		}
	}
	cancel(errStalled)
}
