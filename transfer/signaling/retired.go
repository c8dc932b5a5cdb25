// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Errors of Remove.
var (
	// ErrPlaneActive: it is in the configuration, or may be given new flows.
	ErrPlaneActive = errors.New("the data plane is not retired")
	// ErrPlaneBusy: it has a transfer that is not at its end.
	ErrPlaneBusy = errors.New("the data plane has a transfer that is not at its end")
	// ErrPlaneLeaving: another replica may not know yet that it is retired, and
	// give it a transfer. Try again in half a minute.
	ErrPlaneLeaving = errors.New("the data plane was retired just now")
)

// leaveTime is how long other replicas may give flows to a plane that is retired:
// they look for that every few seconds, and what they chose before is kept within
// the time of a request.
const leaveTime = 30 * time.Second

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
	return r.retire(ctx, k.Plane)
}

// retire keeps since when a plane is given no new flow.
func (r *Registry) retire(ctx context.Context, p Plane) error {
	if p.RetiredAt.IsZero() {
		p.RetiredAt = r.cfg.Now().UTC()
	}
	return r.keep(ctx, p)
}

// Remove forgets a plane that is given no new flow, by any replica, once it has
// none any more. Of one whose key was revoked, that time is counted from the
// first call. ErrNoPlane, ErrPlaneActive, ErrPlaneLeaving, ErrPlaneBusy.
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
	case r.cfg.Alone:
	case k.RetiredAt.IsZero():
		return errors.Join(ErrPlaneLeaving, r.retire(ctx, k.Plane))
	case r.cfg.Now().Before(k.RetiredAt.Add(leaveTime)):
		return ErrPlaneLeaving
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
	err := r.cfg.Store.DropPlane(ctx, transfer.Registered{Context: k.Context, ID: id, Doc: []byte(k.doc)})
	if errors.Is(err, transfer.ErrPlaneChanged) {
		return ErrPlaneActive // it has registered anew meanwhile, here or at another replica
	}
	if err != nil {
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
