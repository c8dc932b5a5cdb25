// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Move implements Mover.
func (p *Push) Move(ctx context.Context, h *Haul) error {
	if h.Job().SHA256 == "" {
		if err := p.deliver(ctx, h); err != nil {
			return p.verdict(h, err)
		}
	}
	if err := p.count(ctx, h, http.StatusCreated); err != nil {
		return err
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
	again := !h.Job().Moved.IsZero()
	err := h.Save(ctx, func(j *transfer.Job) {
		another(j, from.total)
		j.ETag, j.Total, j.Offset, j.Moved = from.etag, from.total, from.start, p.cfg.Now()
	})
	if err != nil {
		return err
	}
	began := p.cfg.Now()
	out := &outgoing{from: from, hash: sha256.New(), haul: h, again: again, whole: func() string { return from.sum }}
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

// beat says from time to time that the job is being worked on, and ends a body
// that does not move.
func (p *Push) beat(ctx context.Context, cancel context.CancelCauseFunc, h *Haul, out *outgoing) {
	last, at := int64(0), p.cfg.Now()
	for still := 0; still < stallMarks; still++ {
		if timer(p.cfg.Timer).sleep(ctx, markEvery) != nil {
			return
		}
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
