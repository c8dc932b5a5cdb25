// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
)

// Errors of Remove.
var (
	// ErrPlaneActive: it is in the configuration, or may be given new flows.
	ErrPlaneActive = errors.New("the data plane is not retired")
	// ErrPlaneBusy: it has a transfer that is not at its end.
	ErrPlaneBusy = errors.New("the data plane has a transfer that is not at its end")
)

// Retire gives no new flow to a plane that registered with this key. The flows
// that it has stay with it. ErrNoPlane.
func (r *Registry) Retire(ctx context.Context, contextID, id, key string) error {
	if err := r.Load(ctx); err != nil {
		return err
	}
	k, ok := r.at([2]string{contextID, id})
	if !ok || k.Configured || !sameHash(k.KeyHash, HashKey(key)) {
		return ErrNoPlane
	}
	k.Retired = true
	return r.keep(ctx, k.Plane)
}

// Remove forgets a plane that is given no new flow, once it has none any more.
// ErrNoPlane, ErrPlaneActive, ErrPlaneBusy.
func (r *Registry) Remove(ctx context.Context, contextID, id string) error {
	if err := r.Load(ctx); err != nil {
		return err
	}
	k, ok := r.at([2]string{contextID, id})
	if !ok {
		k, ok = r.at([2]string{"", id})
	}
	switch {
	case !ok:
		return ErrNoPlane
	case k.Configured || !k.Retired && !r.revoked(k.Plane):
		return ErrPlaneActive
	}
	if r.cfg.ServedBy != nil {
		busy, err := r.cfg.ServedBy(ctx, contextID, id)
		switch {
		case err != nil:
			return err
		case busy != "":
			return fmt.Errorf("%w: %s", ErrPlaneBusy, busy)
		}
	}
	r.storing.Lock()
	defer r.storing.Unlock()
	if now, ok := r.at([2]string{k.Context, id}); !ok || now.doc != k.doc {
		return ErrPlaneActive // it has registered anew meanwhile
	}
	if err := r.cfg.Store.DropPlane(ctx, k.Context, id); err != nil {
		return fmt.Errorf("forgetting the data plane: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop([2]string{k.Context, id})
	return nil
}

// drop makes a plane unknown here. mu is held.
func (r *Registry) drop(at [2]string) {
	delete(r.planes, at)
	r.cfg.Set.Remove(at[0], at[1])
}
