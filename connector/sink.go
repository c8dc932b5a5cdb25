// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

// SinkConfig says where downloaded data is kept until the time of its
// agreement is over.
type SinkConfig struct {
	// Dir is a folder that holds nothing else, of this store alone; replicas may
	// share it. Default: on SQLite "<database>.data", else none, and nothing can
	// be downloaded.
	Dir string `yaml:"dir"`
	// MaxBytes bounds one body, downloaded or pushed to us; default 1 GiB.
	MaxBytes int64 `yaml:"maxBytes"`
	// MaxBodies and MaxTransferBytes bound what is kept of the pushes of one
	// transfer together; default 1000 bodies, and ten times MaxBytes.
	MaxBodies        int64 `yaml:"maxBodies"`
	MaxTransferBytes int64 `yaml:"maxTransferBytes"`
	// Rate bounds the bytes a second of each download; default: nothing does.
	Rate int64 `yaml:"rate"`
	// Complete has a transfer completed once its data is downloaded and kept.
	Complete bool `yaml:"complete"`
}

const defaultMaxBytes = 1 << 30

// sinkLimit is how many bytes a body has that is kept, at most.
func (c Config) sinkLimit() int64 { return orBytes(c.Sink.MaxBytes, defaultMaxBytes) }

// orBytes is a number of bytes of the configuration, or its default.
func orBytes(n, otherwise int64) int64 {
	if n == 0 {
		return otherwise
	}
	return n
}

// defaultBodies is how many bodies of the largest kind a transfer may push to
// us, by their length, where nothing else is configured.
const defaultBodies = 10

// pushedLimit is how many bytes are kept of the pushes of one transfer, where a
// body has so many at most.
func pushedLimit(configured, ofOne int64) int64 {
	return orBytes(configured, defaultBodies*min(ofOne, math.MaxInt64/defaultBodies))
}

// sinkDir is the folder for data, empty where there is none.
func (c Config) sinkDir() string {
	if path, ok := strings.CutPrefix(c.Store, "sqlite:"); ok && c.Sink.Dir == "" {
		return path + ".data"
	}
	return c.Sink.Dir
}

func (c Config) checkSink() error {
	if c.Sink.MaxBytes < 0 {
		return fmt.Errorf("sink.maxBytes %d: write a number of bytes, or leave it out", c.Sink.MaxBytes)
	}
	if c.Sink.MaxBodies < 0 {
		return fmt.Errorf("sink.maxBodies %d: write a number of bodies, or leave it out", c.Sink.MaxBodies)
	}
	if c.Sink.MaxTransferBytes < 0 {
		return fmt.Errorf("sink.maxTransferBytes %d: write a number of bytes, or leave it out", c.Sink.MaxTransferBytes)
	}
	if c.Sink.Rate < 0 {
		return fmt.Errorf("sink.rate %d: write a number of bytes a second, or leave it out", c.Sink.Rate)
	}
	return nil
}

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
