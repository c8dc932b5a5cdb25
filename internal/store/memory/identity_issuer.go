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
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

func cloneIssuance(r issuer.Request) issuer.Request {
	r.Credentials, r.Claims, r.Evidence = slices.Clone(r.Credentials), maps.Clone(r.Claims), bytes.Clone(r.Evidence)
	for name, claims := range r.Claims {
		r.Claims[name] = bytes.Clone(claims)
	}
	r.Created, r.Updated, r.Delivered = rule.Round(r.Created), rule.Round(r.Updated), rule.Round(r.Delivered)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r
}

func ofIssuance(r issuer.Request) stamp   { return stamp{r.Created, r.ID} }
func ofIssued(c *issuer.Credential) stamp { return stamp{c.Issued, c.ID} }

// SaveIssuerRequest implements issuer.Store.
func (s *Store) SaveIssuerRequest(_ context.Context, contextID string, r issuer.Request, issued []issuer.Credential) (issuer.Request, error) {
	r = cloneIssuance(r)
	err := s.change(contextID, rule.IssuerRequest(contextID, r, issued), func(d *domain) error {
		if known, ok := d.issuances[r.ID]; known.Version != r.Version || ok != (r.Version > 0) {
			return issuer.ErrChanged
		}
		if d.askedElsewhere(r) || d.taken(issued) {
			return issuer.ErrChanged
		}
		r.Version++
		set(&d.issuances, r.ID, r)
		for _, c := range issued {
			c.Issued, c.ValidUntil, c.Changed = rule.Round(c.Issued), rule.Round(c.ValidUntil), rule.Round(c.Changed)
			set(&d.issued, c.ID, &c)
			places := d.places[c.List]
			set(&places, c.Index, &c)
			set(&d.places, c.List, places)
		}
		return nil
	})
	if err != nil {
		return issuer.Request{}, err
	}
	return cloneIssuance(r), nil
}

// askedElsewhere reports whether another request asks for the same.
func (d *domain) askedElsewhere(r issuer.Request) bool {
	key, open := r.Asked()
	for id, other := range d.issuances {
		if same, too := other.Asked(); open && too && same == key && id != r.ID {
			return true
		}
	}
	return false
}

// taken reports whether an id or a place of these is given already, also to
// another of them.
func (d *domain) taken(issued []issuer.Credential) bool {
	ids, places := map[string]bool{}, map[[2]int]bool{}
	for _, c := range issued {
		place := [2]int{c.List, c.Index}
		_, id := d.issued[c.ID]
		_, given := d.places[c.List][c.Index]
		if id || given || ids[c.ID] || places[place] {
			return true
		}
		ids[c.ID], places[place] = true, true
	}
	return false
}

// IssuerRequest implements issuer.Store.
func (s *Store) IssuerRequest(_ context.Context, contextID, id string) (r issuer.Request, err error) {
	err = issuer.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.issuances[id]; ok {
			r, err = cloneIssuance(known), nil
		}
	})
	return r, err
}

// IssuerRequests implements issuer.Store.
func (s *Store) IssuerRequests(_ context.Context, contextID, state, before string, limit int) (list []issuer.Request, err error) {
	s.look(contextID, func(d *domain) {
		var from *stamp
		if from, err = cursor(d.issuances, before, ofIssuance, issuer.ErrNotFound); err == nil {
			list = page(func(yield func(issuer.Request) bool) {
				for _, r := range d.issuances {
					if (state == "" || r.State == state) && !yield(r) {
						return
					}
				}
			}, ofIssuance, from, limit)
		}
		for i := range list {
			list[i] = cloneIssuance(list[i])
		}
	})
	return list, err
}

// ClaimIssuerRequests implements issuer.Store.
func (s *Store) ClaimIssuerRequests(_ context.Context, now time.Time, lease time.Duration, limit int) (list []issuer.Owned, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var duties []duty
	for contextID, pt := range s.parts {
		for id, r := range pt.issuances {
			duties = append(duties, duty{r.NextTry, [2]string{contextID, id}, func() {
				r.NextTry = rule.Round(now.Add(lease))
				pt.issuances[id] = r
				list = append(list, issuer.Owned{Context: contextID, Request: cloneIssuance(r)})
			}})
		}
	}
	due(duties, rule.Round(now), limit)
	return list, nil
}

// IssuedCredential implements issuer.Store.
func (s *Store) IssuedCredential(_ context.Context, contextID, id string) (c issuer.Credential, err error) {
	err = issuer.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.issued[id]; ok {
			c, err = *known, nil
		}
	})
	return c, err
}

// IssuedCredentials implements issuer.Store.
func (s *Store) IssuedCredentials(_ context.Context, contextID, holder, before string, limit int) (list []issuer.Credential, err error) {
	s.look(contextID, func(d *domain) {
		var from *stamp
		if from, err = cursor(d.issued, before, ofIssued, issuer.ErrNotFound); err != nil {
			return
		}
		for _, c := range page(func(yield func(*issuer.Credential) bool) {
			for _, c := range d.issued {
				if (holder == "" || c.Holder == holder) && !yield(c) {
					return
				}
			}
		}, ofIssued, from, limit) {
			list = append(list, *c)
		}
	})
	return list, err
}

// CredentialsOfRequest implements issuer.Store.
func (s *Store) CredentialsOfRequest(_ context.Context, contextID, request string) (list []issuer.Credential, err error) {
	s.look(contextID, func(d *domain) {
		for _, c := range d.issued {
			if c.Request == request {
				list = append(list, *c)
			}
		}
	})
	slices.SortFunc(list, func(a, b issuer.Credential) int {
		return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.Index, b.Index))
	})
	return list, nil
}

// SetCredentialState implements issuer.Store.
func (s *Store) SetCredentialState(_ context.Context, contextID, id, state, reason string, at time.Time) error {
	return s.change(contextID, rule.CredentialState(state, reason), func(d *domain) error {
		c, ok := d.issued[id]
		switch {
		case !ok:
			return issuer.ErrNotFound
		case c.State == issuer.Revoked:
			return issuer.ErrChanged
		}
		c.State, c.Reason, c.Changed = state, reason, rule.Round(at)
		return nil
	})
}

// ListUse implements issuer.Store.
func (s *Store) ListUse(_ context.Context, contextID string) (list, taken int, err error) {
	s.look(contextID, func(d *domain) {
		for n, places := range d.places {
			if n > list {
				list, taken = n, len(places)
			}
		}
	})
	return list, taken, nil
}

// Marked implements issuer.Store.
func (s *Store) Marked(_ context.Context, contextID string, list int, state string) (places []int, err error) {
	s.look(contextID, func(d *domain) {
		for place, c := range d.places[list] {
			if c.State == state {
				places = append(places, place)
			}
		}
	})
	slices.Sort(places)
	return places, nil
}
