// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

const (
	// presentationLife is how long a presentation is good. It is asked for
	// again for each message, so no more is needed than clocks differ.
	presentationLife = 2 * time.Minute
	// maxPresented bounds the credentials of one presentation, in bytes: each
	// is written in base64 up to twice.
	maxPresented = vc.MaxPresentation / 4
)

// presentable returns the credentials that scopes name and that are good now,
// in an order that does not change from query to query: by profile, the newest
// first.
func (s *Service) presentable(ctx context.Context, own trust.Participant, scopes []dcp.Scope) ([]Stored, error) {
	if len(scopes) == 0 {
		return nil, nil
	}
	all, err := s.cfg.Store.Credentials(ctx, own.Context)
	if err != nil {
		return nil, fmt.Errorf("%w: the wallet of %s: %w", trust.ErrUnavailable, own.Context, err)
	}
	now := s.cfg.Now()
	var list []Stored
	for _, c := range newest(all, now) {
		if slices.ContainsFunc(scopes, func(scope dcp.Scope) bool { return names(scope, c) }) && about(c, own.ID) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Stored) int {
		return cmp.Or(cmp.Compare(a.Profile, b.Profile), b.Received.Compare(a.Received), cmp.Compare(b.ID, a.ID))
	})
	return list, nil
}

// about reports whether a credential is about us. One of a DID that we had
// before we moved would spoil the presentation; one that names nobody is left
// to the verifier.
func about(c Stored, own string) bool {
	read, err := vc.Read(c.Raw)
	if err != nil {
		return false
	}
	holder := read.Holder()
	return holder == "" || holder == own
}

// names reports whether a scope asks to read a credential.
func names(scope dcp.Scope, c Stored) bool {
	if !scope.Reads() {
		return false
	}
	if credentialType, ok := scope.CredentialType(); ok {
		return slices.Contains(c.Types, credentialType)
	}
	return scope.Alias == dcp.IDAlias && scope.Discriminator == c.Credential
}

// good reports whether a verifier would take a credential now, as far as we
// know. Dates are compared with the clock and not with what the last check
// found: that may be an hour ago.
func (c Stored) good(now time.Time) bool {
	known := c.State == Held || c.State == Expired // the clock may have been ahead
	return known && !now.Before(c.ValidFrom) && (c.ValidUntil.IsZero() || now.Before(c.ValidUntil))
}

// newest returns the good credentials without those that their issuer has
// issued anew: delivered again under the same request, of the same types and
// profile.
func newest(all []Stored, now time.Time) []Stored {
	latest := map[string]time.Time{}
	var list []Stored
	for _, c := range all {
		if !c.good(now) {
			continue
		}
		list = append(list, c)
		if key := c.series(); c.Received.After(latest[key]) {
			latest[key] = c.Received
		}
	}
	return slices.DeleteFunc(list, func(c Stored) bool { return c.Received.Before(latest[c.series()]) })
}

// series names what a credential is one issue of.
func (c Stored) series() string {
	types := slices.Sorted(slices.Values(c.Types))
	key, _ := json.Marshal([]any{c.Request, c.Issuer, c.Profile, types}) // strings only: it cannot fail
	return string(key)
}

// present signs one presentation per profile, or several where there is much
// to present: a presentation is of one data model and one kind of proof (DCP
// 1.0, section 5.4.2).
func (s *Service) present(ctx context.Context, own trust.Participant, audience string, list []Stored) ([]json.RawMessage, error) {
	presentations := []json.RawMessage{}
	for len(list) > 0 {
		n := fitting(list)
		token, err := s.presentation(ctx, own, audience, list[:n])
		if err != nil {
			return nil, err
		}
		presentations = append(presentations, token)
		list = list[n:]
	}
	return presentations, nil
}

// fitting returns how many of a list go into one presentation: at least one.
func fitting(list []Stored) int {
	size := 0
	for i, c := range list {
		size += len(c.Raw)
		if i > 0 && (c.Profile != list[0].Profile || size > maxPresented || i == vc.MaxCredentials) {
			return i
		}
	}
	return len(list)
}

func (s *Service) presentation(ctx context.Context, own trust.Participant, audience string, list []Stored) (json.RawMessage, error) {
	key, err := s.cfg.Keys.SigningKey(ctx, own.Context, trust.UseIdentity)
	if err != nil {
		return nil, fmt.Errorf("%w: the identity key: %w", trust.ErrUnavailable, err)
	}
	now := s.cfg.Now()
	draft := vc.PresentationDraft{
		ID: "urn:uuid:" + s.cfg.NewID(), Holder: own.ID, Audience: audience, Issued: now, Expires: now.Add(presentationLife),
	}
	for _, c := range list {
		draft.Credentials = append(draft.Credentials, c.Raw)
	}
	token, err := vc.Present(draft, vc.Profile(list[0].Profile), jose.Key{ID: own.ID + "#" + key.ID, Signer: key.Signer})
	if err != nil {
		return nil, fmt.Errorf("present: %w", err)
	}
	return json.Marshal(token)
}
