// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

func cloneRequest(r holder.Request) holder.Request {
	r.Credentials = slices.Clone(r.Credentials)
	r.Created, r.Updated = rule.Round(r.Created), rule.Round(r.Updated)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r
}

func cloneStored(s holder.Stored) holder.Stored {
	s.Types, s.Status = slices.Clone(s.Types), slices.Clone(s.Status)
	s.ValidFrom, s.ValidUntil, s.Received = rule.Round(s.ValidFrom), rule.Round(s.ValidUntil), rule.Round(s.Received)
	s.Checked, s.NextCheck, s.RenewAt = rule.Round(s.Checked), rule.Round(s.NextCheck), rule.Round(s.RenewAt)
	return s
}

func cloneOffered(o holder.Offer) holder.Offer {
	o.Document, o.Received = bytes.Clone(o.Document), rule.Round(o.Received)
	return o
}

func ofRequest(r holder.Request) stamp { return stamp{r.Created, r.HolderPID} }
func ofStored(s holder.Stored) stamp   { return stamp{s.Received, s.ID} }

// SaveRequest implements holder.Store.
func (s *Store) SaveRequest(ctx context.Context, contextID string, r holder.Request) (holder.Request, error) {
	return s.Deliver(ctx, contextID, r, nil)
}

// Deliver implements holder.Store.
func (s *Store) Deliver(_ context.Context, contextID string, r holder.Request, list []holder.Stored) (holder.Request, error) {
	wrong := rule.CredentialRequest(contextID, r)
	for _, c := range list {
		wrong = cmp.Or(wrong, rule.Held(contextID, c))
	}
	r = cloneRequest(r)
	err := s.change(contextID, wrong, func(d *domain) error {
		if known, ok := d.requests[r.HolderPID]; known.Version != r.Version || ok != (r.Version > 0) {
			return holder.ErrClosed
		}
		wallet := maps.Clone(d.wallet)
		for _, c := range list {
			if err := hold(&wallet, cloneStored(c)); err != nil {
				return err
			}
		}
		r.Version++
		set(&d.requests, r.HolderPID, r)
		d.wallet = wallet
		return nil
	})
	if err != nil {
		return holder.Request{}, err
	}
	return cloneRequest(r), nil
}

// hold keeps a credential in place of the same one, if the wallet has it.
func hold(wallet *map[string]holder.Stored, c holder.Stored) error {
	for id, known := range *wallet {
		if c.Credential != "" && c.Credential == known.Credential && c.Issuer == known.Issuer && c.Profile == known.Profile {
			c.ID = id
			(*wallet)[id] = c
			return nil
		}
	}
	if _, taken := (*wallet)[c.ID]; taken {
		return holder.ErrClosed
	}
	set(wallet, c.ID, c)
	return nil
}

// Request implements holder.Store.
func (s *Store) Request(_ context.Context, contextID, holderPID string) (r holder.Request, err error) {
	err = holder.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.requests[holderPID]; ok {
			r, err = cloneRequest(known), nil
		}
	})
	return r, err
}

// Requests implements holder.Store.
func (s *Store) Requests(_ context.Context, contextID, before string, limit int) (list []holder.Request, err error) {
	s.look(contextID, func(d *domain) {
		var from *stamp
		if from, err = cursor(d.requests, before, ofRequest, holder.ErrNotFound); err == nil {
			list = page(maps.Values(d.requests), ofRequest, from, limit)
		}
		for i := range list {
			list[i] = cloneRequest(list[i])
		}
	})
	return list, err
}

// ClaimRequests implements holder.Store.
func (s *Store) ClaimRequests(_ context.Context, now time.Time, lease time.Duration, limit int) (list []holder.Owned[holder.Request], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var duties []duty
	for contextID, pt := range s.parts {
		for id, r := range pt.requests {
			duties = append(duties, duty{r.NextTry, [2]string{contextID, id}, func() {
				r.NextTry = rule.Round(now.Add(lease))
				pt.requests[id] = r
				list = append(list, holder.Owned[holder.Request]{Context: contextID, Row: cloneRequest(r)})
			}})
		}
	}
	due(duties, rule.Round(now), limit)
	return list, nil
}
