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
func (s *Store) Agreements(_ context.Context, contextID, before string, limit int) (list []negotiation.Agreement, err error) {
	s.look(contextID, func(d *domain) {
		last, ok := d.agreements[before]
		if before != "" && !ok {
			err = fmt.Errorf("cursor: %w", negotiation.ErrNoAgreement)
			return
		}
		for _, a := range slices.SortedFunc(maps.Values(d.agreements), newestAgreement) {
			if (!ok || newestAgreement(last, a) < 0) && len(list) < limit {
				list = append(list, cloneAgreement(a))
			}
		}
	})
	return list, err
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

func cloneAgreement(a negotiation.Agreement) negotiation.Agreement {
	a.Document, a.Policy, a.Dataset = bytes.Clone(a.Document), bytes.Clone(a.Policy), bytes.Clone(a.Dataset)
	a.Concluded, a.Claims = rule.Round(a.Concluded), cloneClaims(a.Claims)
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
