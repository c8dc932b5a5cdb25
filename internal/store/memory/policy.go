// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// meter is what was used of an agreement.
type meter struct {
	started map[string]bool // processes
	bytes   int64
}

// metered calls f with the meter of an agreement, if check passes.
func (s *Store) metered(contextID, agreement string, check error, f func(*meter) error) error {
	return s.change(contextID, check, func(d *domain) error {
		if d.meters[agreement] == nil {
			set(&d.meters, agreement, &meter{started: map[string]bool{}})
		}
		return f(d.meters[agreement])
	})
}

// ClaimStart implements transfer.Meters.
func (s *Store) ClaimStart(_ context.Context, contextID, agreement, process string, limit int64) (started int64, err error) {
	err = s.metered(contextID, agreement, rule.MeterStart(contextID, agreement, process), func(m *meter) error {
		started = int64(len(m.started))
		switch {
		case m.started[process]:
			return nil
		case limit >= 0 && started >= limit:
			return transfer.ErrExhausted
		}
		m.started[process] = true
		started++
		return nil
	})
	return started, err
}

// ReleaseStart implements transfer.Meters.
func (s *Store) ReleaseStart(_ context.Context, contextID, agreement, process string) error {
	return s.metered(contextID, agreement, rule.MeterStart(contextID, agreement, process), func(m *meter) error {
		delete(m.started, process)
		return nil
	})
}

// TakeBytes implements transfer.Meters.
func (s *Store) TakeBytes(_ context.Context, contextID, agreement, _ string, want, limit int64) (granted int64, err error) {
	err = s.metered(contextID, agreement, rule.MeterBytes(contextID, agreement, want), func(m *meter) error {
		granted = rule.Granted(m.bytes, want, limit)
		m.bytes += granted
		return nil
	})
	return granted, err
}

// ReturnBytes implements transfer.Meters.
func (s *Store) ReturnBytes(_ context.Context, contextID, agreement, _ string, n int64) error {
	return s.metered(contextID, agreement, rule.MeterBytes(contextID, agreement, n), func(m *meter) error {
		if n > m.bytes {
			return rule.ErrNotTaken
		}
		m.bytes -= n
		return nil
	})
}

// Usage implements transfer.Meters.
func (s *Store) Usage(_ context.Context, contextID, agreement string) (u transfer.Usage, err error) {
	s.look(contextID, func(d *domain) {
		if m := d.meters[agreement]; m != nil {
			u = transfer.Usage{Started: int64(len(m.started)), Bytes: m.bytes}
		}
	})
	return u, nil
}

// relationKey orders relations as their lists do.
type relationKey struct{ party, kind string }

func compareRelations(a, b relationKey) int {
	return cmp.Or(cmp.Compare(a.party, b.party), cmp.Compare(a.kind, b.kind))
}

// Relations implements trust.RelationStore.
func (s *Store) Relations(_ context.Context, contextID string, parties []string) ([]trust.Relation, error) {
	return s.relationsOf(contextID, func(k relationKey) bool { return slices.Contains(parties, k.party) }), nil
}

// ListRelations implements trust.RelationStore.
func (s *Store) ListRelations(_ context.Context, contextID, after string, limit int) ([]trust.Relation, error) {
	var last relationKey
	last.party, last.kind = trust.ParseRelationKey(after)
	list := s.relationsOf(contextID, func(k relationKey) bool { return compareRelations(k, last) > 0 })
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}

func (s *Store) relationsOf(contextID string, selects func(relationKey) bool) (list []trust.Relation) {
	s.look(contextID, func(d *domain) {
		for _, k := range slices.SortedFunc(maps.Keys(d.relations), compareRelations) {
			if selects(k) {
				list = append(list, d.relations[k])
			}
		}
	})
	return list
}

// PutRelation implements trust.RelationStore.
func (s *Store) PutRelation(_ context.Context, contextID string, r trust.Relation) error {
	return s.change(contextID, rule.Relation(contextID, r), func(d *domain) error {
		r.Since = rule.Round(r.Since)
		set(&d.relations, relationKey{r.Party, r.Kind}, r)
		return nil
	})
}

// DeleteRelation implements trust.RelationStore.
func (s *Store) DeleteRelation(_ context.Context, contextID, party, kind string) (err error) {
	s.look(contextID, func(d *domain) {
		if _, known := d.relations[relationKey{party, kind}]; !known {
			err = trust.ErrNoRelation
		}
		delete(d.relations, relationKey{party, kind})
	})
	return err
}

// OpenTransfers implements transfer.OpenStore.
func (s *Store) OpenTransfers(_ context.Context, after engine.Change, limit int) (list []engine.Change, err error) {
	order := func(a, b engine.Change) int {
		return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.Process, b.Process))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, pt := range s.parts {
		for id, p := range pt.processes {
			if c := (engine.Change{Context: name, Process: id}); order(c, after) > 0 && transfer.MayRun(p.record) {
				list = append(list, c)
			}
		}
	}
	slices.SortFunc(list, order)
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}
