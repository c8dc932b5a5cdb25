// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// secret is a named one.
type secret struct {
	value   string
	changed time.Time
}

// Access implements transfer.AccessStore.
func (s *Store) Access(_ context.Context, contextID, process string) (a transfer.Access, err error) {
	a = transfer.Access{Context: contextID, Process: process}
	s.look(contextID, func(d *domain) {
		if known, ok := d.access[process]; ok {
			a.Version, a.Doc = known.Version, slices.Clone(known.Doc)
		}
	})
	return a, nil
}

// PutAccess implements transfer.AccessStore.
func (s *Store) PutAccess(_ context.Context, a transfer.Access) (version int64, err error) {
	err = s.change(a.Context, rule.Access(a), func(d *domain) error {
		if d.access[a.Process].Version != a.Version {
			return transfer.ErrAccessChanged
		}
		version = a.Version + 1
		set(&d.access, a.Process, transfer.Access{Version: version, Doc: slices.Clone(a.Doc)})
		return nil
	})
	return version, err
}

// DropAccess implements transfer.AccessStore.
func (s *Store) DropAccess(_ context.Context, contextID, process string) error {
	s.look(contextID, func(d *domain) { delete(d.access, process) })
	return nil
}

// PutSecret implements trust.SecretStore.
func (s *Store) PutSecret(_ context.Context, contextID, name, value string, now time.Time) error {
	return s.change(contextID, rule.Secret(contextID, name, value, now), func(d *domain) error {
		set(&d.secrets, name, secret{value, rule.Round(now)})
		return nil
	})
}

// Secret implements trust.SecretStore.
func (s *Store) Secret(_ context.Context, contextID, name string) (value string, err error) {
	err = trust.ErrNoSecret
	s.look(contextID, func(d *domain) {
		if known, ok := d.secrets[name]; ok {
			value, err = known.value, nil
		}
	})
	return value, err
}

// Secrets implements trust.SecretStore.
func (s *Store) Secrets(_ context.Context, contextID string) (list []trust.NamedSecret, err error) {
	s.look(contextID, func(d *domain) {
		for _, name := range slices.Sorted(maps.Keys(d.secrets)) {
			list = append(list, trust.NamedSecret{Name: name, Changed: d.secrets[name].changed})
		}
	})
	return list, nil
}

// DeleteSecret implements trust.SecretStore.
func (s *Store) DeleteSecret(_ context.Context, contextID, name string) (err error) {
	err = trust.ErrNoSecret
	s.look(contextID, func(d *domain) {
		if _, ok := d.secrets[name]; ok {
			delete(d.secrets, name)
			err = nil
		}
	})
	return err
}
