// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// DownloadOptions say how data is downloaded.
type DownloadOptions struct {
	// Rate bounds the bytes a second; 0: sink.rate of the configuration does.
	Rate int64
	// Complete has the transfer completed once the data is kept; nil:
	// sink.complete of the configuration says so.
	Complete *bool
}

// StartDownload has the data of a transfer pulled and kept. That goes on by
// itself, over restarts of either side, suspensions and new addresses, until
// the data is whole; what has come is not asked for again. One that is under
// way is returned as it is; after one that is over another begins.
func (p *Participant) StartDownload(ctx context.Context, transferID string, o DownloadOptions) (transfer.Job, error) {
	if p.c.sink == nil {
		return transfer.Job{}, ErrNoSink
	}
	t, err := p.Transfer(ctx, transferID)
	switch {
	case err != nil:
		return transfer.Job{}, err
	case t.Role != "consumer":
		return transfer.Job{}, fmt.Errorf("%w: %.200q", sink.ErrNotConsumer, transferID)
	case transfer.Push(t.Format) || t.State == string(transfer.Completed) || t.State == string(transfer.Terminated):
		return transfer.Job{}, fmt.Errorf("%w: transfer %s, %s, is in state %s", ErrNoAddress, transferID, t.Format, t.State)
	}
	if err := pulledHere(t); err != nil {
		return transfer.Job{}, err
	}
	complete := p.c.cfg.Sink.Complete
	if o.Complete != nil {
		complete = *o.Complete
	}
	if o.Rate <= 0 {
		o.Rate = p.c.cfg.Sink.Rate
	}
	until, err := p.c.lentUntil(ctx, p.context, t.Agreement)
	if err != nil {
		return transfer.Job{}, err
	}
	for {
		j, err := p.c.store.Job(ctx, p.context, transferID, transfer.JobDownload)
		if err != nil && !errors.Is(err, transfer.ErrNoJob) || err == nil && !j.Over() {
			return j, err
		}
		now := p.c.now()
		j, err = p.c.store.PutJob(ctx, transfer.Job{
			Context: p.context, Process: transferID, Kind: transfer.JobDownload, Version: j.Version, NextTry: now,
			State: transfer.JobOpen, ID: newID(), Peer: t.Peer, Total: -1, Rate: o.Rate, Complete: complete, Until: until, Began: now,
		})
		switch {
		case err == nil:
			p.c.carrier.Look()
			return j, nil
		case !errors.Is(err, transfer.ErrJobChanged):
			return j, err
		}
	}
}

// Moving returns how far the data of a transfer is: what is downloaded, pushed
// to us, or pushed by us. transfer.ErrNoJob: nothing is moved by ourselves.
func (p *Participant) Moving(ctx context.Context, transferID string) (transfer.Job, error) {
	for _, kind := range []transfer.JobKind{transfer.JobDownload, transfer.JobInbox, transfer.JobPush} {
		j, err := p.c.carrier.Progress(ctx, p.context, transferID, kind)
		if !errors.Is(err, transfer.ErrNoJob) {
			return j, err
		}
	}
	return transfer.Job{}, transfer.ErrNoJob
}

// AwaitDownload waits until a download is over, or ctx ends, and returns it as
// it is then, with what it became.
func (p *Participant) AwaitDownload(ctx context.Context, transferID string) (transfer.Job, sink.Holding, error) {
	j, err := p.c.carrier.Await(ctx, p.context, transferID, transfer.JobDownload)
	if err != nil || j.State != transfer.JobDone {
		return j, sink.Holding{}, err
	}
	h, err := p.Holding(context.WithoutCancel(ctx), j.ID)
	return j, h, err
}

// Download implements web.HoldingService.
func (h holdings) Download(ctx context.Context, contextID, transferID string, o web.DownloadOptions) (transfer.Job, error) {
	j, err := h.of(contextID).StartDownload(ctx, transferID, DownloadOptions{Rate: o.Rate, Complete: o.Complete})
	return j, sinkProblem(err)
}

// Downloaded implements web.HoldingService.
func (h holdings) Downloaded(ctx context.Context, contextID, transferID string) (transfer.Job, sink.Holding, error) {
	j, held, err := h.of(contextID).AwaitDownload(ctx, transferID)
	if err == nil && j.State == transfer.JobFailed && j.Fault != nil {
		err = jobProblem(*j.Fault)
	}
	return j, held, sinkProblem(err)
}

// Moving implements web.HoldingService.
func (h holdings) Moving(ctx context.Context, contextID, transferID string) (transfer.Job, error) {
	return h.of(contextID).Moving(ctx, transferID)
}

// jobProblem says why a job failed for good.
func jobProblem(f transfer.JobFault) error {
	for is, code := range draftFaults {
		if code == f.Code {
			return is // internal/web has words for it
		}
	}
	p := &web.Problem{Status: http.StatusBadGateway, Code: f.Code, Message: f.Reason, Hint: "look at the transfer"}
	switch f.Code {
	case "transfer-ended":
		p.Status, p.Hint = http.StatusConflict, "ask for another transfer"
	case codeElsewhere:
		p.Status, p.Hint = http.StatusConflict, "ask that data plane for the data"
	}
	return p
}
