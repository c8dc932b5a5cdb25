// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// quantum is how many bytes are taken from an agreement's meter at once, and
// maxQuantum how many of a body that goes on. To take is a durable write, and
// is not done for each piece of a body; what was taken and not sent is given
// back at the end, and after a crash stays counted. The last reserve bytes
// below the limit are taken piece by piece: what one body keeps and may not
// need is not denied to another one meanwhile. For the same reason no more is
// taken than a body has left, where its length is known.
const (
	quantum    = 1 << 20
	maxQuantum = 64 * quantum
	reserve    = 4 * quantum
)

// meter counts the bytes of one body where the policy limits them.
type meter struct {
	left   int64 // taken and not yet sent
	taken  int64 // the next quantum grows with what was taken
	whole  int64 // length of the body; 0: it is not known
	wanted int64 // could not be sent
	near   bool  // the limit is near
	more   func(want, limit int64) (granted int64, err error)
}

// take returns how many of n bytes may be sent now. With fewer than n the
// error is transfer.ErrExhausted, or why it cannot be told.
func (g *gate) take(n int) (granted int, err error) {
	if !g.run.Metered || n == 0 {
		return n, nil
	}
	if g.cfg.Meters == nil {
		return 0, fmt.Errorf("%w: nothing here counts bytes", transfer.ErrExhausted)
	}
	if err := g.fill(int64(n)); err != nil {
		return 0, err
	}
	if g.left >= int64(n) {
		return n, nil
	}
	g.wanted = int64(n) - g.left
	return int(g.left), transfer.ErrExhausted
}

// fill takes what is missing to n bytes: more where there is plenty, else no
// more than that.
func (g *gate) fill(n int64) error {
	limit := g.run.ByteLimit
	if g.left < n && !g.near && (limit < 0 || limit > reserve) {
		ample := max(n, min(quantum+g.taken/8, maxQuantum, g.rest())) - g.left
		if limit >= 0 {
			limit -= reserve
		}
		got, err := g.obtain(ample, limit)
		if err != nil {
			return err
		}
		g.near = got < ample
	}
	if g.left >= n {
		return nil
	}
	_, err := g.obtain(n-g.left, g.run.ByteLimit)
	return err
}

// rest is how much of the body is not sent yet, at most.
func (g *gate) rest() int64 {
	if g.whole <= 0 {
		return math.MaxInt64
	}
	return g.whole - g.sent
}

func (g *gate) obtain(want, limit int64) (got int64, err error) {
	got, err = g.more(want, limit)
	if err == nil {
		g.left += got
		g.taken += got
	}
	return got, err
}

// spent counts what was sent.
func (g *gate) spent(n int) {
	if g.run.Metered {
		g.left -= int64(n)
	}
}

// settleTime bounds the end of a body whose request is over.
const settleTime = 5 * time.Second

// settle gives back what was not sent, and tells of what could not be.
func (g *gate) settle(ctx context.Context) {
	if g.left > 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
		// If it fails, more is counted than was sent, never less.
		_ = g.cfg.Meters.ReturnBytes(ctx, g.run.Context, g.run.Agreement, g.run.Process, g.left)
		g.left = 0
	}
	if g.wanted > 0 {
		g.cfg.Transfers.Exhausted(g.run.Context, g.run.Process, g.wanted)
	}
}
