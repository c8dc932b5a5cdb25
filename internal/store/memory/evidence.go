// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
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

// UnsealedEvidence implements evidence.Store.
func (s *Store) UnsealedEvidence(_ context.Context, since time.Time, after engine.Change, limit int) (list []engine.Change, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[engine.Change]bool{}
	for name, pt := range s.parts {
		for k, m := range pt.moved {
			p, c := pt.processes[k.transfer], engine.Change{Context: name, Process: k.transfer}
			if m.sealed < m.Count() && compareChanges(c, after) > 0 && (p == nil || rested(p.record, since)) {
				found[c] = true
			}
		}
	}
	list = slices.SortedFunc(maps.Keys(found), compareChanges)
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}

func compareChanges(a, b engine.Change) int {
	return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.Process, b.Process))
}

func rested(r engine.Record, since time.Time) bool {
	switch r.State {
	case transfer.Suspended, transfer.Completed, transfer.Terminated:
		return !r.Updated.After(rule.Round(since))
	}
	return false
}

// SealEvidence implements evidence.Store.
func (s *Store) SealEvidence(_ context.Context, contextID, transferID string, entry func([]evidence.Part) (engine.Entry, error)) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.parts[contextID]
	if pt == nil {
		return false, nil
	}
	open := false
	for k, m := range pt.moved {
		open = open || k.transfer == transferID && m.sealed < m.Count()
	}
	if !open {
		return false, nil
	}
	e, err := entry(pt.partsOf(func(k partKey) bool { return k.transfer == transferID }))
	if err == nil {
		err = rule.Journal(contextID, e)
	}
	if err != nil {
		return false, err
	}
	for k, m := range pt.moved {
		if k.transfer == transferID {
			m.sealed = m.Count()
			pt.moved[k] = m
		}
	}
	pt.applyJournal([]engine.Entry{e})
	return true, nil
}

// DropBodies implements evidence.Store.
func (s *Store) DropBodies(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []evidence.Body
	for _, pt := range s.parts {
		for _, b := range pt.bodies {
			if p := pt.processes[b.Transfer]; rule.Micro(b.Ended) < rule.Micro(before) && (p == nil || p.record.Final) && pt.sealed(b.Transfer) {
				old = append(old, b)
			}
		}
	}
	slices.SortFunc(old, func(a, b evidence.Body) int {
		return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.Context, b.Context), cmp.Compare(a.ID, b.ID))
	})
	old = old[:min(len(old), max(limit, 0))]
	for _, b := range old {
		delete(s.parts[b.Context].bodies, b.ID)
	}
	return len(old), nil
}

// DropTold implements evidence.Store.
func (s *Store) DropTold(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []evidence.Told
	for contextID, pt := range s.parts {
		for k, at := range pt.told {
			if rule.Micro(at) < rule.Micro(before) {
				old = append(old, evidence.Told{Context: contextID, Transfer: k.transfer, ID: k.id, At: at})
			}
		}
	}
	slices.SortFunc(old, func(a, b evidence.Told) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Context, b.Context), cmp.Compare(a.Transfer, b.Transfer), cmp.Compare(a.ID, b.ID))
	})
	old = old[:min(len(old), max(limit, 0))]
	for _, t := range old {
		delete(s.parts[t.Context].told, toldKey{t.Transfer, t.ID})
	}
	return len(old), nil
}

// sealed reports whether the journal has all that was moved in a transfer.
func (pt *part) sealed(transferID string) bool {
	for k, m := range pt.moved {
		if k.transfer == transferID && m.sealed < m.Count() {
			return false
		}
	}
	return true
}
