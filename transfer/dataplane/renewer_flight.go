// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// flight is a renewal under way.
type flight struct {
	done chan struct{}
	err  error
}

const (
	flightTime = 30 * time.Second // of all attempts of one renewal
	askTime    = 8 * time.Second  // of one
	claimTime  = 12 * time.Second // longer than one: who claims renews, or is gone
	lookPause  = 50 * time.Millisecond
	failPause  = time.Second // after a renewal that failed
)

// fly renews once, for all who wait.
func (r *Renewer) fly(ctx context.Context, cancel func(), p *pull, f *flight, c Pulling, renewal transfer.Renewal, refused string) {
	r.mu.Lock()
	r.cancel[f] = cancel
	if r.closed {
		cancel()
	}
	r.mu.Unlock()
	defer func() {
		cancel()
		r.mu.Lock()
		delete(r.cancel, f)
		r.mu.Unlock()
	}()
	h, err := r.renewed(ctx, c, renewal, refused)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.now, p.failed, p.again = h, nil, time.Time{}
	} else {
		err = fmt.Errorf("%w: %w", ErrRenewal, err)
		p.failed, p.again = err, r.cfg.Now().Add(failPause)
	}
	f.err, p.flight = err, nil
	close(f.done)
}

// renewed returns tokens that are not due: another replica's, or those that
// the provider gives us.
func (r *Renewer) renewed(ctx context.Context, c Pulling, renewal transfer.Renewal, refused string) (held, error) {
	pause := lookPause
	for {
		h, err := r.load(ctx, c, renewal)
		if err != nil {
			return h, err
		}
		now := r.cfg.Now()
		switch {
		case h.Access != refused && now.Before(h.due()):
			return h, nil
		case h.By != "" && h.By != r.cfg.ID && now.Before(h.Until):
			if err := timer(r.cfg.Timer).sleep(ctx, lookPause); err != nil {
				return h, err
			}
			continue
		}
		h.By, h.Until = r.cfg.ID, now.Add(claimTime)
		if h, err = r.save(ctx, c, h); errors.Is(err, transfer.ErrAccessChanged) {
			continue
		} else if err != nil {
			return h, err
		}
		if err := r.runs(ctx, c); err != nil {
			return h, err
		}
		n, err := r.ask(ctx, c, renewal, h)
		if err == nil {
			if n, err = r.save(ctx, c, n); errors.Is(err, transfer.ErrAccessChanged) {
				continue // our claim was over: what is stored counts
			}
			return n, err
		}
		if final(err) || timer(r.cfg.Timer).sleep(ctx, pause) != nil {
			h.By, h.Until = "", time.Time{}
			_, _ = r.save(context.WithoutCancel(ctx), c, h) // else the claim ends by itself
			return h, err
		}
		pause = min(2*pause, 2*time.Second)
	}
}

// runs forgets what a renewal has just kept of a transfer that is over. It is
// looked at after that was written: whoever ends the transfer does so before
// Forget, so that one of the two finds it.
func (r *Renewer) runs(ctx context.Context, c Pulling) error {
	if r.cfg.Receiving == nil {
		return nil
	}
	err := r.cfg.Receiving(ctx, c.Context, c.Process)
	switch {
	case errors.Is(err, transfer.ErrEnded), errors.Is(err, transfer.ErrNoTransfer):
		return errors.Join(err, r.Forget(ctx, c.Context, c.Process))
	case errors.Is(err, transfer.ErrNotStarted), errors.Is(err, transfer.ErrSuspended), errors.Is(err, transfer.ErrAgreementEnded):
		return nil // the provider says that by itself
	}
	return err
}
