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

// Forget drops what is kept of a pull that is over.
func (r *Renewer) Forget(ctx context.Context, contextID, process string) error {
	r.mu.Lock()
	delete(r.pulls, [2]string{contextID, process})
	r.mu.Unlock()
	return r.cfg.Access.DropAccess(ctx, contextID, process)
}
