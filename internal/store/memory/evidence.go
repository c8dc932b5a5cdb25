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
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// partKey names a part of what was moved.
type partKey struct {
	transfer string
	sent     bool
	id       string
}

// moved is a part, and how much of it was counted when it was sealed.
type moved struct {
	evidence.Part
	sealed int64
}

// toldKey names a message of a data plane.
type toldKey struct{ transfer, id string }

// KeepEvidence implements evidence.Store.
func (s *Store) KeepEvidence(_ context.Context, b evidence.Batch) error {
	if err := rule.Evidence(b); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range b.Told {
		if _, kept := s.part(t.Context).told[toldKey{t.Transfer, t.ID}]; kept {
			return evidence.ErrTold
		}
	}
	for _, t := range b.Told {
		set(&s.part(t.Context).told, toldKey{t.Transfer, t.ID}, rule.Round(t.At))
	}
	for _, p := range b.Parts {
		pt, k := s.part(p.Context), partKey{p.Transfer, p.Sent, p.ID}
		was := pt.moved[k]
		if p.Bodies < was.Bodies || p.Cut < was.Cut {
			continue
		}
		p.First, p.Last = rule.Round(p.First), rule.Round(p.Last)
		set(&pt.moved, k, moved{p, was.sealed})
	}
	for _, k := range b.Bodies {
		pt := s.part(k.Context)
		if _, kept := pt.bodies[k.ID]; kept {
			continue
		}
		k.Began, k.Ended = rule.Round(k.Began), rule.Round(k.Ended)
		set(&pt.bodies, k.ID, k.Body)
		pt.applyJournal([]engine.Entry{k.Journal})
	}
	return nil
}

// EvidenceParts implements evidence.Store.
func (s *Store) EvidenceParts(_ context.Context, contextID string, transfers []string) (list []evidence.Part, err error) {
	s.look(contextID, func(d *domain) {
		list = d.partsOf(func(k partKey) bool { return slices.Contains(transfers, k.transfer) })
	})
	return list, nil
}

func (d *domain) partsOf(selects func(partKey) bool) (list []evidence.Part) {
	for k, m := range d.moved {
		if selects(k) {
			list = append(list, m.Part)
		}
	}
	slices.SortFunc(list, evidence.ComparePart)
	return list
}

// EvidenceBodies implements evidence.Store.
func (s *Store) EvidenceBodies(_ context.Context, contextID, transferID, after string, limit int) (list []evidence.Body, err error) {
	s.look(contextID, func(d *domain) {
		for _, id := range slices.Sorted(maps.Keys(d.bodies)) {
			if b := d.bodies[id]; b.Transfer == transferID && id > after && (limit <= 0 || len(list) < limit) {
				list = append(list, b)
			}
		}
	})
	return list, nil
}

// HasBody implements evidence.Store.
func (s *Store) HasBody(_ context.Context, b evidence.Body) (has bool, err error) {
	s.look(b.Context, func(d *domain) {
		for _, k := range d.bodies {
			has = has || k.Same(b)
		}
	})
	return has, nil
}

// EvidenceTransfers implements evidence.Store.
func (s *Store) EvidenceTransfers(_ context.Context, contextID string, q evidence.Query) (list []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.parts[contextID]
	if pt == nil {
		return nil, nil
	}
	seen := map[string]bool{}
	for k := range pt.moved {
		p := pt.processes[k.transfer]
		under := q.Agreement == "" || p != nil && p.record.Subject == q.Agreement
		if !seen[k.transfer] && under && (q.Before == "" || k.transfer < q.Before) {
			list = append(list, k.transfer)
		}
		seen[k.transfer] = true
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(b, a) })
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list, nil
}
