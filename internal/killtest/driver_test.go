// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"errors"
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

// once posts what must be done once only. Where the answer was lost it looks
// whether it was done.
func (d *driver) once(ctx context.Context, path string, body any, query url.Values) (process, error) {
	for ctx.Err() == nil {
		var p process
		err := d.consumer.post(ctx, path, body, &p)
		if err == nil {
			return p, nil
		}
		lost := errors.Is(err, errLost)
		if !d.tolerable(ctx, err) {
			return p, err
		}
		for lost && ctx.Err() == nil {
			list, err := all[process](ctx, d.consumer, path, "before", query)
			if err == nil && len(list) == 1 {
				d.found.Add(1)
				return list[0], nil
			}
			if err == nil && len(list) > 1 {
				return p, fmt.Errorf("%d of %s", len(list), query.Encode())
			}
			lost = err != nil
			if err != nil && !d.tolerable(ctx, err) {
				return p, err
			}
		}
	}
	return process{}, ctx.Err()
}

// tolerable reports whether a call may be made again, after a pause.
func (d *driver) tolerable(ctx context.Context, err error) bool {
	var no *refusal
	switch {
	case errors.As(err, &no):
		if !no.passing() {
			return false
		}
	case errors.Is(err, errLost):
		d.lost.Add(1)
	default:
		return false
	}
	return pause(ctx, again)
}

// await looks at a process until it is as it should be, or at its end.
func (d *driver) await(ctx context.Context, path string, done func(process) bool) (process, error) {
	var last process
	for ctx.Err() == nil {
		p, err := d.look(ctx, path)
		switch {
		case err == nil && done(p):
			return p, nil
		case err == nil && p.ended():
			return p, fmt.Errorf("came to another end: %s", p)
		case err == nil:
			last = p
			pause(ctx, again)
		case !d.tolerable(ctx, err):
			return p, err
		}
	}
	return last, fmt.Errorf("not in time: %s", last)
}

// look waits a moment for the process to come further.
func (d *driver) look(ctx context.Context, path string) (p process, err error) {
	err = d.consumer.get(ctx, path+"?wait=2s", &p)
	return p, err
}

// act does an act of a transfer until it is done: a lost answer, or a message
// under way, has it tried again.
func (d *driver) act(ctx context.Context, path, act string, done func(process) bool) error {
	for ctx.Err() == nil {
		p, err := d.look(ctx, path)
		switch {
		case err == nil && done(p):
			return nil
		case err == nil && p.ended():
			return fmt.Errorf("%s: came to another end: %s", act, p)
		case err == nil && p.Pending == "":
			err = d.consumer.post(ctx, path+"/"+act, map[string]string{"reason": "part of the job"}, nil)
		}
		if err != nil && !d.tolerable(ctx, err) {
			return fmt.Errorf("%s: %w", act, err)
		}
	}
	return fmt.Errorf("%s: not in time", act)
}

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
