// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Explain says whether a counterparty sees an asset, may negotiate about it
// and may have it transferred, and why. catalog.ErrNotFound where there is
// neither such an asset nor an agreement about it; negotiation.ErrNoAgreement.
func (p *Participant) Explain(ctx context.Context, q explain.Query) (explain.Explanation, error) {
	return p.c.explain(ctx, p.context, q)
}

// DryRun judges a policy that is not published, on facts that are made up.
// access: it is to be an access policy, which is judged at the catalogue. The
// error is a policy.ErrMalformed of the sample.
func (p *Participant) DryRun(rules policy.Policy, access bool, s policy.Sample) (policy.DryRun, error) {
	point := policy.AtNegotiation
	if access {
		point = policy.AtCatalog
	}
	facts, err := s.Facts(point, p.c.now())
	if err != nil {
		return policy.DryRun{}, err
	}
	return p.c.policies.Registry.DryRun(rules, access, facts), nil
}

func (c *Connector) explain(ctx context.Context, contextID string, q explain.Query) (explain.Explanation, error) {
	e := explain.Explanation{Asset: q.Asset, Counterparty: q.Counterparty, At: c.now().UTC(), Offers: []explain.Offer{}}
	_, err := c.store.Peer(ctx, contextID, q.Counterparty)
	if e.KnownPeer = err == nil; err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
		return e, err
	}
	claims, err := c.explainClaims(ctx, contextID, q, &e.Claims)
	if err != nil {
		return e, err
	}
	if e.Declared, err = c.explainDeclared(ctx, contextID, q); err != nil {
		return e, err
	}
	for _, r := range c.refusals.Of(contextID, q.Counterparty, maxExplained) {
		e.Refusals = append(e.Refusals, explain.Refusal{At: r.At, Check: r.Check, Reason: r.Reason, Credential: r.Credential, SupportID: r.SupportID})
	}
	agreement, found, err := c.explainedAgreement(ctx, contextID, q)
	if err != nil {
		return e, err
	}
	offers, err := c.catalog.Explain(ctx, contextID, q.Asset, claims)
	if err != nil && (!found || !errors.Is(err, catalog.ErrNotFound)) {
		return e, err
	}
	x := explainer{c: c, context: contextID, claims: claims, answers: &e}
	if err := errors.Join(x.offers(ctx, offers), x.agreement(ctx, agreement, found)); err != nil {
		return e, err
	}
	x.conclude()
	return e, nil
}

// maxExplained bounds what is told of earlier messages.
const maxExplained = 3

// explainedAgreement is the agreement that a transfer would be asked for
// under.
func (c *Connector) explainedAgreement(ctx context.Context, contextID string, q explain.Query) (a negotiation.Agreement, found bool, err error) {
	if q.Agreement != "" {
		a, err = c.store.Agreement(ctx, contextID, q.Agreement)
		if err == nil && (a.Peer != q.Counterparty || a.Role != "provider" || a.Target != q.Asset) {
			err = fmt.Errorf("%w with %s as consumer about %s under this id", negotiation.ErrNoAgreement, q.Counterparty, q.Asset)
		}
		return a, err == nil, err
	}
	list, err := c.store.Agreements(ctx, contextID, negotiation.AgreementQuery{
		Peer: q.Counterparty, Role: "provider", Target: q.Asset, InForce: true, Limit: 1,
	})
	if err != nil || len(list) == 0 {
		return a, false, err
	}
	return list[0], true, nil
}
