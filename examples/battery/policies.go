// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust/policy"
)

// relation is a company and the supplier of one of its children.
type relation struct {
	customer, supplier *company
	child              footprint.Child
}

// related returns the last relation of the chain in which both can be reached.
func (s *scene) related() (relation, bool) {
	for i := len(s.companies) - 1; i >= 0; i-- {
		c := s.companies[i]
		for _, child := range c.Children {
			if child.Bought() && c.ID != s.down && child.Supplier != s.down && c.agreements[child.Part] != "" {
				return relation{c, s.byID[child.Supplier], child}, true
			}
		}
	}
	return relation{}, false
}

// denials shows two refusals between companies that know each other: by the
// terms of the contract, before it and after it.
func (s *scene) denials(ctx context.Context) error {
	r, ok := s.related()
	if !ok || s.outsiders == nil {
		return nil
	}
	s.say("\nThe terms hold between companies that know each other, too:\n")
	return errors.Join(s.wrongPurpose(ctx, r), s.revokedLater(ctx, r))
}

// wrongPurpose: another department of the customer asks for the same numbers.
func (s *scene) wrongPurpose(ctx context.Context, r relation) error {
	s.say("  purchasing at %s asks %s for %s, for %s\n", r.customer.ID, r.supplier.ID, r.child.Part, policy.PurposePriceNegotiation)
	agreement, err := r.customer.conclude(ctx, r.child, map[string][]string{policy.LeftPurpose: {policy.PurposePriceNegotiation}})
	if err == nil {
		return fmt.Errorf("%s agreed to it: %s", r.supplier.ID, agreement)
	}
	s.say("    no agreement: %v\n", err)
	verdict, err := r.supplier.lastVerdict(ctx, r.customer.did)
	if err != nil {
		return err
	}
	s.say("    %s alone sees why:\n      %s\n", r.supplier.ID, verdict)
	return nil
}

// lastVerdict says why a company's policy denied the last request of a customer.
func (c *company) lastVerdict(ctx context.Context, customer string) (string, error) {
	last, err := c.participant.Negotiations(ctx, negotiation.Filter{Role: "provider", Peer: customer, Limit: 1})
	if err != nil || len(last) == 0 {
		return "", errors.Join(fmt.Errorf("%s has no record of it", c.ID), err)
	}
	n, err := c.participant.AwaitNegotiation(ctx, last[0].ID, settling, func(n negotiation.Negotiation) bool { return n.State == terminated })
	if err != nil || n.Verdict == nil {
		return "", errors.Join(fmt.Errorf("%s has not refused it", c.ID), err)
	}
	return n.Verdict.Reason, nil
}

// revokedLater: a membership ends while a transfer is open under a contract
// that was good when it was made.
func (s *scene) revokedLater(ctx context.Context, r relation) error {
	p, err := r.customer.participant.Request(ctx, transfer.RequestArgs{Agreement: r.customer.agreements[r.child.Part], Format: format})
	if err != nil {
		return err
	}
	if err := r.customer.reaches(ctx, p.ID, started); err != nil {
		return err
	}
	if p, err = r.customer.participant.Transfer(ctx, p.ID); err != nil {
		return err
	}
	const reason = "its fee is overdue"
	if err := s.registrar.revoke(ctx, r.customer.member, reason); err != nil {
		return err
	}
	s.say("  the registrar revokes the membership of %s (%s), while it has an open transfer from %s\n", r.customer.ID, reason, r.supplier.ID)
	ended, err := r.supplier.participant.AwaitTransfer(ctx, p.PeerPID, settling, func(p transfer.Process) bool { return p.State == terminated })
	if err != nil {
		return fmt.Errorf("%s goes on: %w", r.supplier.ID, err)
	}
	_, err = r.customer.participant.Pull(ctx, p.ID)
	switch fault, isFault := errors.AsType[*dataplane.FetchError](err); {
	case err == nil:
		return fmt.Errorf("%s still sends data", r.supplier.ID)
	case isFault:
		s.say("    the next request for data: %d %s\n", fault.Status, fault.Code)
	case errors.Is(err, connector.ErrNoAddress):
		s.say("    the next request for data: there is no address any more\n")
	default:
		return err
	}
	s.say("    %s has ended the transfer: %s\n", r.supplier.ID, ended.Verdict.Reason)
	return nil
}
