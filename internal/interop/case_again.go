// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// againCases are tokens that come more than once: a used one is refused, and
// one that we answered 503 to is as good as new.
func (c *Claims) againCases() []Case {
	return []Case{
		{"both verify: a token that was used before", c.usedBefore},
		{"a token that we answered 503 to, once its wallet is there", c.released},
		{"EDC's wallet is out of reach twice, in a negotiation", func(ctx context.Context) error {
			return c.outage(ctx, "ours-wallet-outage", c.hub.wallets, "/presentations/query", true)
		}},
		{"EDC's DID document is out of reach twice, in a negotiation", func(ctx context.Context) error {
			return c.outage(ctx, "ours-did-outage", c.hub.dids, "/"+Provider+"/did.json", false)
		}},
		{"EDC provides with an expired membership: both sides say where it stands", c.theirAgreementRefused},
	}
}

func (c *Claims) usedBefore(ctx context.Context) error {
	p, err := c.strangers.proof(c.EDC.ID)
	if err != nil {
		return err
	}
	mark := c.mark()
	err = errors.Join(p.post(ctx, c.EDC.Protocol, http.StatusOK), p.post(ctx, c.EDC.Protocol, http.StatusUnauthorized))
	if err = errors.Join(err, c.logged(ctx, mark, "was already used")); err != nil {
		return theirs(err)
	}
	if p, err = c.strangers.proof(c.ID); err != nil {
		return err
	}
	err = errors.Join(p.post(ctx, c.Address, http.StatusOK), p.post(ctx, c.Address, http.StatusUnauthorized), c.checked(ctx, p, "V38"))
	return ours(err)
}

// released sends one token three times: 503, 200, 401.
func (c *Claims) released(ctx context.Context) error {
	p, err := c.strangers.proof(c.ID)
	if err != nil {
		return err
	}
	answering(http.StatusInternalServerError)(p)
	if err := p.post(ctx, c.Address, http.StatusServiceUnavailable); err != nil {
		return err
	}
	c.strangers.change(func() { p.wallet = nil })
	return errors.Join(p.post(ctx, c.Address, http.StatusOK), p.post(ctx, c.Address, http.StatusUnauthorized), c.checked(ctx, p, "V38"))
}

// outage has the EDC negotiate while something of its own is out of reach: it
// sends its message again, with the same token.
func (c *Claims) outage(ctx context.Context, asset string, g *Gate, path string, token bool) error {
	if err := c.publishOurs(ctx, asset, use); err != nil {
		return err
	}
	found, err := c.EDC.Catalog(ctx, c.Peer, byID(asset))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d datasets of the id %s: %w", len(found), asset, err)
	}
	offer, err := offerOf(found[0])
	if err != nil {
		return err
	}
	g.Fail(path, http.StatusServiceUnavailable, 2)
	id, err := c.EDC.Negotiate(ctx, c.Peer, asset, offer)
	if err != nil {
		return err
	}
	us, err := c.EDC.answered(ctx, Negotiations, id)
	if err != nil {
		return err
	}
	if _, _, err := c.both(ctx, negotiations, pair{us: us, edc: id}, "FINALIZED"); err != nil {
		return err
	}
	met := g.Met()
	if len(met) != 3 {
		return fmt.Errorf("it was asked for %d times, not 3", len(met))
	}
	return sameToken(met, token)
}

// sameToken checks that our queries came from one token of the EDC: they carry
// the access token that it brought.
func sameToken(met []string, token bool) error {
	if !token {
		return nil // a DID document is asked for without one
	}
	seen := map[any]bool{}
	for _, m := range met {
		claims, err := claimsOf(m)
		if err != nil {
			return err
		}
		seen[claims["token"]] = true
	}
	if len(seen) != 1 {
		return fmt.Errorf("the queries carry %d access tokens, not one", len(seen))
	}
	return nil
}

// theirAgreementRefused: we ask for an asset of the EDC, whose own membership
// is only looked at when it answers.
func (c *Claims) theirAgreementRefused(ctx context.Context) (err error) {
	const asset = "theirs-expired"
	if err := errors.Join(c.publishTheirs(ctx, asset, use), c.hub.Give(ctx, Provider, "expired")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.hub.Give(ctx, Provider, "good"), c.weAccept(ctx)) }()
	n, err := c.negotiateTheirs(ctx, asset)
	if err != nil {
		return err
	}
	if e, err := c.EDC.Await(ctx, Negotiations, n.edc, "TERMINATED"); err != nil {
		return fmt.Errorf("%w (%s)", err, e)
	}
	v, err := c.See(ctx, negotiations, n.us)
	if err == nil && (v.State != "REQUESTED" || v.WaitingFor != "peer") {
		err = fmt.Errorf("not waiting for the peer in REQUESTED: %s", v)
	}
	last, refusals := c.lastRefusal(ctx, c.EDC.ID)
	if err = errors.Join(err, refusals); err == nil && last.Check != "V47" {
		err = fmt.Errorf("refused by %q (%s)", last.Check, last.Reason)
	}
	return errors.Join(err, c.Act(ctx, negotiations, n.us, "terminate", "the counterparty cannot prove who it is"))
}
