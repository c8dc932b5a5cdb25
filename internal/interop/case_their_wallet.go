// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// theirWalletCases are the EDC's wallet in our eyes. Each ends with a wallet
// that we accept.
func (c *Claims) theirWalletCases() []Case {
	var cases []Case
	for _, bad := range []struct{ kind, name, check string }{
		{"expired", "an expired membership, which its wallet leaves out", "V47"},
		{"future", "one that is not valid yet, likewise", "V47"},
		{"untrusted", "one of an issuer that we do not trust", "V68"},
		{"forged", "a forged one", "V64"},
		{"kid", "one that is signed with the key of another DID", "V65"},
		{"subject", "one about another participant", "V69"},
	} {
		cases = append(cases, Case{"EDC's wallet: " + bad.name, func(ctx context.Context) error {
			err := c.hub.Give(ctx, Provider, bad.kind)
			if err == nil {
				err = c.weRefuse(ctx, bad.check)
			}
			return errors.Join(err, c.hub.Give(ctx, Provider, "good"), c.weAccept(ctx))
		}})
	}
	return append(cases,
		Case{"EDC's wallet: one that was revoked since its wallet looked", c.revokedTheirs},
		Case{"EDC as a peer that is judged strictly, and leniently", c.strictPeer},
		Case{"EDC's issuer, judged strictly, and leniently", c.strictIssuer},
	)
}

// weAccept has the EDC ask for our catalogue.
func (c *Claims) weAccept(ctx context.Context) error {
	_, err := c.EDC.Catalog(ctx, c.Peer, nil)
	return err
}

// weRefuse has the EDC ask for our catalogue, which it must not get: our side
// keeps the number of the check.
func (c *Claims) weRefuse(ctx context.Context, check string) error {
	before, err := c.refusals(ctx)
	if err != nil {
		return err
	}
	err = c.weAccept(ctx)
	answer, ok := errors.AsType[*StatusError](err)
	if !ok || !strings.Contains(answer.Body, "not-authenticated") {
		return fmt.Errorf("the EDC was not refused: %w", err)
	}
	after, err := c.refusals(ctx)
	switch {
	case err != nil:
		return err
	case len(after) != len(before)+1:
		return fmt.Errorf("%d refusals more, not one; EDC says %s", len(after)-len(before), answer.Body)
	case after[0].Check != check:
		return fmt.Errorf("refused by %s (%s), not by %s", after[0].Check, after[0].Reason, check)
	}
	return nil
}

// revokedTheirs gives the EDC a membership whose list shows it revoked to us
// alone.
func (c *Claims) revokedTheirs(ctx context.Context) error {
	p, err := c.strangers.proof(c.ID)
	if err != nil {
		return err
	}
	p.about(c.EDC.ID)
	token, err := p.vc.text()
	if err == nil {
		err = errors.Join(c.hub.Empty(ctx, Provider), c.hub.Put(ctx, Provider, token))
	}
	if err == nil {
		err = c.weAccept(ctx)
	}
	if err == nil {
		c.strangers.change(func() { p.revoked, p.hidden = true, true })
		err = c.weRefuse(ctx, "V80")
	}
	return errors.Join(err, c.hub.Give(ctx, Provider, "good"), c.weAccept(ctx))
}

// strictPeer: an IdentityHub of this release publishes an empty list of
// relationships.
func (c *Claims) strictPeer(ctx context.Context) error {
	err := c.peer(ctx, "strict")
	if err == nil {
		err = c.weRefuse(ctx, "V17")
	}
	err = errors.Join(err, c.peer(ctx, "lenient"), c.weAccept(ctx))
	if err == nil && !strings.Contains(c.process.Log(), "lenient with a counterparty") {
		err = errors.New("our side did not log that it is lenient")
	}
	return err
}

func (c *Claims) strictIssuer(ctx context.Context) error {
	strict := object{"trustedIssuers": []object{
		{"id": ourIssuer, "types": []string{membership}}, {"id": hubHost + "issuer", "types": []string{membership}},
	}}
	err := decide(ctx, c.API, c.settings(strict))
	if err == nil {
		err = c.weRefuse(ctx, "V67")
	}
	return errors.Join(err, decide(ctx, c.API, c.settings(nil)), c.weAccept(ctx))
}

func (c *Claims) peer(ctx context.Context, conformance string) error {
	return ours(c.Call(ctx, http.MethodPut, "/peers/"+url.PathEscape(c.EDC.ID), object{"conformance": conformance}, nil))
}
