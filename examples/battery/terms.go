// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// keep is how long an answer may be used and kept.
const keep = "P3Y"

// aggregation is what a customer says it wants an answer for.
var aggregation = map[string][]string{policy.LeftPurpose: {policy.PurposeCFPAggregation}}

// trade names what one company orders from another; both know it.
func trade(customer, part string) string { return "urn:example:trade:" + customer + ":" + part }

// offers are the terms on which a company answers: one offer for each customer,
// that the others do not see. Who has no customer, since it makes the final
// product, offers to every member.
func (c *company) offers() []catalog.Offer {
	offer := func(id string, access policy.Policy, usage policy.Policy) catalog.Offer {
		return catalog.Offer{
			ID: "urn:example:offer:" + id, Assets: catalog.Selector{IDs: []string{datasetID(c.Part.ID)}},
			Access: access, Usage: usage,
		}
	}
	if len(c.customers) == 0 {
		return []catalog.Offer{offer(c.Part.ID, policy.Permit(policy.Use, policy.ActiveMember()), answerTerms())}
	}
	var list []catalog.Offer
	for _, customer := range c.customers {
		list = append(list, offer(c.Part.ID+":"+customer.ID,
			policy.Permit(policy.Use, policy.ActiveMember(), policy.CorporateNumber(customer.Number)),
			answerTerms(policy.CorporateNumber(customer.Number), policy.ForTrade(trade(customer.ID, c.Part.ID)))))
	}
	return list
}

// answerTerms in one sentence: a member may add the answer into the footprint
// of its own product, for three years; it may not pass it on, sell it, take it
// apart or use it to bargain over prices, and deletes it afterwards.
func answerTerms(more ...policy.Constraint) policy.Policy {
	return policy.Permit(policy.Use).
		When(policy.ActiveMember()).
		When(more...).
		When(policy.ForPurpose(policy.PurposeCFPAggregation, policy.PurposeEUBatteryArticle7), policy.AtMost(keep)).
		Permit(policy.Aggregate, policy.ForPurpose(policy.PurposeCFPAggregation)).
		Forbid(policy.Distribute).Forbid(policy.Sell).Forbid(policy.Decompose).
		Forbid(policy.Use, policy.ForPurpose(policy.PurposePriceNegotiation)).
		DeleteAfterUse()
}
