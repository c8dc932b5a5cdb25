// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

// Receiving tells the consumer's data plane, from the store, whether data may be
// pushed to it now, which only a nil error means. Else it is ErrNoTransfer,
// ErrNotStarted, ErrSuspended, ErrEnded, ErrAgreementEnded, or one of the store.
func (s *Service) Receiving(ctx context.Context, contextID, id string) error {
	r, err := s.load(ctx, contextID, id)
	if errors.Is(err, engine.ErrNotFound) || err == nil && r.Role != consumer {
		return ErrNoTransfer
	}
	if err != nil {
		return err
	}
	d, err := read(r)
	if err != nil {
		return err
	}
	if r.State == "" || r.State == Requested {
		return ErrNotStarted
	}
	if err := d.mayFlow(r); err != nil {
		return err
	}
	a, err := s.Agreements.Agreement(ctx, contextID, r.Subject)
	if errors.Is(err, negotiation.ErrNoAgreement) || err == nil && !a.InForce() {
		return ErrAgreementEnded
	}
	return err
}
