// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// Wallet is a participant as the holder of credentials.
type Wallet struct {
	c       *Connector
	context string
}

// Wallet returns the participant's wallet.
func (p *Participant) Wallet() Wallet { return Wallet{p.c, p.context} }

// Request asks an issuer for credentials by type. It is sent in the
// background, until the issuer has it; Await waits.
func (w Wallet) Request(ctx context.Context, issuer string, types ...string) (holder.Request, error) {
	return w.c.identity.holder.Request(ctx, w.context, holder.Wish{Issuer: issuer, Types: types})
}

// Expect lets an issuer deliver credentials that were asked for by other
// means, as in a web form, under the holderPid that was agreed there.
func (w Wallet) Expect(ctx context.Context, issuer, holderPID string) error {
	_, err := w.c.identity.holder.Expect(ctx, w.context, issuer, holderPID)
	return err
}

// look is how often Await looks: what changes a wallet may be another replica.
const look = 20 * time.Millisecond

// Await waits until a request is answered, at most for the time given.
func (w Wallet) Await(ctx context.Context, holderPID string, limit time.Duration) (holder.Request, error) {
	until := w.c.now().Add(limit)
	for {
		r, err := w.c.identity.holder.RequestByID(ctx, w.context, holderPID)
		if err != nil || r.State != holder.Requested && r.State != holder.Received {
			return r, err
		}
		if !w.c.now().Before(until) {
			return r, fmt.Errorf("%w: request %s is %s", ErrTimeout, holderPID, r.State)
		}
		if err := pause(ctx, look); err != nil {
			return r, err
		}
	}
}

// Credentials returns what the wallet holds, newest first.
func (w Wallet) Credentials(ctx context.Context) ([]holder.Stored, error) {
	return w.c.identity.holder.List(ctx, w.context)
}

// Import stores a credential that was obtained by other means.
func (w Wallet) Import(ctx context.Context, credential string) (holder.Stored, error) {
	return w.c.identity.holder.Import(ctx, w.context, credential)
}

// Delete removes a credential from the wallet; it stays valid.
func (w Wallet) Delete(ctx context.Context, id string) error {
	return w.c.identity.holder.Delete(ctx, w.context, id)
}

// pause waits a moment, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	over, stop := timer(d)
	defer stop()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
