// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	// contract is the agreement on paper under which compositions are disclosed.
	contract = "NDA-2026-014"
	// keepComposition is how long one may be used and kept, and answerYears how
	// long verdicts may: evidence lives longer than recipes.
	keepComposition = "P1Y"
	answerYears     = 10
)

func verdictID(part string) string     { return "urn:example:verdict:" + part }
func compositionID(part string) string { return "urn:example:composition:" + part }

// verdictTerms in one sentence: a member that we know as a direct customer may
// use the verdict to keep the law, and to derive that on its own product, when it
// asks by this release of the list or a later one; it may not pass it on or
// conclude from it how the part is made.
func verdictTerms(release string, until time.Time) policy.Policy {
	return policy.Permit(policy.Use).
		When(policy.ActiveMember(), policy.VerifiedCorporation(), policy.DirectCustomer()).
		When(policy.ForPurpose(policy.PurposeRegulatoryCompliance, policy.PurposeSCIPNotification)).
		When(policy.ListSince(release), policy.Until(until)).
		Permit(policy.Derive, policy.Atomic{Left: policy.LeftOutput, Operator: policy.Eq, Right: policy.Text(policy.OwnProductVerdict)}).
		Forbid(policy.Distribute).Forbid(policy.ReverseEngineer)
}

// compositionTerms in one sentence: the company that the contract names may use
// the composition to keep the law for a year, and deletes it then; it may not
// pass it on, sell it, or make the part itself.
func compositionTerms(number string) policy.Policy {
	return policy.Permit(policy.Use).
		When(policy.CorporateNumber(number), policy.UnderContract(contract)).
		When(policy.Atomic{Left: policy.LeftPurpose, Operator: policy.Eq, Right: policy.Text(policy.PurposeRegulatoryCompliance)}).
		When(policy.AtMost(keepComposition)).
		Forbid(policy.Distribute).Forbid(policy.Sell).
		Forbid(policy.Use, policy.ForPurpose(policy.PurposeProductImitation)).
		DeleteAfterUse()
}

// verdictOffer is one for all direct customers. Nobody else sees that it is there.
func (c *company) verdictOffer(release string) catalog.Offer {
	id := verdictID(c.Bill.Part)
	return catalog.Offer{
		ID: id + ":offer", Assets: catalog.Selector{IDs: []string{id}},
		Access: policy.Permit(policy.Use, policy.ActiveMember(), policy.DirectCustomer()),
		Usage:  verdictTerms(release, c.until),
	}
}

// compositionOffers are one for each company that a contract names, since an
// offer for several would tell each of the others.
func (c *company) compositionOffers() []catalog.Offer {
	id := compositionID(c.Bill.Part)
	var list []catalog.Offer
	for _, customer := range c.named {
		list = append(list, catalog.Offer{
			ID: id + ":" + customer.ID, Assets: catalog.Selector{IDs: []string{id}},
			Access: policy.Permit(policy.Use, policy.ActiveMember(), policy.CorporateNumber(customer.Number)),
			Usage:  compositionTerms(customer.Number),
		})
	}
	return list
}
