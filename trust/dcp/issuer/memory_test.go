// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// memory is an issuer.Store.
type memory struct {
	// before, if set, is called at the start of each method, unlocked; its
	// error is the method's.
	before func(method string) error

	mu          sync.Mutex
	requests    []owned
	credentials []ownedCredential
	lists       map[string]int // newest list, if there are lists without credentials
}

type owned = issuer.Owned

type ownedCredential struct {
	context string
	issuer.Credential
}

func newMemory() *memory { return &memory{lists: map[string]int{}} }

func (m *memory) enter(method string) error {
	if m.before != nil {
		if err := m.before(method); err != nil {
			return err
		}
	}
	m.mu.Lock()
	return nil
}

func (m *memory) find(contextID, id string) int {
	return slices.IndexFunc(m.requests, func(o owned) bool { return o.Context == contextID && o.Request.ID == id })
}

func (m *memory) SaveIssuerRequest(_ context.Context, contextID string, r issuer.Request, issued []issuer.Credential) (issuer.Request, error) {
	if err := m.enter("SaveIssuerRequest"); err != nil {
		return r, err
	}
	defer m.mu.Unlock()
	at := m.find(contextID, r.ID)
	if (at < 0) != (r.Version == 0) || at >= 0 && m.requests[at].Request.Version != r.Version {
		return r, issuer.ErrChanged
	}
	for i, c := range issued {
		taken := func(o issuer.Credential) bool { return o.ID == c.ID || o.List == c.List && o.Index == c.Index }
		if slices.ContainsFunc(m.credentials, func(o ownedCredential) bool { return o.context == contextID && taken(o.Credential) }) ||
			slices.ContainsFunc(issued[:i], taken) {
			return r, issuer.ErrChanged
		}
	}
	for _, c := range issued {
		m.credentials = append(m.credentials, ownedCredential{contextID, c})
		m.lists[contextID] = max(m.lists[contextID], c.List)
	}
	r.Version++
	r.Credentials = slices.Clone(r.Credentials)
	if at < 0 {
		m.requests = append(m.requests, owned{Context: contextID, Request: r})
	} else {
		m.requests[at].Request = r
	}
	return r, nil
}

func (m *memory) IssuerRequest(_ context.Context, contextID, id string) (issuer.Request, error) {
	if err := m.enter("IssuerRequest"); err != nil {
		return issuer.Request{}, err
	}
	defer m.mu.Unlock()
	if at := m.find(contextID, id); at >= 0 {
		return m.requests[at].Request, nil
	}
	return issuer.Request{}, issuer.ErrNotFound
}

func (m *memory) IssuerRequests(_ context.Context, contextID, state, _ string, limit int) ([]issuer.Request, error) {
	if err := m.enter("IssuerRequests"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var list []issuer.Request
	for _, o := range slices.Backward(m.requests) {
		if o.Context == contextID && (state == "" || o.Request.State == state) && len(list) < limit {
			list = append(list, o.Request)
		}
	}
	return list, nil
}

func (m *memory) ClaimIssuerRequests(_ context.Context, now time.Time, lease time.Duration, limit int) ([]issuer.Owned, error) {
	if err := m.enter("ClaimIssuerRequests"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var due []issuer.Owned
	for i := range m.requests {
		r := &m.requests[i].Request
		if !r.NextTry.IsZero() && !r.NextTry.After(now) && len(due) < limit {
			r.NextTry = now.Add(lease)
			due = append(due, m.requests[i])
		}
	}
	return due, nil
}

func (m *memory) IssuedCredential(_ context.Context, contextID, id string) (issuer.Credential, error) {
	if err := m.enter("IssuedCredential"); err != nil {
		return issuer.Credential{}, err
	}
	defer m.mu.Unlock()
	for _, c := range m.credentials {
		if c.context == contextID && c.ID == id {
			return c.Credential, nil
		}
	}
	return issuer.Credential{}, issuer.ErrNotFound
}

func (m *memory) IssuedCredentials(_ context.Context, contextID, holder, _ string, limit int) ([]issuer.Credential, error) {
	return m.credentialsWhere(func(c ownedCredential) bool { return c.context == contextID && (holder == "" || c.Holder == holder) }, limit)
}

func (m *memory) CredentialsOfRequest(_ context.Context, contextID, request string) ([]issuer.Credential, error) {
	return m.credentialsWhere(func(c ownedCredential) bool { return c.context == contextID && c.Request == request }, 1000)
}

func (m *memory) credentialsWhere(match func(ownedCredential) bool, limit int) ([]issuer.Credential, error) {
	if err := m.enter("credentials"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var list []issuer.Credential
	for _, c := range slices.Backward(m.credentials) { // newest first: not the order of the request
		if match(c) && len(list) < limit {
			list = append(list, c.Credential)
		}
	}
	return list, nil
}

func (m *memory) SetCredentialState(_ context.Context, contextID, id, state, reason string, at time.Time) error {
	if err := m.enter("SetCredentialState"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for i := range m.credentials {
		c := &m.credentials[i]
		if c.context != contextID || c.ID != id {
			continue
		}
		if c.State == issuer.Revoked {
			return issuer.ErrChanged
		}
		c.State, c.Reason, c.Changed = state, reason, at
		return nil
	}
	return issuer.ErrNotFound
}

func (m *memory) ListUse(_ context.Context, contextID string) (list, taken int, err error) {
	if err := m.enter("ListUse"); err != nil {
		return 0, 0, err
	}
	defer m.mu.Unlock()
	list = m.lists[contextID]
	for _, c := range m.credentials {
		if c.context == contextID && c.List == list {
			taken++
		}
	}
	return list, taken, nil
}

func (m *memory) Marked(_ context.Context, contextID string, list int, state string) ([]int, error) {
	if err := m.enter("Marked"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var marked []int
	for _, c := range m.credentials {
		if c.context == contextID && c.List == list && c.State == state {
			marked = append(marked, c.Index)
		}
	}
	return marked, nil
}

// fill takes places of a list, as if credentials had been issued.
func (m *memory) fill(contextID string, list int, indexes ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range indexes {
		m.credentials = append(m.credentials, ownedCredential{contextID, issuer.Credential{
			ID: strings.Repeat("x", 3), Holder: "did:web:others.example", List: list, Index: i, State: issuer.Active,
		}})
	}
	m.lists[contextID] = max(m.lists[contextID], list)
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.credentials)
}
