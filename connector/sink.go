// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

// newSink builds the storage of downloaded data, nil where there is no folder
// for it.
func (c *Connector) newSink(terms *policy.Registry) *sink.Service {
	dir := c.cfg.sinkDir()
	if dir == "" {
		return nil
	}
	return sink.New(sink.Config{
		Dir: dir, Alone: alone(c.cfg.Store), Store: c.store, Transfers: c.transfers, Agreements: c.store,
		Terms: terms, Journaled: c.runner.Journaled, Now: c.now, NewID: newID,
	})
}

// lentUntil is when the permission to use an agreement's data ends; zero: never
// by the clock. That there is no such agreement is found out where data comes.
func (c *Connector) lentUntil(ctx context.Context, contextID, agreement string) (time.Time, error) {
	a, err := c.store.Agreement(ctx, contextID, agreement)
	if errors.Is(err, negotiation.ErrNoAgreement) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	r, err := sink.RetentionOf(c.terms, a)
	return r.Due, err
}

// retention is the chore that deletes data in time.
func (c *Connector) retention() []chore {
	if c.sink == nil {
		return nil
	}
	return []chore{{name: "retention of data", do: c.sink.Work, wake: c.sink.Wake()}}
}

// ErrNoSink: no folder for data is configured (sink.dir).
var ErrNoSink = errors.New("no folder for data is configured")

// ErrCut: the provider's data plane cut the data, and nothing of it was kept.
var ErrCut = errors.New("the data was cut")

// Download pulls the data of a started pull transfer, in one go, and keeps it
// for as long as the agreement lends it. Nothing is kept of data that was cut
// (ErrCut) or is more than sink.maxBytes (sink.ErrTooLarge). StartDownload goes
// on where this fails.
func (p *Participant) Download(ctx context.Context, transferID string) (sink.Holding, error) {
	if p.c.sink == nil {
		return sink.Holding{}, ErrNoSink
	}
	data, err := p.c.fetch(ctx, p.context, transferID)
	if err != nil {
		return sink.Holding{}, err
	}
	defer data.Body.Close()
	if data.Partial {
		return sink.Holding{}, fmt.Errorf("%w: the provider sent a part of it", ErrCut)
	}
	return p.c.sink.Store(ctx, p.context, transferID, whole{data.Body}, p.c.cfg.sinkLimit())
}

// whole tells a body that ends too early from a disk that is full.
type whole struct{ io.Reader }

func (w whole) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrCut, err)
	}
	return n, err
}

// Holdings lists what was downloaded, newest first, at most a page of it, also
// what was deleted since.
func (p *Participant) Holdings(ctx context.Context, q sink.Query) ([]sink.Holding, error) {
	if p.c.sink == nil {
		return nil, ErrNoSink
	}
	return p.c.sink.List(ctx, p.context, q)
}

// Holding returns one by its id. sink.ErrNotFound.
func (p *Participant) Holding(ctx context.Context, id string) (sink.Holding, error) {
	if p.c.sink == nil {
		return sink.Holding{}, ErrNoSink
	}
	return p.c.sink.Get(ctx, p.context, id)
}

// OpenHolding reads downloaded data back. Close the reader. Once the agreed
// time is over this is sink.ErrRetentionOver, also in the middle of reading.
func (p *Participant) OpenHolding(ctx context.Context, id string) (io.ReadCloser, error) {
	if p.c.sink == nil {
		return nil, ErrNoSink
	}
	return p.c.sink.Open(ctx, p.context, id)
}

// holdings are those methods for the management API, which says what went
// wrong in its own words.
type holdings struct{ c *Connector }

func (h holdings) of(contextID string) *Participant { return &Participant{h.c, contextID} }

// List implements web.HoldingService.
func (h holdings) List(ctx context.Context, contextID string, q sink.Query) ([]sink.Holding, error) {
	list, err := h.of(contextID).Holdings(ctx, q)
	return list, sinkProblem(err)
}

// Get implements web.HoldingService.
func (h holdings) Get(ctx context.Context, contextID, id string) (sink.Holding, error) {
	got, err := h.of(contextID).Holding(ctx, id)
	return got, sinkProblem(err)
}

// Open implements web.HoldingService.
func (h holdings) Open(ctx context.Context, contextID, id string) (io.ReadCloser, error) {
	r, err := h.of(contextID).OpenHolding(ctx, id)
	return r, sinkProblem(err)
}

// sinkProblem puts errors into words that internal/web has none for.
func sinkProblem(err error) error {
	var answered *dataplane.FetchError
	switch {
	case errors.Is(err, ErrNoSink):
		return &web.Problem{Status: http.StatusConflict, Code: "sink-off", Message: err.Error(), Hint: "set sink.dir; see docs/configuration.md"}
	case errors.Is(err, ErrNoAddress):
		return &web.Problem{Status: http.StatusConflict, Code: "no-address", Message: err.Error(), Hint: "look at the transfer for what it waits for"}
	case errors.Is(err, errElsewhere):
		return elsewhereProblem(err)
	case errors.As(err, &answered):
		return &web.Problem{Status: http.StatusBadGateway, Code: "data-refused", Message: answered.Error(), Hint: "the provider decides; look at the transfer"}
	case errors.Is(err, dataplane.ErrAddress):
		return &web.Problem{Status: http.StatusBadGateway, Code: "data-address-refused", Message: "the provider's data address cannot be used here", Hint: "egress.allow lists private networks of counterparties", Err: err}
	case errors.Is(err, ErrCut):
		return &web.Problem{Status: http.StatusBadGateway, Code: "data-cut", Message: "the provider's data plane did not send the data to its end; nothing of it was kept", Hint: "look at the transfer, and try again", Err: err}
	}
	return err
}
