// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/stripes"
	"github.com/musubi-ods/musubi/transfer"
)

// What data planes of their own tell is kept in the transaction that notes their
// message, so that it counts once though it is told again, here or to another
// process: its answer was lost, or either side began anew.

// toldFor is how long a message is known. Who has lost an answer asks within
// seconds, or when it is there again.
const (
	toldFor     = 30 * 24 * time.Hour
	forgetEvery = time.Hour
	forgetPage  = 1000
)

// others are the parts that count what was told to this process.
type others struct {
	turns   stripes.Locks // of a transfer: one message at a time
	parts   map[way]Part  // as they are kept
	forgets time.Time     // when messages are forgotten next
}

var _ transfer.ToldEvidence = (*Recorder)(nil)

// MovedAsTold implements transfer.ToldEvidence.
func (r *Recorder) MovedAsTold(ctx context.Context, contextID, process, id string, list []transfer.Movement) error {
	defer r.others.turns.Lock(contextID, process)()
	b := Batch{Told: []Told{{Context: contextID, Transfer: process, ID: id, At: r.cfg.Now()}}}
	var bodies []Body
	b.Parts, bodies = r.counts(list)
	if len(b.Parts)+len(bodies) == 0 {
		return nil
	}
	err := r.keep(ctx, b, bodies)
	if errors.Is(err, ErrTold) {
		return nil
	}
	r.mu.Lock()
	for _, p := range b.Parts {
		w := way{p.Context, p.Transfer, p.Sent}
		if err == nil {
			r.others.parts[w] = p
		} else {
			delete(r.others.parts, w) // it may be kept: what comes next is beside it
		}
	}
	r.mu.Unlock()
	if err == nil {
		r.look() // it may have come late, to a transfer that rests
	}
	return err
}

// counts are the parts of this process with some movements more, and those that
// have rows of their own.
func (r *Recorder) counts(list []transfer.Movement) (parts []Part, bodies []Body) {
	more := map[way]Totals{}
	for _, m := range list {
		if nothing(m) {
			continue
		}
		if m.Method != http.MethodHead {
			w := way{m.Context, m.Process, m.Sent}
			more[w] = more[w].Plus(totals(m))
		}
		if alone(m) {
			bodies = append(bodies, r.body(m))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.others.parts == nil || len(r.others.parts) >= maxParts {
		r.others.parts = map[way]Part{} // what comes next begins new ones
	}
	for w, t := range more {
		p, ok := r.others.parts[w]
		if !ok {
			p = Part{Context: w.context, Transfer: w.transfer, Sent: w.sent, ID: r.cfg.NewID()}
		}
		p.Totals = p.Plus(t)
		parts = append(parts, p)
	}
	return parts, bodies
}

// forgetTold forgets messages of long ago.
func (r *Recorder) forgetTold(ctx context.Context, now time.Time) error {
	if now.Before(r.others.forgets) {
		return nil
	}
	n, err := r.cfg.Store.DropTold(ctx, now.Add(-toldFor), forgetPage)
	if err == nil && n < forgetPage {
		r.others.forgets = now.Add(forgetEvery)
	}
	return err
}
