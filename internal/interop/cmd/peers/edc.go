// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/interop"
)

// edcPair are two EDCs.
type edcPair struct {
	home               *interop.Home
	sql                bool
	provider, consumer *interop.EDC
	asset              string
	offer              map[string]any
	pids               map[string]int
}

// fullSpeed takes back what lets short tests start sooner.
var fullSpeed = []string{"-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC"}

// openEDC starts them, in memory or on PostgreSQL, and publishes the asset.
func openEDC(ctx context.Context, asset string, sql bool) (_ pair, err error) {
	home, err := interop.NewHome(ctx, interop.HomeOptions{SQL: sql})
	if err != nil {
		return nil, err
	}
	p := &edcPair{home: home, asset: asset, pids: map[string]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if sql {
		if err := home.Script(ctx, "postgres", "start"); err != nil {
			return nil, err
		}
		p.sql = true
	}
	options, err := home.Tuned()
	if err != nil {
		return nil, err
	}
	options = append(options, fullSpeed...)
	for name, into := range map[string]**interop.EDC{interop.Provider: &p.provider, interop.Consumer: &p.consumer} {
		if *into, err = home.StartEDC(ctx, name, options...); err != nil {
			return nil, err
		}
		if p.pids[name], err = home.PID(name); err != nil {
			return nil, err
		}
	}
	if err := p.provider.Publish(ctx, asset, p.provider.Base, nil, map[string]any{}); err != nil {
		return nil, err
	}
	return p, p.find(ctx)
}

func (p *edcPair) peer() interop.Peer {
	return interop.Peer{ID: p.provider.ID, Address: p.provider.Protocol}
}

// find takes the offer from the provider's catalogue.
func (p *edcPair) find(ctx context.Context) error {
	datasets, err := p.consumer.Catalog(ctx, p.peer(), nil)
	if err != nil {
		return err
	}
	for _, d := range datasets {
		offers, many := d["hasPolicy"].([]any)
		if !many {
			offers = []any{d["hasPolicy"]}
		}
		if d["@id"] == p.asset && len(offers) > 0 {
			p.offer, _ = offers[0].(map[string]any)
		}
	}
	if p.offer == nil {
		return fmt.Errorf("there is no offer of %s in the catalogue: %v", p.asset, datasets)
	}
	return nil
}

func (p *edcPair) begin(ctx context.Context) (string, error) {
	return p.consumer.Negotiate(ctx, p.peer(), p.asset, p.offer)
}

// look is how often an EDC is asked how far it is: it has no call that waits.
const look = 5 * time.Millisecond

func (p *edcPair) await(ctx context.Context, id string) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		var e interop.Entity
		err := p.consumer.Call(ctx, http.MethodGet, "/v3/"+interop.Negotiations+"/"+id+"/state", nil, &e)
		switch {
		case err != nil:
			return err
		case e.State == "FINALIZED":
			return nil
		case e.State == "TERMINATED":
			return fmt.Errorf("%w: %s is %s", errNotAgreed, id, e.State)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (p *edcPair) agreed(ctx context.Context) (int, error) {
	var all []interop.Entity
	query := map[string]any{
		"@context": map[string]any{"@vocab": interop.EDCNamespace}, "@type": "QuerySpec", "limit": 100000,
	}
	err := p.provider.Call(ctx, http.MethodPost, "/v3/"+interop.Negotiations+"/request", query, &all)
	n := 0
	for _, e := range all {
		if e.State == "FINALIZED" {
			n++
		}
	}
	return n, err
}

func (p *edcPair) processes() map[string]int { return p.pids }

func (p *edcPair) hold() error    { return tell(p.pids, stopped) }
func (p *edcPair) release() error { return tell(p.pids, resumed) }

func (p *edcPair) close() error {
	var err error
	if p.sql { // its processes first: they hold connections
		err = errors.Join(p.home.Script(context.Background(), "stop"), p.home.Script(context.Background(), "postgres", "stop"))
	}
	return errors.Join(err, p.home.Close())
}
