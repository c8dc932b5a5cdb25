// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// planes are the built-in planes as one that runs alone uses them.
type planes struct {
	p       *DataPlane
	pull    *dataplane.Plane
	push    *dataplane.Push
	inbox   *dataplane.Inbox // nil: nothing can be pushed to us
	carrier *dataplane.Carrier
	renewer *dataplane.Renewer
	proxy   *dataplane.Proxy // for applications
}

// wire builds them.
func (l *planes) wire() {
	p := l.p
	l.renewer = dataplane.NewRenewer(dataplane.RenewerConfig{
		HTTP: p.http.Foreign, Access: p.store, Proof: p.proof, Receiving: p.server.Receiving, Now: p.now, Timer: timer, ID: newID(),
	})
	l.proxy = &dataplane.Proxy{
		HTTP: p.http.Foreign, Renewer: l.renewer, Evidence: p.server, Now: p.now, NewID: newID,
		Receiving: p.server.Receiving, Watch: p.server.Watch, Timer: timer,
	}
	shared := dataplane.Config{
		Transfers: p.server, SourceOf: p.sourceOf, Keys: p.keys, Operator: p.http.Operator, Meters: p.server.Meters(),
		PublicURL: p.publicURL, Watch: p.server.Watch, Timer: timer, Now: p.now, Evidence: p.server, NewID: newID, Rand: rand.Reader,
		Access: p.store, Replays: p.store, CheckURL: p.http.Foreign.CheckURL, Renewer: l.renewer, Log: p.log,
		DIDs: did.NewWeb(did.WebConfig{HTTP: p.http.Foreign, Plain: p.cfg.DevMode, Now: p.now, TTL: p.cfg.Egress.DIDCache}),
	}
	l.pull = dataplane.New(shared)
	l.push = dataplane.NewPush(dataplane.PushConfig{Config: shared, Jobs: p.store, Foreign: p.http.Foreign, Signals: moverSignals{p}})
	movers := map[transfer.JobKind]dataplane.Mover{transfer.JobPush: l.push}
	kept := folderDrafts{p}
	if p.cfg.Receive.Pull {
		movers[transfer.JobDownload] = &dataplane.Downloads{
			Drafts: kept, Fetch: l.fetch, Look: l.runs, Complete: l.done, Evidence: p.server, Timer: timer, Now: p.now, NewID: newID,
		}
	}
	l.carrier = dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: p.store, Alone: alone(p.cfg.Store), Movers: movers, Watch: p.server.Watch, Timer: timer, Now: p.now, Log: p.log,
	})
	l.push.Carried(l.carrier)
	if p.cfg.Receive.Dir != "" {
		l.inbox = dataplane.NewInbox(dataplane.InboxConfig{
			Jobs: p.store, Drafts: kept, Carrier: l.carrier, Receiving: p.server.Receiving, PublicURL: p.publicURL,
			Until: func(_ context.Context, f transfer.Flow) (time.Time, error) { return signaling.UseUntil(f) },
			Watch: p.server.Watch, Timer: timer, Now: p.now, NewID: newID, Rand: rand.Reader, Evidence: p.server,
			MaxBodies: p.cfg.Receive.MaxBodies, MaxTotal: pushedLimit(p.cfg.Receive.MaxTransferBytes, p.cfg.receiveLimit()), Log: p.log,
		})
	}
}

// close ends what goes on beside the requests, after the last of them.
func (l *planes) close() {
	l.carrier.Close()
	l.pull.Close()
	l.push.Close()
	l.renewer.Close()
}

// ServeHTTP serves the data of all.
func (l *planes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.inbox != nil && l.inbox.Serves(r.URL) {
		l.inbox.ServeHTTP(w, r)
		return
	}
	l.pull.ServeHTTP(w, r)
}

// Plane implements transfer.Planes.
func (l *planes) Plane(_, format, role string) (transfer.DataPlane, bool) {
	push := transfer.Push(format)
	switch {
	case !slices.Contains(l.p.profiles(), format):
	case role == "provider" && push:
		return sending{l.push, l.p}, true
	case role == "provider":
		return sending{l.pull, l.p}, true
	case push && l.inbox != nil:
		return l.inbox, true
	case !push && l.p.cfg.Receive.Pull:
		return fetching{l.pull, l}, true
	case !push:
		return l.pull, true
	}
	return nil, false
}

// sending is a provider's plane for the datasets that there are.
type sending struct {
	transfer.DataPlane
	p *DataPlane
}

// Start implements transfer.DataPlane. What has no source is not sent.
func (s sending) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	d, ok := s.p.dataset(f.Context, f.Dataset)
	switch {
	case !ok:
		return transfer.FlowStatus{}, transfer.Refuse("dataset-unknown", "this data plane has no such dataset")
	case d.Source.Type == "" && transfer.Push(f.Format):
		return transfer.FlowStatus{State: transfer.FlowStarted}, nil
	}
	return s.DataPlane.Start(ctx, f)
}

// Resume implements transfer.DataPlane.
func (s sending) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if d, _ := s.p.dataset(f.Context, f.Dataset); d.Source.Type == "" && transfer.Push(f.Format) {
		return transfer.FlowStatus{State: transfer.FlowStarted}, nil
	}
	return s.DataPlane.Resume(ctx, f)
}

// moverSignals are what planes say by themselves, as far as it is wanted.
type moverSignals struct{ p *DataPlane }

// Signal implements transfer.Signals.
func (m moverSignals) Signal(ctx context.Context, s transfer.Signal) error {
	if s.State == transfer.FlowCompleted {
		f, err := m.p.store.FlowOf(ctx, s.Context, s.Process)
		if err == nil && m.p.completesWhen(s.Context, f.Asked.Dataset) == completesNever {
			return nil
		}
	}
	return m.p.server.Signal(ctx, s)
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

// dataset finds what is configured for one of a participant, or for all of its:
// what another one has is not there.
func (p *DataPlane) dataset(contextID, id string) (served.Dataset, bool) {
	var all served.Dataset
	found := false
	for _, d := range p.cfg.Datasets {
		switch owner := p.cfg.owner(d); {
		case owner == "" || owner != contextID:
		case d.ID == id:
			return d, true
		case d.ID == "*":
			all, found = d, true
		}
	}
	return all, found
}

// sourceOf implements dataplane.Config.SourceOf.
func (p *DataPlane) sourceOf(_ context.Context, contextID, dataset string) (dataplane.Source, error) {
	d, ok := p.dataset(contextID, dataset)
	if !ok || d.Source.Type == "" {
		return dataplane.Source{}, fmt.Errorf("%w: %s", dataplane.ErrNoSource, dataset)
	}
	return planeSource(d.Source), nil
}

// async reports whether a flow is begun after it was answered for.
func (p *DataPlane) async(f transfer.Flow) bool {
	d, _ := p.dataset(f.Context, f.Dataset)
	return d.Async
}

// completesWhen is the setting for a participant's dataset.
func (p *DataPlane) completesWhen(contextID, dataset string) string {
	if d, _ := p.dataset(contextID, dataset); d.Completes != "" {
		return d.Completes
	}
	return p.cfg.Completes
}

// completes reports whether a flow that has nothing to move is done at once.
// The consumer of a push and the provider of a pull never know.
func (p *DataPlane) completes(f transfer.Flow) bool {
	push := transfer.Push(f.Format)
	if p.completesWhen(f.Context, f.Dataset) != completesWhenDone || push != (f.Role == "provider") {
		return false
	}
	if push {
		d, _ := p.dataset(f.Context, f.Dataset)
		return d.Source.Type == ""
	}
	return !p.cfg.Receive.Pull || f.DataAddress == nil
}
