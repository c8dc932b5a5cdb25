// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// planes are the built-in planes as one that runs alone uses them.
type planes struct {
	p    *DataPlane
	pull *dataplane.Plane
}

// wire builds them, and returns what serves their data.
func (l *planes) wire() http.Handler {
	l.pull = dataplane.New(dataplane.Config{
		Transfers: l.p.server, SourceOf: l.p.sourceOf, Keys: l.p.keys, Operator: l.p.http.Operator, Meters: l.p.server.Meters(),
		PublicURL: func(ctx context.Context, contextID string) (string, error) {
			one, err := planeParticipants{l.p}.Participant(ctx, contextID)
			return one.PublicURL, err
		},
		Watch: l.p.server.Watch, Timer: timer, Now: l.p.now,
		Rand: rand.Reader, NewID: newID, Access: l.p.store, Replays: l.p.store, CheckURL: l.p.http.Foreign.CheckURL,
		DIDs: did.NewWeb(did.WebConfig{HTTP: l.p.http.Foreign, Plain: l.p.cfg.DevMode, Now: l.p.now, TTL: l.p.cfg.Egress.DIDCache}),
	})
	return l.pull
}

// Plane implements transfer.Planes.
func (l *planes) Plane(_, format, _ string) (transfer.DataPlane, bool) {
	if !slices.Contains(l.p.profiles(), format) {
		return nil, false
	}
	if transfer.Push(format) {
		return pushPlane{l}, true
	}
	return datasets{l.pull, l.p}, true
}

// datasets refuses to start what there is no dataset for.
type datasets struct {
	transfer.DataPlane
	p *DataPlane
}

// Start implements transfer.DataPlane.
func (d datasets) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if _, ok := d.p.dataset(f.Dataset); !ok && f.Role == "provider" {
		return transfer.FlowStatus{}, transfer.Refuse("dataset-unknown", "this data plane has no such dataset")
	}
	return d.DataPlane.Start(ctx, f)
}

// pushPlane gives an address to push to, and pushes nothing yet.
type pushPlane struct{ l *planes }

// Prepare implements transfer.DataPlane.
func (d pushPlane) Prepare(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	status, err := d.l.pull.Start(ctx, transfer.Flow{
		MessageID: f.MessageID, Context: f.Context, Process: f.Process, Role: "provider", Participant: f.Participant,
		Counterparty: f.Counterparty, Agreement: f.Agreement, Dataset: f.Dataset, Format: dataplane.Format,
	})
	status.State = transfer.FlowPrepared
	if status.DataAddress != nil {
		status.DataAddress.Endpoint += "/inbox"
	}
	return status, err
}

// Start implements transfer.DataPlane.
func (d pushPlane) Start(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if _, ok := d.l.p.dataset(f.Dataset); f.Role == "provider" && !ok {
		return transfer.FlowStatus{}, transfer.Refuse("dataset-unknown", "this data plane has no such dataset")
	}
	return transfer.FlowStatus{State: transfer.FlowStarted}, nil
}

// Resume implements transfer.DataPlane.
func (d pushPlane) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return d.Start(ctx, f)
}

// Suspend implements transfer.DataPlane.
func (pushPlane) Suspend(context.Context, transfer.Flow) error { return nil }

// Complete implements transfer.DataPlane.
func (pushPlane) Complete(context.Context, transfer.Flow) error { return nil }

// Terminate implements transfer.DataPlane.
func (pushPlane) Terminate(context.Context, transfer.Flow) error { return nil }

// Status implements transfer.DataPlane.
func (pushPlane) Status(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowPrepared}, nil
}

// builtIn are the formats that are served where none are named.
var builtIn = []string{
	"HttpData-PULL", "HttpData-PUSH", "http-pull", "http-push",
	"https://w3id.org/dspace-sig/profile/http-pull", "https://w3id.org/dspace-sig/profile/http-push",
}

func (p *DataPlane) profiles() []string {
	if len(p.cfg.Profiles) > 0 {
		return p.cfg.Profiles
	}
	return builtIn
}

// dataset finds what is configured for one, or for all.
func (p *DataPlane) dataset(id string) (PlaneDatasetConfig, bool) {
	var all PlaneDatasetConfig
	found := false
	for _, d := range p.cfg.Datasets {
		switch d.ID {
		case id:
			return d, true
		case "*":
			all, found = d, true
		}
	}
	return all, found
}

// sourceOf implements dataplane.Config.SourceOf.
func (p *DataPlane) sourceOf(_ context.Context, _, dataset string) (dataplane.Source, error) {
	d, ok := p.dataset(dataset)
	if !ok || d.Source.Type == "" {
		return dataplane.Source{}, fmt.Errorf("%w: %s", dataplane.ErrNoSource, dataset)
	}
	return d.Source.source(), nil
}

// async reports whether a flow is begun after it was answered for.
func (p *DataPlane) async(f transfer.Flow) bool {
	d, _ := p.dataset(f.Dataset)
	return d.Async
}

// completes reports whether a flow that has nothing to move is done at once.
// The consumer of a push and the provider of a pull never know.
func (p *DataPlane) completes(f transfer.Flow) bool {
	d, _ := p.dataset(f.Dataset)
	when := d.Completes
	if when == "" {
		when = p.cfg.Completes
	}
	sends := (f.Role == "provider") == transfer.Push(f.Format)
	return sends && when == completesWhenDone && (f.Role == "consumer" || d.Source.Type == "")
}
