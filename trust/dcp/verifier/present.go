// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// presented returns the credentials of the required types that the caller
// presents, now or a short while ago. What is refused is not kept.
func (p *Profile) presented(ctx context.Context, from party, caller dcp.Caller, types []string) ([]trust.Credential, error) {
	types = ordered(types)
	scopes := scopesOf(types)
	now := p.cfg.Now()
	ask := func() ([]trust.Credential, time.Time, error) {
		list, err := p.ask(ctx, from, caller, types, scopes)
		return list, keptUntil(now, from.settings, list), claimedBy(err, from.id)
	}
	if from.settings.PresentationCache < 0 {
		list, _, err := ask()
		return list, err
	}
	return p.cache.do(ctx, keyOf(from, scopes), now, ask)
}

func keyOf(from party, scopes []string) key {
	return key{
		context: from.own.Context, audience: from.own.ID, holder: from.id, scopes: strings.Join(scopes, " "),
		conformance: from.conformance, life: from.settings.PresentationCache,
	}
}

// scopesOf are the scopes that ask for credentials of these types.
func scopesOf(types []string) []string {
	scopes := make([]string, len(types))
	for i, name := range types {
		scopes[i] = dcp.TypeScope(name).String()
	}
	return scopes
}

// ordered are types as presented takes them.
func ordered(types []string) []string { return slices.Compact(slices.Sorted(slices.Values(types))) }

// keptUntil is when a presentation is asked for anew.
func keptUntil(now time.Time, s dcp.Settings, list []trust.Credential) time.Time {
	until := now.Add(time.Duration(s.PresentationCache))
	for _, c := range list {
		if !c.ValidUntil.IsZero() && c.ValidUntil.Before(until) {
			until = c.ValidUntil
		}
	}
	return until
}

// ask queries the wallet and judges what it presents: V43 to V78, and C16.
func (p *Profile) ask(ctx context.Context, from party, caller dcp.Caller, types, scopes []string) ([]trust.Credential, error) {
	entries, err := p.query(ctx, from.own, caller, scopes)
	if err != nil {
		return nil, err
	}
	trusted := &believed{profile: p, own: from.own}
	want := vc.Want{Holder: from.id, Audience: from.own.ID, Issuers: trusted.issuer, Conformance: from.conformance, Types: types}
	var list []trust.Credential
	for _, entry := range entries {
		found, err := p.cfg.Checker.Presentation(ctx, entry, want)
		if err != nil {
			return nil, trusted.explain(err)
		}
		for _, c := range found {
			list = append(list, c.Credential)
		}
		// Each is judged again at each message, and kept with what comes of it.
		if len(list) > vc.MaxCredentials {
			return nil, trust.Refuse("V48", "the caller's wallet presents more than %d credentials", vc.MaxCredentials)
		}
	}
	list = requiredOf(list, types)
	for _, name := range types {
		if !slices.ContainsFunc(list, func(c trust.Credential) bool { return slices.Contains(c.Types, name) }) {
			return nil, trust.Refuse("V49", "the caller presents no %s", name)
		}
	}
	return list, nil
}

// requiredOf drops what was not asked for (V50): no policy may be fulfilled by
// it. The checker has not even looked at it. The order is always the same.
func requiredOf(list []trust.Credential, types []string) []trust.Credential {
	rank := func(c trust.Credential) int {
		return slices.IndexFunc(types, func(name string) bool { return slices.Contains(c.Types, name) })
	}
	list = slices.DeleteFunc(list, func(c trust.Credential) bool { return rank(c) < 0 })
	slices.SortStableFunc(list, func(a, b trust.Credential) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Issuer, b.Issuer))
	})
	return list
}

// believed answers the checker whom we trust.
type believed struct {
	profile *Profile
	own     trust.Participant
	wrong   *trust.Refusal // an issuer that is trusted for memberships only
}

// issuer implements vc.Issuers.
func (b *believed) issuer(ctx context.Context, issuer, credentialType string) (bool, trust.Conformance, error) {
	conformance, err := b.profile.trusted(ctx, b.own, issuer, credentialType)
	if refusal, ok := errors.AsType[*trust.Refusal](err); ok {
		if refusal.Check == "C16" {
			b.wrong = refusal
		}
		return false, trust.Strict, nil
	}
	return err == nil, conformance, err
}

// explain says of a credential whose issuer is trusted for memberships only
// that this is what is wrong with it.
func (b *believed) explain(err error) error {
	refusal, ok := errors.AsType[*trust.Refusal](err)
	if !ok || refusal.Check != "V68" || b.wrong == nil {
		return err
	}
	return b.wrong.Of(refusal.Credential).Because(refusal)
}
