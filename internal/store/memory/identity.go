// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// identity is what a participant keeps as holder, issuer, verifier and
// authority.
type identity struct {
	tokens   map[token]time.Time // used, until
	bindings map[string]trust.Identifier
	lists    map[string]trustList // by authority
	draft    map[string]dcp.TrustedIssuer

	requests map[string]holder.Request
	wallet   map[string]holder.Stored
	// credentialOffers come newest first.
	credentialOffers []holder.Offer

	issuances map[string]issuer.Request
	issued    map[string]*issuer.Credential
	places    map[int]map[int]*issuer.Credential // of status lists
}

type token struct{ issuer, id string }

type trustList struct {
	sequence int64
	raw      string
}

// UseToken implements dcp.ReplayStore.
func (s *Store) UseToken(_ context.Context, contextID, issuerID, tokenID string, until time.Time) (first bool, err error) {
	err = s.change(contextID, rule.Token(contextID, issuerID, tokenID, until), func(d *domain) error {
		key := token{issuerID, tokenID}
		if _, used := d.tokens[key]; used {
			return nil
		}
		set(&d.tokens, key, rule.Round(until))
		first = true
		return nil
	})
	return first, err
}

// ReleaseToken implements dcp.ReplayStore.
func (s *Store) ReleaseToken(_ context.Context, contextID, issuerID, tokenID string) error {
	s.look(contextID, func(d *domain) { delete(d.tokens, token{issuerID, tokenID}) })
	return nil
}

// DropTokens implements dcp.ReplayStore. At its very end a token is on record.
func (s *Store) DropTokens(_ context.Context, now time.Time, limit int) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var duties []duty
	for contextID, pt := range s.parts {
		for key, until := range pt.tokens {
			duties = append(duties, duty{until, [2]string{contextID, key.issuer + " " + key.id}, func() {
				delete(pt.tokens, key)
				n++
			}})
		}
	}
	due(duties, rule.Round(now).Add(-1), limit)
	return n, nil
}

// Bind implements verifier.Bindings.
func (s *Store) Bind(_ context.Context, contextID, participant string, i trust.Identifier, _ time.Time) (kept trust.Identifier, err error) {
	err = s.change(contextID, rule.Binding(contextID, participant, i), func(d *domain) error {
		if _, known := d.bindings[participant]; !known {
			set(&d.bindings, participant, i)
		}
		kept = d.bindings[participant]
		return nil
	})
	return kept, err
}

// Bindings implements verifier.Bindings.
func (s *Store) Bindings(_ context.Context, contextID string) (found map[string]trust.Identifier, err error) {
	s.look(contextID, func(d *domain) { found = maps.Clone(d.bindings) })
	return found, nil
}

// Unbind implements verifier.Bindings.
func (s *Store) Unbind(_ context.Context, contextID, participant string) (err error) {
	s.look(contextID, func(d *domain) {
		if _, known := d.bindings[participant]; !known {
			err = trust.ErrUnknownPeer
		}
		delete(d.bindings, participant)
	})
	return err
}

// TrustList implements trustlist.Store.
func (s *Store) TrustList(_ context.Context, contextID, authority string) (sequence int64, raw string, err error) {
	err = trustlist.ErrNone
	s.look(contextID, func(d *domain) {
		if l, ok := d.lists[authority]; ok {
			sequence, raw, err = l.sequence, l.raw, nil
		}
	})
	return sequence, raw, err
}

// PutTrustList implements trustlist.Store.
func (s *Store) PutTrustList(_ context.Context, contextID, authority string, sequence int64, raw string) error {
	l := trustList{sequence, raw}
	return s.change(contextID, rule.TrustList(contextID, authority, sequence, raw), func(d *domain) error {
		if known := d.lists[authority]; known.sequence >= sequence && known != l {
			return trustlist.ErrRollback
		}
		set(&d.lists, authority, l)
		return nil
	})
}

// TrustDraft implements trustlist.Store.
func (s *Store) TrustDraft(_ context.Context, contextID string) (list []dcp.TrustedIssuer, err error) {
	s.look(contextID, func(d *domain) {
		for _, i := range d.draft {
			i.Types = slices.Clone(i.Types)
			list = append(list, i)
		}
	})
	slices.SortFunc(list, func(a, b dcp.TrustedIssuer) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// PutTrustDraft implements trustlist.Store.
func (s *Store) PutTrustDraft(_ context.Context, contextID string, i dcp.TrustedIssuer) error {
	return s.change(contextID, rule.TrustDraft(contextID, i), func(d *domain) error {
		if len(i.Types) == 0 {
			delete(d.draft, i.ID)
			return nil
		}
		i.Types = slices.Clone(i.Types)
		set(&d.draft, i.ID, i)
		return nil
	})
}
