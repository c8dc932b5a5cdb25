// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Monitor stops running transfers that their policies no longer permit, and
// tells the peer. A body that is being sent is cut by its data plane, which
// asks Running at least once a second; the monitor makes the process follow,
// and finds those of which nothing is being sent. Every replica runs one: two
// that stop the same transfer are told apart by the compare-and-set.
type Monitor struct {
	Service *Service
	Open    OpenStore
	// Unclear is told of a transfer that could not be judged: a status list may
	// be out of reach. No data flows meanwhile, since each byte asks the same;
	// the others are looked at all the same.
	Unclear func(c engine.Change, err error)

	swept time.Time // when the last look at all transfers began
	took  time.Duration
	found bool         // something ran then
	begun atomic.Int64 // when a transfer last began here, in nanoseconds
}

const (
	// sweepEvery is how often all running transfers are looked at, at most, and
	// sweepIdle while none runs. One that begins on this replica ends the
	// idleness; one that began on another is that one's to look at, and ours
	// should it die.
	sweepEvery = 2 * time.Second
	sweepIdle  = 30 * time.Second
	// sweepShare bounds the part of the time that goes into looking: one in so
	// many, as long as the pause is no longer than sweepPause. A status list that
	// is out of reach makes a look long, and is no reason to look away.
	sweepShare = 20
	sweepPause = 10 * time.Second
	sweepPage  = 200
)

// Wake tells that something was denied, or has begun.
func (m *Monitor) Wake() <-chan struct{} { return m.Service.denials.wake }

// Began tells that a transfer is about to begin here (PolicyPoint.Began).
func (m *Monitor) Began() {
	now := m.Service.Now()
	if before := m.begun.Swap(now.UnixNano()); now.Sub(time.Unix(0, before)) > sweepIdle {
		m.Service.denials.call() // else somebody looks soon
	}
}

// pause is how long after the begin of a look the next one is due.
func (m *Monitor) pause(now time.Time) time.Duration {
	if lately := now.Sub(time.Unix(0, m.begun.Load())) < 2*sweepIdle; !m.found && !lately {
		return sweepIdle
	}
	return max(sweepEvery, m.took+min((sweepShare-1)*m.took, sweepPause))
}

// Work stops what was reported and, every few seconds, what is found. It
// returns when it wants to be called again.
func (m *Monitor) Work(ctx context.Context) (next time.Time, err error) {
	m.reported(ctx)
	now := m.Service.Now()
	if since := now.Sub(m.swept); since < m.pause(now) && since >= 0 {
		return m.swept.Add(m.pause(now)), nil
	}
	m.swept = now
	found, err := m.sweep(ctx)
	m.found = found || err != nil
	m.took = max(m.Service.Now().Sub(now), 0)
	return now.Add(m.pause(now)), err
}

// reported stops what was found denied while data was asked for.
func (m *Monitor) reported(ctx context.Context) {
	for c, more := range m.Service.denials.take() {
		m.look(ctx, c, more)
	}
}

func (m *Monitor) look(ctx context.Context, c engine.Change, more int64) {
	if err := m.Service.enforce(ctx, c, more); err != nil && ctx.Err() == nil && m.Unclear != nil {
		m.Unclear(c, err)
	}
}

// sweep looks at all transfers, and tells whether there was one.
func (m *Monitor) sweep(ctx context.Context) (found bool, err error) {
	var after engine.Change
	for {
		page, err := m.Open.OpenTransfers(ctx, after, sweepPage)
		if err != nil {
			return found, err
		}
		found = found || len(page) > 0
		for _, c := range page {
			// What is being read comes before what nobody reads.
			m.reported(ctx)
			m.look(ctx, c, 0)
			after = c
		}
		if len(page) < sweepPage {
			return found, ctx.Err()
		}
	}
}

// denials are transfers that were found denied while data was asked for, with
// the bytes that could not be sent. Losing one costs a few seconds: the sweep
// finds it.
type denials struct {
	wake chan struct{}

	mu   sync.Mutex
	list map[engine.Change]int64
}

const maxDenials = 10_000

func newDenials() *denials {
	return &denials{wake: make(chan struct{}, 1), list: make(map[engine.Change]int64)}
}

func (d *denials) report(c engine.Change, more int64) {
	d.mu.Lock()
	if len(d.list) < maxDenials {
		d.list[c] = max(d.list[c], more)
	}
	d.mu.Unlock()
	d.call()
}

func (d *denials) call() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *denials) take() map[engine.Change]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.list
	d.list = make(map[engine.Change]int64)
	return list
}

// Exhausted has a transfer stopped that has used up what its policy grants;
// want is how many bytes it could not send.
func (s *Service) Exhausted(contextID, id string, want int64) {
	s.denials.report(engine.Change{Context: contextID, Process: id}, max(want, 1))
}
