// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// gather is how long what was moved waits for company.
const gather = 500 * time.Millisecond

// Wake tells that Work has something to do sooner than it said.
func (r *Recorder) Wake() <-chan struct{} { return r.wake }

// Work keeps what has waited long enough, seals what has come to rest, and
// returns when it wants to be called again. Several replicas may do so at the
// same time.
func (r *Recorder) Work(ctx context.Context) (next time.Time, err error) {
	now := r.cfg.Now()
	if due := r.due(); !due.IsZero() && !due.After(now) {
		if _, err := r.flush(ctx); err != nil {
			return time.Time{}, err
		}
	}
	next, err = r.seal(ctx)
	err = errors.Join(err, r.forgetTold(ctx, now))
	if due := r.due(); !due.IsZero() && due.Before(next) {
		next = due
	}
	return next, err
}

// due is when what waits is to be kept; zero: nothing waits.
func (r *Recorder) due() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first.IsZero() {
		return time.Time{}
	}
	return r.first.Add(gather)
}

// Flush keeps all that was moved up to now. If that fails it stays in memory.
func (r *Recorder) Flush(ctx context.Context) error {
	some, err := r.flush(ctx)
	if some { // the chore may have looked before
		r.look()
	}
	return err
}

func (r *Recorder) flush(ctx context.Context) (some bool, err error) {
	select {
	case r.writing <- struct{}{}:
		defer func() { <-r.writing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	parts, bodies := r.take()
	if len(parts)+len(bodies) == 0 {
		return false, nil
	}
	if err := r.keep(ctx, Batch{Parts: parts}, bodies); err != nil {
		r.putBack(parts, bodies)
		return false, err
	}
	r.kept(parts)
	return true, nil
}

// keep keeps a batch, with bodies and their rows of the journal.
func (r *Recorder) keep(ctx context.Context, b Batch, bodies []Body) (err error) {
	if b.Bodies, err = r.entries(ctx, bodies); err == nil {
		err = r.cfg.Store.KeepEvidence(ctx, b)
	}
	if err != nil {
		return err
	}
	r.seals.busy(r.cfg.Now())
	told := map[string]bool{}
	for _, k := range b.Bodies {
		if !told[k.Context] && r.cfg.Journaled != nil {
			told[k.Context] = true
			r.cfg.Journaled(k.Context)
		}
	}
	return nil
}

// take returns what is not kept yet. The part of a body is among the parts, but
// for a hash that was asked for later: nothing moved with it.
func (r *Recorder) take() (parts []Part, bodies []Body) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.parts {
		if p.fresh {
			parts = append(parts, p.Part)
			p.fresh, p.flying = false, true
		}
	}
	bodies, r.bodies, r.first = r.bodies, nil, time.Time{}
	r.flying = bodies
	return parts, bodies
}

func (r *Recorder) kept(parts []Part) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range parts {
		r.part(parts[i]).flying = false
	}
	r.failed, r.flying = time.Time{}, nil
}

// part is where a part that was taken is counted; mu is held.
func (r *Recorder) part(p Part) *part { return r.parts[way{p.Context, p.Transfer, p.Sent}] }

func (r *Recorder) putBack(parts []Part, bodies []Body) {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range parts {
		p := r.part(parts[i])
		p.fresh, p.flying = true, false
	}
	r.failed, r.flying = now, nil
	r.bodies = append(bodies, r.bodies...)
	if r.first.IsZero() {
		r.first = now
	}
}

// noted is what the journal says of a body. The sequence of its members is
// that of the row.
type noted struct {
	TrackingID string    `json:"trackingId"`
	Agreement  string    `json:"agreement,omitempty"`
	Dataset    string    `json:"dataset,omitempty"`
	Peer       string    `json:"peer,omitempty"`
	Method     string    `json:"method"`
	Path       string    `json:"path,omitempty"`
	Status     int       `json:"status"`
	Offset     int64     `json:"offset,omitempty"`
	Bytes      int64     `json:"bytes"`
	SHA256     string    `json:"sha256,omitempty"`
	Whole      bool      `json:"whole"`
	Began      time.Time `json:"began"`
}

// entries gives bodies their rows of the journal.
func (r *Recorder) entries(ctx context.Context, bodies []Body) (list []Kept, err error) {
	known := map[way]transfer.Process{}
	for _, b := range bodies {
		w := way{context: b.Context, transfer: b.Transfer}
		p, ok := known[w]
		if !ok {
			if p, err = r.process(ctx, b.Context, b.Transfer); err != nil {
				return nil, err
			}
			known[w] = p
		}
		e, err := r.entry(b.Context, b.Transfer, "transfer.data-"+string(b.Direction), b.Ended, noted{
			TrackingID: b.TrackingID, Agreement: p.Agreement, Dataset: p.Dataset, Peer: p.Peer, Method: b.Method, Path: b.Path,
			Status: b.Status, Offset: b.Offset, Bytes: b.Bytes, SHA256: b.SHA256, Whole: b.Whole, Began: b.Began,
		})
		if err != nil {
			return nil, err
		}
		list = append(list, Kept{Body: b, Journal: e})
	}
	return list, nil
}

// process is zero where it is not known: what was moved is kept all the same.
func (r *Recorder) process(ctx context.Context, contextID, id string) (transfer.Process, error) {
	p, err := r.cfg.Transfers.Get(ctx, contextID, id)
	if errors.Is(err, engine.ErrNotFound) {
		return transfer.Process{}, nil
	}
	return p, err
}

func (r *Recorder) entry(contextID, id, event string, at time.Time, detail any) (engine.Entry, error) {
	raw, err := json.Marshal(detail)
	return engine.Entry{
		Context: contextID, ID: r.cfg.NewID(), Process: id, Kind: engine.Transfer, Event: event, At: at, Detail: raw,
	}, err
}
