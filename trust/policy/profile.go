// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// Profile is the namespace of our own ODRL profile (docs/policy.md), and what
// stands under `profile` in a policy that uses it. It is a name; nobody fetches
// it.
const Profile = "https://musubi-ods.github.io/musubi/policy/v1/"

// CatenaX is the namespace of the Catena-X profile of September 2025, of which
// the operands of its minimum policies are known here.
const CatenaX = "https://w3id.org/catenax/2025/9/policy/"

// Left operands. Where ODRL has a name for the thing it is that.
const (
	LeftPurpose     = Namespace + "purpose"
	LeftDateTime    = Namespace + "dateTime"
	LeftElapsedTime = Namespace + "elapsedTime"
	LeftCount       = Namespace + "count"
	LeftEvent       = Namespace + "event"

	LeftMembership             = Profile + "membership"
	LeftCorporateIdentifier    = Profile + "corporateIdentifier"
	LeftCorporateNumber        = Profile + "corporateNumber"
	LeftCorporateNumberChecked = Profile + "corporateNumberVerified"
	LeftSCSLevel               = Profile + "scsLevel"
	LeftJurisdiction           = Profile + "jurisdiction"
	LeftClaim                  = Profile + "claim/" // and a credential type, "/", a path
	LeftFrameworkAgreement     = Profile + "frameworkAgreement"
	LeftTradeID                = Profile + "tradeId"
	LeftContractReference      = Profile + "contractReference"
	LeftListVersion            = Profile + "listVersion"
	LeftSupplyRelation         = Profile + "supplyRelation"
	LeftInForceDate            = Profile + "inForceDate"
	LeftBytes                  = Profile + "bytes"
	LeftOutput                 = Profile + "output"

	// LeftEDCInForceDate is LeftInForceDate under the name that EDC has for it.
	LeftEDCInForceDate = "https://w3id.org/edc/v0.0.1/ns/inForceDate"
)

// Actions beside Use.
const (
	Delete     = Namespace + "delete"
	Distribute = Namespace + "distribute"
	Sell       = Namespace + "sell"
	Aggregate  = Namespace + "aggregate"
	Derive     = Namespace + "derive"

	Decompose       = Profile + "decompose"
	ReverseEngineer = Profile + "reverseEngineer"
)

// Right operands.
const (
	Active       = "active" // of LeftMembership
	DirectSupply = "direct" // of LeftSupplyRelation

	// RetentionElapsed and the next are of LeftEvent: when data that was
	// received has to be deleted.
	RetentionElapsed                    = Profile + "event/retentionElapsed"
	RetentionElapsedOrMembershipRevoked = Profile + "event/retentionElapsedOrMembershipRevoked"

	// PurposeCFPAggregation and the next are of LeftPurpose. Any other IRI can
	// be one too.
	PurposeCFPAggregation       = Profile + "purpose/cfp-aggregation"
	PurposeEUBatteryArticle7    = Profile + "purpose/eu-2023-1542-art7"
	PurposeRegulatoryCompliance = Profile + "purpose/regulatory-compliance"
	PurposeSCIPNotification     = Profile + "purpose/scip-notification"
	PurposePriceNegotiation     = Profile + "purpose/price-negotiation"
	PurposeProductImitation     = Profile + "purpose/product-imitation"

	// OwnProductVerdict is of LeftOutput.
	OwnProductVerdict = Profile + "output/ownProductVerdict"
)
