// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

// PutPlane implements transfer.PlaneStore.
func (s *Store) PutPlane(_ context.Context, p transfer.Registered) error {
	return s.change(p.Context, rule.Plane(p), func(d *domain) error {
		set(&d.planes, p.ID, slices.Clone(p.Doc))
		return nil
	})
}

// DropPlane implements transfer.PlaneStore.
func (s *Store) DropPlane(_ context.Context, p transfer.Registered) (err error) {
	s.look(p.Context, func(d *domain) {
		if doc, ok := d.planes[p.ID]; ok && !bytes.Equal(doc, p.Doc) {
			err = transfer.ErrPlaneChanged
			return
		}
		delete(d.planes, p.ID)
	})
	return err
}

// RegisteredPlanes implements transfer.PlaneStore.
func (s *Store) RegisteredPlanes(context.Context) ([]transfer.Registered, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []transfer.Registered
	for name, pt := range s.parts {
		for id, doc := range pt.planes {
			list = append(list, transfer.Registered{Context: name, ID: id, Doc: slices.Clone(doc)})
		}
	}
	slices.SortFunc(list, func(a, b transfer.Registered) int {
		return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}
