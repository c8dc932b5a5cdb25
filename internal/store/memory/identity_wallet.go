// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// Credential implements holder.Store.
func (s *Store) Credential(_ context.Context, contextID, id string) (c holder.Stored, err error) {
	err = holder.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.wallet[id]; ok {
			c, err = cloneStored(known), nil
		}
	})
	return c, err
}

// Credentials implements holder.Store.
func (s *Store) Credentials(_ context.Context, contextID string) (list []holder.Stored, err error) {
	s.look(contextID, func(d *domain) {
		list = page(maps.Values(d.wallet), ofStored, nil, math.MaxInt)
		for i := range list {
			list[i] = cloneStored(list[i])
		}
	})
	return list, nil
}

// ClaimCredentials implements holder.Store.
func (s *Store) ClaimCredentials(_ context.Context, now time.Time, lease time.Duration, limit int) (list []holder.Owned[holder.Stored], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var duties []duty
	for contextID, pt := range s.parts {
		for id, c := range pt.wallet {
			duties = append(duties, duty{c.NextCheck, [2]string{contextID, id}, func() {
				c.NextCheck = rule.Round(now.Add(lease))
				pt.wallet[id] = c
				list = append(list, holder.Owned[holder.Stored]{Context: contextID, Row: cloneStored(c)})
			}})
		}
	}
	due(duties, rule.Round(now), limit)
	return list, nil
}

// MarkCredential implements holder.Store.
func (s *Store) MarkCredential(_ context.Context, contextID string, c holder.Stored) error {
	c = cloneStored(c)
	return s.change(contextID, rule.HeldState(c), func(d *domain) error {
		known, ok := d.wallet[c.ID]
		if !ok {
			return holder.ErrNotFound
		}
		known.State, known.Checked, known.NextCheck, known.RenewAt = c.State, c.Checked, c.NextCheck, c.RenewAt
		d.wallet[c.ID] = known
		return nil
	})
}

// DeleteCredential implements holder.Store.
func (s *Store) DeleteCredential(_ context.Context, contextID, id string) (err error) {
	s.look(contextID, func(d *domain) {
		if _, ok := d.wallet[id]; !ok {
			err = holder.ErrNotFound
		}
		delete(d.wallet, id)
	})
	return err
}

// PutCredentialOffer implements holder.Store.
func (s *Store) PutCredentialOffer(_ context.Context, contextID string, o holder.Offer) error {
	return s.change(contextID, rule.CredentialOffer(contextID, o), func(d *domain) error {
		same := func(p holder.Offer) bool { return p.Issuer == o.Issuer && p.ID == o.ID }
		d.credentialOffers = append(slices.DeleteFunc(d.credentialOffers, same), cloneOffered(o))
		slices.SortFunc(d.credentialOffers, func(a, b holder.Offer) int {
			return cmp.Or(b.Received.Compare(a.Received), cmp.Compare(b.Issuer, a.Issuer), cmp.Compare(b.ID, a.ID))
		})
		d.credentialOffers = d.credentialOffers[:min(len(d.credentialOffers), rule.MaxOffers)]
		return nil
	})
}

// CredentialOffers implements holder.Store.
func (s *Store) CredentialOffers(_ context.Context, contextID string) (list []holder.Offer, err error) {
	s.look(contextID, func(d *domain) {
		for _, o := range d.credentialOffers {
			list = append(list, cloneOffered(o))
		}
	})
	return list, nil
}
