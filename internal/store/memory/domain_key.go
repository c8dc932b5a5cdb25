// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

// key returns the newest key that fits.
func (d *domain) key(fits func(trust.SealedKey) bool) (trust.SealedKey, error) {
	for _, k := range slices.Backward(d.keys) {
		if fits(k) {
			return cloneKey(k), nil
		}
	}
	return trust.SealedKey{}, trust.ErrNoKey
}

func cloneKey(k trust.SealedKey) trust.SealedKey {
	k.PEM, k.Active, k.Retired = bytes.Clone(k.PEM), rule.Round(k.Active), rule.Round(k.Retired)
	return k
}

func hasUse(use string) func(trust.SealedKey) bool {
	return func(k trust.SealedKey) bool { return k.Use == use }
}

func hasID(id string) func(trust.SealedKey) bool {
	return func(k trust.SealedKey) bool { return k.ID == id }
}

// CurrentKey implements trust.KeyRows.
func (s *Store) CurrentKey(_ context.Context, contextID, use string, at time.Time) (k trust.SealedKey, err error) {
	now := rule.Micro(at)
	s.look(contextID, func(d *domain) {
		k, err = d.key(func(k trust.SealedKey) bool {
			return k.Use == use && rule.Micro(k.Active) <= now && (k.Retired.IsZero() || rule.Micro(k.Retired) > now)
		})
	})
	return k, err
}

// KeyByID implements trust.KeyRows.
func (s *Store) KeyByID(_ context.Context, contextID, id string) (k trust.SealedKey, err error) {
	s.look(contextID, func(d *domain) { k, err = d.key(hasID(id)) })
	return k, err
}

// Keys implements trust.KeyRows.
func (s *Store) Keys(_ context.Context, contextID, use string) (list []trust.SealedKey, err error) {
	s.look(contextID, func(d *domain) {
		for _, k := range d.keys {
			if use == "" || k.Use == use {
				list = append(list, cloneKey(k))
			}
		}
	})
	slices.SortStableFunc(list, func(a, b trust.SealedKey) int { return cmp.Compare(a.Use, b.Use) })
	return list, nil
}

// addKey keeps a key of which there is none.
func (d *domain) addKey(k trust.SealedKey) error {
	if slices.ContainsFunc(d.keys, hasID(k.ID)) {
		return trust.ErrKeyExists
	}
	d.keys = append(d.keys, cloneKey(k))
	return nil
}

// FirstKey implements trust.KeyRows.
func (s *Store) FirstKey(_ context.Context, contextID string, k trust.SealedKey) (kept trust.SealedKey, err error) {
	err = s.change(contextID, rule.Key(contextID, k), func(d *domain) error {
		var missing error
		if kept, missing = d.key(hasUse(k.Use)); missing == nil {
			return nil
		}
		if err := d.addKey(k); err != nil {
			return err
		}
		kept, missing = d.key(hasUse(k.Use))
		return missing
	})
	return kept, err
}

// AddKey implements trust.KeyRows.
func (s *Store) AddKey(_ context.Context, contextID string, k trust.SealedKey) error {
	return s.change(contextID, rule.Key(contextID, k), func(d *domain) error { return d.addKey(k) })
}

// RetireKey implements trust.KeyRows.
func (s *Store) RetireKey(_ context.Context, contextID, id string, at time.Time) (err error) {
	s.look(contextID, func(d *domain) {
		i := slices.IndexFunc(d.keys, hasID(id))
		if i < 0 {
			err = trust.ErrNoKey
			return
		}
		d.keys[i].Retired = rule.Round(at)
	})
	return err
}

// DeleteKey implements trust.KeyRows.
func (s *Store) DeleteKey(_ context.Context, contextID, id string) (err error) {
	s.look(contextID, func(d *domain) {
		i := slices.IndexFunc(d.keys, hasID(id))
		if i < 0 {
			err = trust.ErrNoKey
			return
		}
		d.keys = slices.Delete(d.keys, i, i+1)
	})
	return err
}
