// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// fetching is the consumer's side of a pull that this plane does by itself.
type fetching struct {
	transfer.DataPlane
	l *planes
}

// Start implements transfer.DataPlane.
func (f fetching) Start(ctx context.Context, flow transfer.Flow) (transfer.FlowStatus, error) {
	status, err := f.DataPlane.Start(ctx, flow)
	if err != nil || flow.DataAddress == nil {
		return status, err
	}
	return status, f.l.download(ctx, flow)
}

// Resume implements transfer.DataPlane.
func (f fetching) Resume(ctx context.Context, flow transfer.Flow) (transfer.FlowStatus, error) {
	return f.Start(ctx, flow)
}

// download begins a download, or wakes the one that there is.
func (l *planes) download(ctx context.Context, f transfer.Flow) error {
	until, err := signaling.UseUntil(f)
	if err != nil {
		return err
	}
	for {
		j, err := l.p.store.Job(ctx, f.Context, f.Process, transfer.JobDownload)
		now := l.p.now()
		switch {
		case errors.Is(err, transfer.ErrNoJob):
			j = transfer.Job{Context: f.Context, Process: f.Process, Kind: transfer.JobDownload, ID: newID(), Peer: f.Counterparty, Total: -1, Rate: l.p.cfg.Receive.Rate, Began: now}
		case err != nil:
			return err
		case j.State == transfer.JobDone:
			return nil
		}
		j.State, j.NextTry, j.Tries, j.Fault = transfer.JobOpen, now, 0, nil
		j.Until = until
		j.Complete = l.p.completesWhen(f.Context, f.Dataset) != completesNever
		if _, err = l.p.store.PutJob(ctx, j); !errors.Is(err, transfer.ErrJobChanged) || ctx.Err() != nil {
			l.carrier.Look()
			return err
		}
	}
}

// fetch asks the provider's data plane, by the newest address and with a token
// that is good.
func (l *planes) fetch(ctx context.Context, contextID, process string, part dataplane.Part) (rest *dataplane.Rest, err error) {
	f, err := l.p.aboutFlow(ctx, contextID, process)
	if err != nil {
		return nil, err
	}
	if f.Asked.DataAddress == nil {
		return nil, dataplane.ErrHeld
	}
	pulling := dataplane.Pulling{Context: contextID, Process: process, Version: f.Version, Peer: f.Asked.Counterparty, Address: *f.Asked.DataAddress}
	err = l.renewer.Each(ctx, pulling, func(a transfer.DataAddress) (err error) {
		rest, err = dataplane.FetchPart(ctx, l.p.http.Foreign, a, part)
		return err
	})
	return rest, err
}

// proof signs for a participant that it may have a token anew. Its key is one
// of its DID document, which is not ours: without it nothing is proved.
func (p *DataPlane) proof(ctx context.Context, contextID, audience, accessToken string) (string, error) {
	for _, one := range p.cfg.Participants {
		if one.Context == contextID && len(one.Keys) > 0 && strings.HasPrefix(one.ID, "did:") {
			tokens := &dcp.Tokens{Keys: p.keys, Now: p.now, NewID: newID}
			return tokens.Mint(ctx, trust.Participant{Context: contextID, ID: one.ID, Profile: profileDCP}, audience, accessToken)
		}
	}
	return "", errNoDID
}

// runs says whether data may be pulled now, for dataplane.Mover.
func (l *planes) runs(ctx context.Context, contextID, process string) error {
	err := l.p.server.Receiving(ctx, contextID, process)
	switch {
	case errors.Is(err, transfer.ErrNoTransfer):
		return &transfer.JobFault{Code: "transfer-unknown", Reason: "there is no such data flow any more"}
	case errors.Is(err, transfer.ErrEnded):
		return &transfer.JobFault{Code: "transfer-ended", Reason: "the data flow ended, and not all of its data had come"}
	case errors.Is(err, transfer.ErrNotStarted), errors.Is(err, transfer.ErrSuspended):
		return dataplane.ErrHeld
	}
	return err
}

// done says that all has come.
func (l *planes) done(ctx context.Context, contextID, process string) error {
	err := l.p.server.Signal(ctx, transfer.Signal{Context: contextID, Process: process, State: transfer.FlowCompleted})
	if errors.Is(err, transfer.ErrNoTransfer) {
		return nil
	}
	return err
}

// aboutFlow is what is written beside data that came.
func (p *DataPlane) aboutFlow(ctx context.Context, contextID, process string) (signaling.Flow, error) {
	f, err := p.store.FlowOf(ctx, contextID, process)
	if err != nil {
		return f, fmt.Errorf("the data flow %.200q: %w", process, err)
	}
	return f, nil
}
