// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Load reads what was registered or removed, here or at another replica. What is
// unchanged keeps what is known of its health.
func (r *Registry) Load(ctx context.Context) error {
	r.storing.Lock()
	defer r.storing.Unlock()
	rows, err := r.cfg.Store.RegisteredPlanes(ctx)
	if err != nil {
		return err
	}
	stored := map[[2]string]bool{}
	for _, row := range rows {
		at := [2]string{row.Context, row.ID}
		stored[at] = true
		if k, ok := r.at(at); ok && (k.Configured || k.doc == string(row.Doc)) {
			continue
		}
		p := Plane{}
		if err := json.Unmarshal(row.Doc, &p); err != nil {
			r.cfg.Log.Warn("a registered data plane cannot be read", "participant", row.Context, "plane", row.ID, "error", err)
			continue
		}
		p.ID, p.Context = row.ID, row.Context
		r.put(p, string(row.Doc))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for at, k := range r.planes {
		if !k.Configured && !stored[at] {
			r.drop(at)
		}
	}
	return nil
}

// Register keeps a plane that introduced itself with a key, or what it says anew
// of itself. added: it was not known. ErrMessage, ErrPlaneTaken.
func (r *Registry) Register(ctx context.Context, p Plane, key string) (added bool, err error) {
	p.KeyHash, p.Anonymous, p.Retired, p.RetiredAt, p.Registered = HashKey(key), false, false, time.Time{}, r.cfg.Now().UTC()
	if err := p.check(); err != nil {
		return false, err
	}
	if err := r.Load(ctx); err != nil {
		return false, err
	}
	before, known := r.at([2]string{p.Context, p.ID})
	_, common := r.at([2]string{"", p.ID})
	if common || known && (before.Configured || !sameHash(before.KeyHash, p.KeyHash)) {
		return false, ErrPlaneTaken
	}
	return !known, r.keep(ctx, p)
}

func (r *Registry) keep(ctx context.Context, p Plane) error {
	r.storing.Lock()
	defer r.storing.Unlock()
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.PutPlane(ctx, transfer.Registered{Context: p.Context, ID: p.ID, Doc: doc}); err != nil {
		return fmt.Errorf("keeping the data plane: %w", err)
	}
	r.put(p, string(doc))
	return nil
}
