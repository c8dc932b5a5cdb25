// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// relation is a company and the supplier of one of its children.
type relation struct {
	customer, supplier *company
	child              footprint.Child
}

// related returns the last relation of the chain in which both can be reached.
func (s *scene) related() (relation, bool) {
	for _, c := range slices.Backward(s.companies) {
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
	verdict, err := r.supplier.Denial(ctx, r.customer.DID)
	if err != nil {
		return err
	}
	s.say("    %s alone sees why:\n      %s\n", r.supplier.ID, verdict)
	return nil
}

// revokedLater: a membership ends while a transfer is open under a contract
// that was good when it was made.
func (s *scene) revokedLater(ctx context.Context, r relation) error {
	id, err := r.customer.Open(ctx, r.customer.agreements[r.child.Part], r.customer.wait)
	if err != nil {
		return err
	}
	p, err := r.customer.Participant.Transfer(ctx, id)
	if err != nil {
		return err
	}
	const reason = "its fee is overdue"
	if err := s.registrar.Revoke(ctx, r.customer.Member, reason); err != nil {
		return err
	}
	s.say("  the registrar revokes the membership of %s (%s), while it has an open transfer from %s\n", r.customer.ID, reason, r.supplier.ID)
	ended, err := r.supplier.Participant.AwaitTransfer(ctx, p.PeerPID, dataspace.Settling, func(p transfer.Process) bool { return p.State == dataspace.Terminated })
	if err != nil {
		return fmt.Errorf("%s goes on: %w", r.supplier.ID, err)
	}
	// The customer hears of it, too. Had it asked before, the supplier would have refused.
	if err := r.customer.Reaches(ctx, id, dataspace.Terminated, dataspace.Settling); err != nil {
		return err
	}
	switch _, err = r.customer.Participant.Pull(ctx, id); {
	case err == nil:
		return fmt.Errorf("%s still sends data", r.supplier.ID)
	case !errors.Is(err, connector.ErrNoAddress):
		return err
	}
	s.say("    the next request for data: there is no address any more\n")
	s.say("    %s has ended the transfer: %s\n", r.supplier.ID, ended.Verdict.Reason)
	return nil
}
