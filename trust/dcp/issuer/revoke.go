// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// Revoke ends a credential for good. ErrNotFound, ErrRevoked.
func (s *Service) Revoke(ctx context.Context, contextID, credentialID, reason string) (Credential, error) {
	return s.set(ctx, contextID, credentialID, Revoked, reason)
}

// Suspend has a credential refused until it is restored. ErrNotFound,
// ErrRevoked, ErrNoSuspension.
func (s *Service) Suspend(ctx context.Context, contextID, credentialID, reason string) (Credential, error) {
	return s.set(ctx, contextID, credentialID, Suspended, reason)
}

// Restore ends a suspension. ErrNotFound, ErrRevoked.
func (s *Service) Restore(ctx context.Context, contextID, credentialID, reason string) (Credential, error) {
	return s.set(ctx, contextID, credentialID, Active, reason)
}

// set changes a state. From the moment it returns, the lists of this process
// show it; those that were signed before are good until their end, as are those
// of other replicas for half of their lifetime.
func (s *Service) set(ctx context.Context, contextID, id, state, reason string) (Credential, error) {
	c, err := s.cfg.Store.IssuedCredential(ctx, contextID, id)
	switch {
	case err != nil:
		return c, err
	case c.State == state:
		return c, nil
	case state == Suspended && !suspendable(c):
		return c, fmt.Errorf("%w: %s", ErrNoSuspension, c.Type)
	}
	next := c
	next.State, next.Reason, next.Changed = state, printable(reason), s.cfg.Now()
	err = s.cfg.Store.SetCredentialState(ctx, contextID, id, next.State, next.Reason, next.Changed)
	s.forget(contextID) // also after an error: it may have been written
	switch {
	case changed(err):
		return c, ErrRevoked
	case err != nil:
		return c, err
	}
	s.log(contextID, fmt.Sprintf("credential %s of %s is now %s: %s", id, c.Holder, state, next.Reason), nil)
	return next, nil
}

// suspendable reports whether a credential says where its suspension would be
// seen: what the issuer does now may not be what it did then.
func suspendable(c Credential) bool {
	signed, err := vc.Read(c.Raw)
	return err == nil && slices.ContainsFunc(signed.Status, func(e trust.StatusEntry) bool { return e.Purpose == status.Suspension })
}

// IssuedCredential returns one that was issued. ErrNotFound.
func (s *Service) IssuedCredential(ctx context.Context, contextID, id string) (Credential, error) {
	return s.cfg.Store.IssuedCredential(ctx, contextID, id)
}

// IssuedCredentials lists what was issued, newest first, from before an id on; an
// empty holder means all.
func (s *Service) IssuedCredentials(ctx context.Context, contextID, holder, before string, limit int) ([]Credential, error) {
	return s.cfg.Store.IssuedCredentials(ctx, contextID, holder, before, limit)
}
