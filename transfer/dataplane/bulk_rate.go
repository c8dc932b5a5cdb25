// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// pace bounds the bytes that pass in a second, of all who share it.
type pace struct {
	rate  int64 // bytes a second
	now   func() time.Time
	timer timer

	mu   sync.Mutex
	free time.Time // when the bytes that have passed are paid for
}

// burst is how far what passes may run ahead.
const burst = 100 * time.Millisecond

// newPace returns nil for a rate of 0, which bounds nothing.
func newPace(rate int64, now func() time.Time, timer timer) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate, now: now, timer: timer}
}

// piece is how many bytes to move together, up to most.
func (p *pace) piece(most int) int {
	if p == nil {
		return most
	}
	return int(min(int64(most), max(p.rate/16, 1<<10)))
}

// wait takes n bytes, and returns when they may pass.
func (p *pace) wait(ctx context.Context, n int) error {
	if p == nil || n <= 0 {
		return nil
	}
	p.mu.Lock()
	now := p.now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	pause := p.free.Sub(now) - burst
	p.mu.Unlock()
	if pause <= 0 {
		return nil
	}
	return p.timer.sleep(ctx, pause)
}

// paces are shared by all who read one source here.
type paces struct {
	mu sync.Mutex
	of map[[2]string]*pace // by participant and dataset
}

// maxPaces bounds the sources that are remembered.
const maxPaces = 1024

// slowed returns w, which takes no more bytes a second than the source may
// give to all together.
func (p *paces) slowed(ctx context.Context, w http.ResponseWriter, c Config, run transfer.Running, s Source) http.ResponseWriter {
	if s.Rate <= 0 || p == nil {
		return w
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k := [2]string{run.Context, run.Dataset}
	shared := p.of[k]
	if shared == nil || shared.rate != s.Rate {
		if len(p.of) >= maxPaces {
			clear(p.of)
		}
		shared = newPace(s.Rate, c.Now, c.Timer)
		p.of[k] = shared
	}
	return &slow{w, ctx, shared}
}

// slow is a ResponseWriter that waits.
type slow struct {
	http.ResponseWriter
	ctx  context.Context //nolint:containedctx // of the request that it answers
	pace *pace
}

// Unwrap lets http.ResponseController find what is below.
func (s *slow) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *slow) Write(b []byte) (sent int, err error) {
	for len(b) > 0 {
		n := min(len(b), s.pace.piece(pieceSize))
		if err := s.pace.wait(s.ctx, n); err != nil {
			return sent, err
		}
		n, err := s.ResponseWriter.Write(b[:n])
		if sent += n; err != nil {
			return sent, err
		}
		b = b[n:]
	}
	return sent, nil
}
