// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// view is what one counterparty may see of one participant.
type view struct {
	contextID string
	me        trust.Participant
	access    []string // hashes of the access policies that are open to it
}

// viewOf finds what a counterparty may see. Every way into the catalogue
// begins here, so that they all agree.
func (s *Service) viewOf(ctx context.Context, contextID string, claims trust.Claims) (view, error) {
	if claims.Participant == "" {
		return view{}, fmt.Errorf("%w: the catalogue is shown to no one unnamed", trust.ErrUnauthenticated)
	}
	me, err := s.config.Participants(ctx, contextID)
	if err != nil {
		return view{}, err
	}
	hashes, err := s.config.Store.AccessHashes(ctx, contextID)
	if err != nil {
		return view{}, ours("access policies", err)
	}
	known, err := s.terms(ctx, contextID, hashes)
	if err != nil {
		return view{}, ours("access policies", err)
	}
	facts, err := s.facts(ctx, contextID, claims, known)
	if err != nil {
		return view{}, ours("access policies", err)
	}
	v := view{contextID: contextID, me: me}
	for _, h := range hashes {
		if known[h].compiled.Permits(facts) {
			v.access = append(v.access, h)
		}
	}
	return v, nil
}

// facts are what access policies are judged by, the same for all of them.
func (s *Service) facts(ctx context.Context, contextID string, claims trust.Claims, known map[string]terms) (*policy.Facts, error) {
	policies := make([]*policy.Compiled, 0, len(known))
	for _, t := range known {
		policies = append(policies, t.compiled)
	}
	return s.config.Policies.Facts(ctx, policy.Case{Context: contextID, Point: policy.AtCatalog, Claims: claims}, policies...)
}

func (s *Service) terms(ctx context.Context, contextID string, hashes []string) (map[string]terms, error) {
	return s.policies.get(ctx, hashes, func(ctx context.Context, missing []string) (map[string]policy.Policy, error) {
		return s.config.Store.Policies(ctx, contextID, missing)
	})
}

// ours is an error of this side. What it came from is told and no longer
// recognised: a stored policy that cannot be sent is no fault of the message
// that was just received, nor is a missing one a dataset not found.
func ours(what string, err error) error {
	if status, _, _ := verdict(err); status == http.StatusInternalServerError {
		return fmt.Errorf("%s: %w", what, err) // the caller is gone, or the store is
	}
	return fmt.Errorf("%s: %s", what, err.Error())
}
