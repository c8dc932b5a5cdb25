// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

const (
	docCompany = "法人番号 of 13 digits, or an identifier with its scheme such as iso6523:0199:..."
	docPurpose = "an IRI, or a word such as regulatory-compliance"
	docKeepFor = "an ISO 8601 duration from the agreement on, such as P3Y"
)

func builtinTemplates() []Template {
	return []Template{
		{
			Name: "cfp-answer",
			Doc: "The answer to one query for a carbon footprint: the companies named may add it into the footprint of their own product for this trade, " +
				"may not pass it on, take it apart or use it in purchasing, and delete it afterwards.",
			Parameters: []Parameter{
				{Name: "companies", List: true, Doc: docCompany},
				{Name: "purposes", List: true, Doc: docPurpose},
				{Name: "trade", Doc: "the IRI of the trade between the two companies"},
				{Name: "keepFor", Doc: docKeepFor},
			},
			build: cfpAnswer,
		},
		{
			Name: "chemical-verdict",
			Doc: "Whether a part holds listed substances, for every direct customer that is a member: it may conclude on its own product, " +
				"and may not pass it on or conclude how the part is made.",
			Parameters: []Parameter{
				{Name: "purposes", List: true, Doc: docPurpose},
				{Name: "listVersion", Doc: "the oldest version of the substance list against which it may be asked, such as CL-2025-11-05"},
				{Name: "until", Optional: true, Doc: "the last day of the use, such as 2027-03-31, or a moment"},
			},
			build: chemicalVerdict,
		},
		{
			Name: "chemical-composition",
			Doc:  "What a part is made of, for one company under a contract outside the dataspace: it may not pass it on or imitate the product, and deletes it afterwards.",
			Parameters: []Parameter{
				{Name: "company", Doc: docCompany},
				{Name: "contract", Doc: "the contract that the consumer has to name, such as NDA-2026-014"},
				{Name: "purpose", Doc: docPurpose},
				{Name: "keepFor", Doc: docKeepFor},
			},
			build: chemicalComposition,
		},
	}
}

func cfpAnswer(p *parameters) Policy {
	purpose := func(iri string) Constraint { return Atomic{LeftPurpose, Eq, Text(iri)} }
	return Permit(Use, ActiveMember(), p.companies("companies"), p.purposes("purposes"), ForTrade(p.iri("trade")), p.keepFor("keepFor")).
		Permit(Aggregate, purpose(PurposeCFPAggregation)).
		Forbid(Distribute).Forbid(Sell).Forbid(Decompose).Forbid(Use, purpose(PurposePriceNegotiation)).
		Oblige(Delete, Atomic{LeftEvent, Eq, Text(RetentionElapsedOrMembershipRevoked)})
}

func chemicalVerdict(p *parameters) Policy {
	made := Permit(Use, ActiveMember(), VerifiedCorporation(), DirectCustomer(), p.purposes("purposes"), ListSince(p.text("listVersion")))
	if p.given("until") {
		made = made.When(p.until("until"))
	}
	return made.Permit(Derive, Atomic{LeftOutput, Eq, Text(OwnProductVerdict)}).Forbid(Distribute).Forbid(ReverseEngineer)
}

func chemicalComposition(p *parameters) Policy {
	return Permit(Use, p.companies("company"), UnderContract(p.text("contract")), p.purposes("purpose"), p.keepFor("keepFor")).
		Forbid(Distribute).Forbid(Sell).Forbid(Use, Atomic{LeftPurpose, Eq, Text(PurposeProductImitation)}).
		DeleteAfterUse()
}
