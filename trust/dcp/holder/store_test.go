// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// memory is a holder.Store. fail, if set, is asked before each call by its
// name; after is told when a call was done.
type memory struct {
	fail  func(call string) error
	after func(call string)

	mu          sync.Mutex
	requests    map[[2]string]holder.Request
	credentials map[[2]string]holder.Stored
	offers      map[[3]string]holder.Offer
}

func newMemory() *memory {
	return &memory{
		requests: map[[2]string]holder.Request{}, credentials: map[[2]string]holder.Stored{}, offers: map[[3]string]holder.Offer{},
	}
}

// call locks the store for one call.
func (m *memory) call(name string) (func(), error) {
	if m.fail != nil {
		if err := m.fail(name); err != nil {
			return func() {}, err
		}
	}
	m.mu.Lock()
	return func() {
		m.mu.Unlock()
		if m.after != nil {
			m.after(name)
		}
	}, nil
}

func (m *memory) SaveRequest(_ context.Context, contextID string, r holder.Request) (holder.Request, error) {
	done, err := m.call("SaveRequest")
	defer done()
	if err != nil {
		return holder.Request{}, err
	}
	return m.save(contextID, r)
}

func (m *memory) save(contextID string, r holder.Request) (holder.Request, error) {
	key := [2]string{contextID, r.HolderPID}
	if m.requests[key].Version != r.Version {
		return holder.Request{}, holder.ErrClosed
	}
	r.Version++
	r.Credentials = slices.Clone(r.Credentials)
	m.requests[key] = r
	return r, nil
}

func (m *memory) Request(_ context.Context, contextID, holderPID string) (holder.Request, error) {
	done, err := m.call("Request")
	defer done()
	if err != nil {
		return holder.Request{}, err
	}
	r, ok := m.requests[[2]string{contextID, holderPID}]
	if !ok {
		return holder.Request{}, holder.ErrNotFound
	}
	return r, nil
}

func (m *memory) Requests(_ context.Context, contextID, before string, limit int) ([]holder.Request, error) {
	done, err := m.call("Requests")
	defer done()
	if err != nil {
		return nil, err
	}
	var list []holder.Request
	for key, r := range m.requests {
		if key[0] == contextID {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b holder.Request) int { return cmp.Compare(b.HolderPID, a.HolderPID) })
	if before != "" {
		list = slices.DeleteFunc(list, func(r holder.Request) bool { return r.HolderPID >= before })
	}
	return list[:min(len(list), limit)], nil
}

func (m *memory) ClaimRequests(_ context.Context, now time.Time, lease time.Duration, limit int) ([]holder.Owned[holder.Request], error) {
	done, err := m.call("ClaimRequests")
	defer done()
	if err != nil {
		return nil, err
	}
	var list []holder.Owned[holder.Request]
	for key, r := range m.requests {
		if !r.NextTry.IsZero() && !r.NextTry.After(now) {
			list = append(list, holder.Owned[holder.Request]{Context: key[0], Row: r})
		}
	}
	slices.SortFunc(list, func(a, b holder.Owned[holder.Request]) int {
		return cmp.Or(a.Row.NextTry.Compare(b.Row.NextTry), cmp.Compare(a.Row.HolderPID, b.Row.HolderPID))
	})
	list = list[:min(len(list), limit)]
	for i := range list {
		list[i].Row.NextTry = now.Add(lease)
		m.requests[[2]string{list[i].Context, list[i].Row.HolderPID}] = list[i].Row
	}
	return list, nil
}

func (m *memory) Deliver(_ context.Context, contextID string, r holder.Request, list []holder.Stored) (holder.Request, error) {
	done, err := m.call("Deliver")
	defer done()
	if err != nil {
		return holder.Request{}, err
	}
	saved, err := m.save(contextID, r)
	if err != nil {
		return holder.Request{}, err
	}
	for _, c := range list {
		for _, old := range m.credentials {
			if c.Credential != "" && old.Credential == c.Credential && old.Issuer == c.Issuer && old.Profile == c.Profile {
				c.ID = old.ID
			}
		}
		m.credentials[[2]string{contextID, c.ID}] = c
	}
	return saved, nil
}

func (m *memory) Credential(_ context.Context, contextID, id string) (holder.Stored, error) {
	done, err := m.call("Credential")
	defer done()
	if err != nil {
		return holder.Stored{}, err
	}
	c, ok := m.credentials[[2]string{contextID, id}]
	if !ok {
		return holder.Stored{}, holder.ErrNotFound
	}
	return c, nil
}

func (m *memory) Credentials(_ context.Context, contextID string) ([]holder.Stored, error) {
	done, err := m.call("Credentials")
	defer done()
	if err != nil {
		return nil, err
	}
	var list []holder.Stored
	for key, c := range m.credentials {
		if key[0] == contextID {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b holder.Stored) int {
		return cmp.Or(b.Received.Compare(a.Received), cmp.Compare(b.ID, a.ID))
	})
	return list, nil
}

func (m *memory) ClaimCredentials(_ context.Context, now time.Time, lease time.Duration, limit int) ([]holder.Owned[holder.Stored], error) {
	done, err := m.call("ClaimCredentials")
	defer done()
	if err != nil {
		return nil, err
	}
	var list []holder.Owned[holder.Stored]
	for key, c := range m.credentials {
		if !c.NextCheck.IsZero() && !c.NextCheck.After(now) {
			list = append(list, holder.Owned[holder.Stored]{Context: key[0], Row: c})
		}
	}
	slices.SortFunc(list, func(a, b holder.Owned[holder.Stored]) int {
		return cmp.Or(a.Row.NextCheck.Compare(b.Row.NextCheck), cmp.Compare(a.Row.ID, b.Row.ID))
	})
	list = list[:min(len(list), limit)]
	for i := range list {
		list[i].Row.NextCheck = now.Add(lease)
		m.credentials[[2]string{list[i].Context, list[i].Row.ID}] = list[i].Row
	}
	return list, nil
}

func (m *memory) MarkCredential(_ context.Context, contextID string, s holder.Stored) error {
	done, err := m.call("MarkCredential")
	defer done()
	if err != nil {
		return err
	}
	key := [2]string{contextID, s.ID}
	c, ok := m.credentials[key]
	if !ok {
		return holder.ErrNotFound
	}
	c.State, c.Checked, c.NextCheck, c.RenewAt = s.State, s.Checked, s.NextCheck, s.RenewAt
	m.credentials[key] = c
	return nil
}

func (m *memory) DeleteCredential(_ context.Context, contextID, id string) error {
	done, err := m.call("DeleteCredential")
	defer done()
	if err != nil {
		return err
	}
	key := [2]string{contextID, id}
	if _, ok := m.credentials[key]; !ok {
		return holder.ErrNotFound
	}
	delete(m.credentials, key)
	return nil
}

func (m *memory) PutCredentialOffer(_ context.Context, contextID string, o holder.Offer) error {
	done, err := m.call("PutCredentialOffer")
	defer done()
	if err != nil {
		return err
	}
	m.offers[[3]string{contextID, o.Issuer, o.ID}] = o
	return nil
}

func (m *memory) CredentialOffers(_ context.Context, contextID string) ([]holder.Offer, error) {
	done, err := m.call("CredentialOffers")
	defer done()
	if err != nil {
		return nil, err
	}
	var list []holder.Offer
	for key, o := range m.offers {
		if key[0] == contextID {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b holder.Offer) int {
		return cmp.Or(b.Received.Compare(a.Received), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}
