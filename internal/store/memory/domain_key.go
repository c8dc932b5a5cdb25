// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

// key returns the newest key that fits.
func (d *domain) key(fits func(trust.SealedKey) bool) (trust.SealedKey, error) {
	for _, k := range slices.Backward(d.keys) {
		if fits(k) {
			k.PEM = bytes.Clone(k.PEM)
			return k, nil
		}
	}
	return trust.SealedKey{}, trust.ErrNoKey
}

func hasUse(use string) func(trust.SealedKey) bool {
	return func(k trust.SealedKey) bool { return k.Use == use }
}

func hasID(id string) func(trust.SealedKey) bool {
	return func(k trust.SealedKey) bool { return k.ID == id }
}

// CurrentKey implements trust.KeyRows.
func (s *Store) CurrentKey(_ context.Context, contextID, use string) (k trust.SealedKey, err error) {
	s.look(contextID, func(d *domain) { k, err = d.key(hasUse(use)) })
	return k, err
}

// KeyByID implements trust.KeyRows.
func (s *Store) KeyByID(_ context.Context, contextID, id string) (k trust.SealedKey, err error) {
	s.look(contextID, func(d *domain) { k, err = d.key(hasID(id)) })
	return k, err
}

// FirstKey implements trust.KeyRows.
func (s *Store) FirstKey(_ context.Context, contextID string, k trust.SealedKey) (kept trust.SealedKey, err error) {
	err = s.change(contextID, rule.Key(contextID, k), func(d *domain) error {
		var missing error
		if kept, missing = d.key(hasUse(k.Use)); missing == nil {
			return nil
		}
		if slices.ContainsFunc(d.keys, hasID(k.ID)) {
			return fmt.Errorf("%w: the key %q has another use", rule.ErrInvalid, k.ID)
		}
		k.PEM = bytes.Clone(k.PEM)
		d.keys = append(d.keys, k)
		kept, missing = d.key(hasUse(k.Use))
		return missing
	})
	return kept, err
}
