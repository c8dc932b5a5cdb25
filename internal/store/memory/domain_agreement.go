// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// Agreement implements negotiation.AgreementStore.
func (s *Store) Agreement(_ context.Context, contextID, id string) (a negotiation.Agreement, err error) {
	err = negotiation.ErrNoAgreement
	s.look(contextID, func(d *domain) {
		if known, ok := d.agreements[id]; ok {
			a, err = cloneAgreement(known), nil
		}
	})
	return a, err
}

// Agreements implements negotiation.AgreementStore.
func (s *Store) Agreements(_ context.Context, contextID string, q negotiation.AgreementQuery) (list []negotiation.Agreement, err error) {
	s.look(contextID, func(d *domain) {
		last, ok := d.agreements[q.Before]
		if q.Before != "" && !ok {
			err = fmt.Errorf("cursor: %w", negotiation.ErrNoAgreement)
			return
		}
		for _, a := range slices.SortedFunc(maps.Values(d.agreements), newestAgreement) {
			if (!ok || newestAgreement(last, a) < 0) && selectsAgreement(q, a) && (q.Limit <= 0 || len(list) < q.Limit) {
				list = append(list, cloneAgreement(a))
			}
		}
	})
	return list, err
}

func selectsAgreement(q negotiation.AgreementQuery, a negotiation.Agreement) bool {
	return (q.Peer == "" || q.Peer == a.Peer) && (q.Role == "" || q.Role == a.Role) &&
		(q.Target == "" || q.Target == a.Target) && (!q.InForce || a.InForce())
}

func newestAgreement(a, b negotiation.Agreement) int {
	if c := b.Concluded.Compare(a.Concluded); c != 0 {
		return c
	}
	return strings.Compare(b.ID, a.ID)
}

// PutAgreement implements negotiation.AgreementStore.
func (s *Store) PutAgreement(_ context.Context, a negotiation.Agreement) error {
	return s.change(a.Context, rule.Agreement(a.Context, a), func(d *domain) error {
		if _, exists := d.agreements[a.ID]; exists {
			return negotiation.ErrAgreementExists
		}
		set(&d.agreements, a.ID, cloneAgreement(a))
		return nil
	})
}

// EndAgreement implements negotiation.AgreementStore.
func (s *Store) EndAgreement(_ context.Context, contextID, id string, e negotiation.End) error {
	if err := rule.EndAgreement(contextID, id, e); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.part(contextID)
	a, known := pt.agreements[id]
	switch {
	case !known:
		return negotiation.ErrNoAgreement
	case !a.Ended.IsZero():
		return negotiation.ErrAgreementEnded
	}
	a.Ended, a.EndedBy, a.EndReason = rule.Round(e.At), e.By, e.Reason
	pt.agreements[id] = a
	pt.applyJournal([]engine.Entry{e.Journal})
	return nil
}

func cloneAgreement(a negotiation.Agreement) negotiation.Agreement {
	a.Document, a.Policy, a.Dataset = bytes.Clone(a.Document), bytes.Clone(a.Policy), bytes.Clone(a.Dataset)
	a.Concluded, a.Claims = rule.Round(a.Concluded), cloneClaims(a.Claims)
	a.Declared = maps.Clone(a.Declared)
	for name, value := range a.Declared {
		a.Declared[name] = bytes.Clone(value)
	}
	return a
}

func cloneClaims(c trust.Claims) trust.Claims {
	c.Proved, c.Credentials = rule.Round(c.Proved), slices.Clone(c.Credentials)
	for i := range c.Credentials {
		v := &c.Credentials[i]
		v.Types, v.Subject, v.Status = slices.Clone(v.Types), bytes.Clone(v.Subject), slices.Clone(v.Status)
		v.ValidFrom, v.ValidUntil = rule.Round(v.ValidFrom), rule.Round(v.ValidUntil)
	}
	return c
}
