// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

const (
	finalized  = string(negotiation.Finalized)
	started    = string(transfer.Started)
	suspended  = string(transfer.Suspended)
	completed  = string(transfer.Completed)
	terminated = string(transfer.Terminated) // in both protocols
)

func (p process) ended() bool {
	return p.State == finalized || p.State == completed || p.State == terminated
}

// again is the pause before a call is repeated that nobody answered.
const again = 10 * time.Millisecond

// driver carries jobs from a request to a completed transfer, by the
// consumer's management API. Each job has a dataset of its own, so that what
// an answer did not tell can be looked up.
type driver struct {
	consumer *api
	meter    *meter

	lost  atomic.Int64 // calls that nobody answered
	found atomic.Int64 // requests among them that had been taken all the same
}

func dataset(job int) string { return fmt.Sprintf("item-%04d", job) }
func offer(job int) string   { return fmt.Sprintf("offer-%04d", job) }

// job is one negotiation with its transfer. Every fifth transfer is suspended
// and resumed.
func (d *driver) job(ctx context.Context, i int) error {
	n, err := d.open(ctx, i, i%4 != 0)
	if err != nil {
		return fmt.Errorf("job %d: opening: %w", i, err)
	}
	return d.finish(ctx, i, n.ID)
}

// finish carries an open negotiation to the end of its transfer.
func (d *driver) finish(ctx context.Context, i int, id string) error {
	n, err := d.await(ctx, "/negotiations/"+url.PathEscape(id), process.ended)
	if err != nil {
		return fmt.Errorf("job %d: negotiating: %w", i, err)
	}
	d.meter.step()
	if n.State != finalized {
		return fmt.Errorf("job %d: not agreed: %s", i, n)
	}
	if err := d.transfer(ctx, i, n.AgreementID); err != nil {
		return fmt.Errorf("job %d: transfer: %w", i, err)
	}
	d.meter.step()
	return nil
}

func (d *driver) transfer(ctx context.Context, i int, agreement string) error {
	body := map[string]string{"agreement": agreement, "format": "HttpData-PULL"}
	t, err := d.once(ctx, "/transfers", body, url.Values{"agreement": {agreement}})
	if err != nil {
		return err
	}
	path := "/transfers/" + url.PathEscape(t.ID)
	if _, err = d.await(ctx, path, flows); err != nil {
		return err
	}
	if i%5 == 0 {
		if err := d.act(ctx, path, "suspend", func(p process) bool { return p.State == suspended }); err != nil {
			return err
		}
		if err := d.act(ctx, path, "resume", flows); err != nil {
			return err
		}
	}
	return d.act(ctx, path, "complete", func(p process) bool { return p.State == completed })
}

// flows reports whether data may flow, as the consumer sees it.
func flows(p process) bool { return p.State == started && p.Pending == "" && !p.AwaitsStart }

// open asks for a job's negotiation: on terms as the catalogue shows them, or
// on own ones, which needs no answer of the provider.
func (d *driver) open(ctx context.Context, i int, own bool) (process, error) {
	body := map[string]any{"peer": "urn:example:provider", "dataset": dataset(i), "offerId": offer(i)}
	if own {
		body["policy"] = use
	}
	return d.once(ctx, "/negotiations", body, url.Values{"dataset": {dataset(i)}})
}

// use permits whatever use.
var use = map[string]any{"permission": []any{map[string]any{"action": "use"}}}

// publish puts a dataset and an offer for each job into the provider's
// catalogue. The last offer asks a person.
func publish(ctx context.Context, provider *api, file string, jobs int) error {
	var assets, offers []any
	for i := range jobs {
		assets = append(assets, map[string]any{"id": dataset(i), "source": map[string]string{"type": "file", "path": file}})
		o := map[string]any{"id": offer(i), "assets": map[string]any{"ids": []string{dataset(i)}}, "access": use, "usage": use}
		if i == jobs-1 {
			o["rules"] = []any{map[string]string{"do": "approve"}}
		}
		offers = append(offers, o)
	}
	for from := 0; from < jobs; from += 100 {
		to := min(from+100, jobs)
		body := map[string]any{"assets": assets[from:to], "offers": offers[from:to]}
		if err := provider.call(ctx, http.MethodPost, "/catalog", body, nil); err != nil {
			return err
		}
	}
	return nil
}
