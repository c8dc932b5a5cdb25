// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// planeSet makes the set of data planes: those of the embedder and of the
// configuration. The built-in ones follow once there are any.
func (c *Connector) planeSet(o options) (*transfer.Set, error) {
	set := transfer.NewSet()
	for format, p := range o.planes {
		set.Builtin(format, "provider", p)
	}
	c.planes = signaling.NewRegistry(signaling.RegistryConfig{
		Set: set, Store: c.store, HTTP: c.http.Operator, Foreign: c.http.Foreign, Dataspace: c.dataspace, Keys: c.registrationKeys, UseUntil: c.lentUntil,
		ServedBy: func(ctx context.Context, contextID, id string) (string, error) {
			return c.transfers.ServedBy(ctx, contextID, id)
		},
		Alone: alone(c.cfg.Store), Now: c.now, Log: c.log,
	})
	for _, d := range c.cfg.Dataplanes {
		if err := c.planes.Configure(d.plane()); err != nil {
			return nil, fmt.Errorf("%w: data plane %q: %w", ErrConfig, d.ID, err)
		}
	}
	return set, nil
}

// dataspace is its name, as data planes are told it.
func (c *Connector) dataspace(ctx context.Context, contextID string) string {
	if c.cfg.Signaling.Dataspace != "" {
		return c.cfg.Signaling.Dataspace
	}
	p, err := c.identity.recent.participant(ctx, contextID)
	if err != nil || p.Profile == preshared {
		return ""
	}
	s, err := dcp.ReadSettings(p)
	if err != nil {
		return ""
	}
	return s.Dataspace
}

// loadEvery is how often a replica looks for data planes that registered at
// another one.
const loadEvery = 5 * time.Second

func (c *Connector) loadPlanes(ctx context.Context) (next time.Time, err error) {
	return c.now().Add(loadEvery), c.planes.Load(ctx)
}

// labelOfPlane is the label of an asset that names those which its data plane
// has to have, with commas between.
const labelOfPlane = "dataplane"

// planeLabels are the labels that the data plane of a dataset has to have.
func (c *Connector) planeLabels(ctx context.Context, contextID, dataset string) ([]string, error) {
	a, err := c.catalog.Asset(ctx, contextID, dataset)
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return splitLabels(a.Labels[labelOfPlane]), nil
}

func splitLabels(text string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }), func(s string) bool { return s == "" })
}

// callbacks is what data planes call.
func (c *Connector) callbacks() *signaling.Callbacks {
	return signaling.NewCallbacks(signaling.CallbacksConfig{
		Registry: c.planes, Signals: c.transfers,
		PlaneOf: func(ctx context.Context, contextID, process string) (string, error) {
			plane, _, err := c.transfers.Served(ctx, contextID, process)
			return plane, err
		},
		Agreement: c.servedAgreement,
		Running:   c.transfers.Running, Meters: c.store, Exhausted: c.transfers.Exhausted,
		Watch: func(contextID, id string) (<-chan struct{}, func()) {
			return c.runner.Watch(engine.Change{Context: contextID, Process: id})
		},
		Timer: timer, Evidence: c.evidence, Flush: c.evidence.Flush, Now: c.now, Log: c.log,
	})
}

func (c *Connector) registrationKeys(contextID string) []string {
	var keys []string
	for _, r := range c.cfg.Signaling.Registration {
		if r.Participant == "" || r.Participant == contextID {
			keys = append(keys, string(r.Key))
		}
	}
	return keys
}

// servedAgreement is the agreement of a transfer as the peers concluded it, made
// a document of its own.
func (c *Connector) servedAgreement(ctx context.Context, contextID, process string) ([]byte, error) {
	_, id, err := c.transfers.Served(ctx, contextID, process)
	if err != nil {
		return nil, err
	}
	a, err := c.store.Agreement(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(a.Document, &doc); err != nil {
		return nil, fmt.Errorf("the agreement %s: %w", id, err)
	}
	if _, ok := doc["@context"]; !ok {
		doc["@context"], _ = json.Marshal([]string{wire.ContextURL}) // cannot fail
	}
	return json.Marshal(doc)
}
