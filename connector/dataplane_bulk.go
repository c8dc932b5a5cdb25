// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// newCarrier builds what moves bodies over restarts.
func (c *Connector) newCarrier() *dataplane.Carrier {
	movers := map[transfer.JobKind]dataplane.Mover{transfer.JobPush: c.push}
	if c.sink != nil {
		movers[transfer.JobDownload] = &dataplane.Downloads{
			Drafts: drafts{c}, Fetch: c.fetchPart, Look: c.pullRuns, Complete: c.completeJob, Evidence: c.evidence, Timer: timer, Now: c.now, NewID: newID,
		}
	}
	return dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: c.store, Alone: alone(c.cfg.Store), Movers: movers, Watch: c.watchTransfer, Timer: timer, Now: c.now, Log: c.log,
	})
}

func (c *Connector) watchTransfer(contextID, id string) (<-chan struct{}, func()) {
	return c.runner.Watch(engine.Change{Context: contextID, Process: id})
}

// carriage is the chore that moves bodies.
func (c *Connector) carriage() chore {
	return chore{name: "moving data", do: c.carrier.Work, wake: c.carrier.Wake()}
}

// fetchPart asks the provider's data plane, by the newest address and with a
// token that is good.
func (c *Connector) fetchPart(ctx context.Context, contextID, id string, part dataplane.Part) (*dataplane.Rest, error) {
	pulling, err := c.pulling(ctx, contextID, id)
	switch {
	case errors.Is(err, ErrNoAddress):
		return nil, dataplane.ErrHeld
	case errors.Is(err, errElsewhere):
		return nil, &transfer.JobFault{Code: codeElsewhere, Reason: err.Error()}
	case err != nil:
		return nil, err
	}
	var rest *dataplane.Rest
	err = c.renewer.Each(ctx, pulling, func(a transfer.DataAddress) (err error) {
		rest, err = dataplane.FetchPart(ctx, c.http.Foreign, a, part)
		return err
	})
	return rest, err
}

// pullRuns says whether data may be pulled now, for Mover.May.
func (c *Connector) pullRuns(ctx context.Context, contextID, id string) error {
	p, err := c.transfers.Get(ctx, contextID, id)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return &transfer.JobFault{Code: "transfer-unknown", Reason: "there is no such transfer any more"}
	case err != nil:
		return err
	case p.State == string(transfer.Completed) || p.State == string(transfer.Terminated):
		return &transfer.JobFault{Code: "transfer-ended", Reason: fmt.Sprintf("the transfer is %s, and not all of its data had come", p.State)}
	case !p.Open || p.AwaitsStart || p.DataAddress == nil:
		return dataplane.ErrHeld
	}
	return nil
}

// completeJob ends a transfer whose data has been moved. One that is at its end
// already is as well.
func (c *Connector) completeJob(ctx context.Context, contextID, id string) error {
	p, err := c.transfers.Get(ctx, contextID, id)
	if err != nil || p.State == string(transfer.Completed) || p.State == string(transfer.Terminated) || p.Pending == "TransferCompletionMessage" {
		return err
	}
	_, err = c.transfers.Act(ctx, contextID, id, negotiation.Decision{Act: negotiation.Complete})
	return err
}

// drafts are the sink's, in the words of the data plane.
type drafts struct{ c *Connector }

func (d drafts) Open(ctx context.Context, j transfer.Job) (dataplane.Draft, error) {
	opened, err := d.c.sink.Draft(ctx, j.Context, j.Process, j.ID, j.Offset, j.Sum, d.c.cfg.sinkLimit())
	if err != nil {
		return nil, draftFault(err)
	}
	return gathered{opened}, nil
}

func (d drafts) Kept(ctx context.Context, j transfer.Job) (string, error) {
	h, err := d.c.sink.Get(ctx, j.Context, j.ID)
	if errors.Is(err, sink.ErrNotFound) {
		return "", nil
	}
	return h.SHA256, err
}

func (d drafts) Drop(j transfer.Job) error { return d.c.sink.DropDraft(j.Context, j.ID) }

// gathered is a draft of the sink.
type gathered struct{ *sink.Draft }

func (g gathered) Write(p []byte) (int, error) {
	n, err := g.Draft.Write(p)
	return n, draftFault(err)
}

func (g gathered) Fits(total int64) error { return draftFault(g.Draft.Fits(total)) }

func (g gathered) Keep(ctx context.Context) error {
	_, err := g.Draft.Keep(ctx)
	return draftFault(err)
}

// draftFaults are what no later try can mend.
var draftFaults = map[error]string{
	sink.ErrTooLarge: "data-too-large", sink.ErrRetentionOver: dataplane.CodeRetentionOver, sink.ErrNotConsumer: "not-consumer",
	negotiation.ErrNoAgreement: "agreement-unknown", engine.ErrNotFound: "transfer-unknown",
}

func draftFault(err error) error {
	if errors.Is(err, sink.ErrMissing) {
		return fmt.Errorf("%w: %w", dataplane.ErrNoDraft, err)
	}
	for is, code := range draftFaults {
		if errors.Is(err, is) {
			return &transfer.JobFault{Code: code, Reason: err.Error()}
		}
	}
	return err
}
