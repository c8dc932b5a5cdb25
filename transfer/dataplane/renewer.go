// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// RenewerConfig is what a Renewer needs.
type RenewerConfig struct {
	HTTP   *safehttp.Client // Foreign: the provider chose the endpoint
	Access transfer.AccessStore
	// Proof returns a token, signed by our participant's DID for audience,
	// that embeds an access token and can be used once.
	Proof func(ctx context.Context, contextID, audience, accessToken string) (string, error)
	// Receiving says whether data may come, as transfer.Service.Receiving does:
	// of a transfer that is over no tokens are kept. Nil: none is known to be.
	Receiving func(ctx context.Context, contextID, process string) error
	Now       func() time.Time
	Timer     func(d time.Duration) (fired <-chan time.Time, stop func())
	ID        string // of this replica
}

// Renewer keeps the tokens of our pulls good, as consumer: one renewal at a
// time for each transfer, of all callers and replicas together. Meanwhile the
// old token is used; once it has expired, callers wait.
//
//	call ──> in memory? ──> good ─────────────────────────────> token
//	                        due ──> renewal in the background ──> token, the old one
//	                        expired ──> wait for the renewal ──> token
//	renewal ──> claim in the store ──> POST ──lost──> POST with the same token ──> store ──> token
//
// What is stored is of the newest start that anybody here has seen. A renewal of
// an earlier one ends with ErrSuperseded, whenever its answer comes.
type Renewer struct {
	cfg RenewerConfig

	flights sync.WaitGroup

	mu     sync.Mutex
	pulls  map[[2]string]*pull
	cancel map[*flight]func()
	closed bool
}

// pull is what is in memory of one address of a transfer.
type pull struct {
	base  []byte
	start int64 // as held.Start; under the Renewer's mu

	mu     sync.Mutex
	loaded bool
	now    held
	flight *flight
	failed error     // of the last renewal
	again  time.Time // when another may be tried
}

// flight is a renewal under way.
type flight struct {
	done chan struct{}
	err  error
}

// maxPulls bounds what is in memory; the rest is in the store.
const maxPulls = 10_000

// NewRenewer returns a Renewer.
func NewRenewer(c RenewerConfig) *Renewer {
	return &Renewer{cfg: c, pulls: map[[2]string]*pull{}, cancel: map[*flight]func(){}}
}

// Close gives up the renewals that are under way, and returns when they have
// ended. Nothing may be asked for any more.
func (r *Renewer) Close() {
	r.mu.Lock()
	r.closed = true
	for _, cancel := range r.cancel {
		cancel()
	}
	r.mu.Unlock()
	r.flights.Wait()
}

// ErrRenewal: the token of a pull has expired and could not be renewed. The
// error says why; a *FetchError in it is the provider's answer.
var ErrRenewal = errors.New("the token of the transfer could not be renewed")

// Token returns a token that is good now. refused is one that the provider has
// just refused as expired, if so: it is not returned again. ErrSuperseded,
// ErrRenewal.
func (r *Renewer) Token(ctx context.Context, c Pulling, refused string) (string, error) {
	renewal, ok := c.Address.Renewal()
	if !ok {
		return c.Address.Get(transfer.PropertyAuthorization), nil
	}
	p, err := r.pull(c)
	if err != nil {
		return "", err
	}
	for range maxTries {
		h, f, err := r.look(ctx, p, c, renewal, refused)
		if f == nil || err != nil {
			return h.Access, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if f.err != nil {
			return "", f.err
		}
	}
	return "", fmt.Errorf("%w: it expires as soon as it comes", ErrRenewal)
}

// Address returns the address of a pull with a token that is good now.
func (r *Renewer) Address(ctx context.Context, c Pulling, refused string) (transfer.DataAddress, error) {
	token, err := r.Token(ctx, c, refused)
	if err != nil {
		return c.Address, err
	}
	a := c.Address
	a.Properties = make([]transfer.Property, len(c.Address.Properties))
	for i, p := range c.Address.Properties {
		if p.Name == transfer.PropertyAuthorization {
			p.Value = token
		}
		a.Properties[i] = p
	}
	return a, nil
}

// Each calls f with the address of a pull, and once more with a new token if the
// provider says that the token is not good any more.
func (r *Renewer) Each(ctx context.Context, c Pulling, f func(transfer.DataAddress) error) error {
	_, renewable := c.Address.Renewal()
	refused := ""
	for {
		a, err := r.Address(ctx, c, refused)
		if err != nil {
			return err
		}
		err = f(a)
		said, answered := errors.AsType[*FetchError](err)
		if !answered || said.Status != http.StatusUnauthorized || !renewable || refused != "" {
			return err
		}
		refused = a.Get(transfer.PropertyAuthorization)
	}
}

// pull finds what is in memory. A newer address takes the place of the one
// before, whose renewal may go on meanwhile and is nobody's then.
func (r *Renewer) pull(c Pulling) (*pull, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, base := [2]string{c.Context, c.Process}, c.base()
	p := r.pulls[key]
	switch {
	case p != nil && string(p.base) == string(base):
		p.start = max(p.start, c.Version)
		return p, nil
	case p != nil && p.start >= c.Version:
		return nil, ErrSuperseded
	case p == nil && len(r.pulls) >= maxPulls:
		clear(r.pulls) // who is in one keeps it; the store knows the rest
	}
	p = &pull{base: base, start: c.Version}
	r.pulls[key] = p
	return p, nil
}

// look returns the tokens, or the renewal to wait for.
func (r *Renewer) look(ctx context.Context, p *pull, c Pulling, renewal transfer.Renewal, refused string) (held, *flight, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.loaded {
		h, err := r.load(ctx, c, renewal)
		if err != nil {
			return held{}, nil, err
		}
		p.now, p.loaded = h, true
	}
	now := r.cfg.Now()
	good := p.now.good(now) && p.now.Access != refused
	if good && now.Before(p.now.due()) {
		return p.now, nil, nil
	}
	if p.flight == nil && now.Before(p.again) { // many callers must not ask more often than one
		if good {
			return p.now, nil, nil
		}
		return held{}, nil, p.failed
	}
	if p.flight == nil {
		p.flight = &flight{done: make(chan struct{})}
		f := p.flight
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTime)
		r.flights.Go(func() { r.fly(ctx, cancel, p, f, c, renewal, refused) })
	}
	if good {
		return p.now, nil, nil
	}
	return held{}, p.flight, nil
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

// Forget drops what is kept of a pull that is over.
func (r *Renewer) Forget(ctx context.Context, contextID, process string) error {
	r.mu.Lock()
	delete(r.pulls, [2]string{contextID, process})
	r.mu.Unlock()
	return r.cfg.Access.DropAccess(ctx, contextID, process)
}
