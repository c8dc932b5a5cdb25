// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// pullPlane is the built-in data plane.
func (c *Connector) pullPlane() *dataplane.Plane { return dataplane.New(c.sources()) }

// sources says where the data of transfers is, and who may have it.
func (c *Connector) sources() dataplane.Config {
	return dataplane.Config{
		Transfers: &dataplane.Recent{Transfers: c.transfers, Now: c.now, Generation: func(contextID, id string) uint64 {
			return c.runner.Generation(engine.Change{Context: contextID, Process: id})
		}},
		SourceOf: c.source, PublicURL: c.publicURLOf, Evidence: c.evidence, NewID: newID,
		Keys: c.keys, Operator: c.http.Operator, Meters: c.store, Timer: timer, Now: c.now, Watch: c.watchTransfer,
	}
}

func (c *Connector) publicURLOf(ctx context.Context, contextID string) (string, error) {
	p, err := c.store.Participant(ctx, contextID)
	return p.PublicURL, err
}

// source finds where the data of a dataset is.
func (c *Connector) source(ctx context.Context, contextID, dataset string) (dataplane.Source, error) {
	s, err := c.catalog.SourceOf(ctx, contextID, dataset)
	if errors.Is(err, catalog.ErrNotFound) || err == nil && s.Type == catalog.SourceNone {
		return dataplane.Source{}, fmt.Errorf("%w: %s", dataplane.ErrNoSource, dataset)
	}
	return dataplane.Source{Type: s.Type, URL: s.URL, Path: s.Path, Headers: s.Headers}, err
}

// ErrNoAddress: the transfer has no address to pull from, because it is not
// started, or not one that we pull.
var ErrNoAddress = errors.New("no data address to pull from")

// pull reads from the provider's data plane.
func (c *Connector) pull(ctx context.Context, contextID, id string) (io.ReadCloser, error) {
	data, err := c.fetch(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	return data.Body, nil
}

// fetch asks the provider's data plane.
func (c *Connector) fetch(ctx context.Context, contextID, id string) (*dataplane.Data, error) {
	p, err := c.transfers.Get(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	if p.Role != "consumer" || p.DataAddress == nil {
		return nil, fmt.Errorf("%w: transfer %s is in state %s", ErrNoAddress, id, p.State)
	}
	tracking := strings.TrimPrefix(newID(), "urn:uuid:")
	data, err := dataplane.Fetch(ctx, c.http.Foreign, *p.DataAddress, dataplane.Query{TrackingID: tracking})
	if err != nil {
		return nil, err
	}
	data.Told(ctx, c.evidence, transfer.Movement{Context: contextID, Process: id, TrackingID: tracking}, c.now)
	return data, nil
}
