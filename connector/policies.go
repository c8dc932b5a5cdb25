// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// judge builds the one evaluator of policies, which the catalogue,
// negotiations, transfers and explanations share.
func (c *Connector) judge(o options) *policy.Judge {
	return &policy.Judge{Registry: o.terms, Now: c.now, Relations: c.relations, Usage: c.usage, Recheck: c.recheck, Access: c.access}
}

// access is the access policy that an offer has at this moment.
func (c *Connector) access(ctx context.Context, contextID, offer string) (p policy.Policy, found bool, err error) {
	p, err = c.catalog.Access(ctx, contextID, offer)
	if errors.Is(err, catalog.ErrNotFound) {
		return policy.Policy{}, false, nil
	}
	return p, err == nil, err
}

// recheck judges credentials again that were proved before. A profile without
// credentials has nothing that could be revoked.
func (c *Connector) recheck(ctx context.Context, contextID string, claims trust.Claims, maxAge time.Duration) error {
	if claims.Profile != profileDCP {
		return nil
	}
	return c.identity.verifier.Recheck(ctx, contextID, claims, maxAge)
}

// relations are what our records know of a counterparty, by its participant id
// and by each corporate identifier that was proved.
func (c *Connector) relations(ctx context.Context, contextID string, claims trust.Claims) ([]string, error) {
	parties := []string{claims.Participant}
	for _, i := range claims.Identifiers() {
		if i.Known() {
			parties = append(parties, trust.RelationParty(i))
		}
	}
	list, err := c.store.Relations(ctx, contextID, parties)
	var kinds []string
	for _, r := range list {
		if !slices.Contains(kinds, r.Kind) {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds, err
}

func (c *Connector) usage(ctx context.Context, contextID, agreement string) (policy.Usage, error) {
	u, err := c.store.Usage(ctx, contextID, agreement)
	return policy.Usage{Started: u.Started, Bytes: u.Bytes}, err
}

// meters tells which formats can be counted: transfers in all that have a
// provider's data plane, since the connector counts them itself, and bytes in
// those whose plane does.
func (c *Connector) meters(planes transfer.Planes) func(contextID, format string) (count, bytes bool) {
	return func(contextID, format string) (count, bytes bool) {
		plane, ok := planes.Plane(contextID, format, "provider")
		if !ok {
			return false, false
		}
		metering, ok := plane.(transfer.Metering)
		return true, ok && metering.MetersBytes()
	}
}

// enforce stops what policies no longer permit. That one transfer cannot be
// judged must not keep the others waiting, as the failure of a chore would.
func (c *Connector) enforce(ctx context.Context) (next time.Time, err error) {
	next, err = c.monitor.Work(ctx)
	if err != nil && ctx.Err() == nil {
		c.background.warn("policies of running transfers", err)
	}
	return next, nil
}

// endAgreement ends an agreement and what runs under it. Should we be stopped
// between the two, the monitor ends what we provide.
func (c *Connector) endAgreement(ctx context.Context, contextID, id, reason string) (negotiation.Agreement, error) {
	a, err := c.negotiations.End(ctx, contextID, id, reason)
	if c.edits.edited(contextID, err) != nil {
		return a, err
	}
	if c.sink != nil {
		c.sink.Look()
	}
	text := "the agreement was ended"
	if reason != "" {
		text += ": " + reason
	}
	return a, c.transfers.EndAll(ctx, contextID, id, text)
}
