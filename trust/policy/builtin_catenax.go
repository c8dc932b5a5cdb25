// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// catenaxOperands are those of the minimum policies of Catena-X (CX-0136,
// CX-0152), under the names of its profile.
func catenaxOperands() []Operand {
	return []Operand{
		{
			IRI: CatenaX + "Membership", Name: "Membership (Catena-X)", Type: TypeText, Operators: []string{Eq}, Source: FromCredential, From: AtCatalog, Live: true,
			Doc: "\"active\" while a membership credential of the consumer is valid.", Values: membership,
			Help: "the consumer's membership has to be issued or renewed",
		},
		{
			IRI: CatenaX + "FrameworkAgreement", Name: "FrameworkAgreement (Catena-X)", Type: TypeText, Operators: []string{Eq, IsAnyOf}, Source: FromCredential, From: AtCatalog, Live: true,
			Doc:    "The framework that the consumer has signed, with its version, such as DataExchangeGovernance:1.0, by a DataExchangeGovernanceCredential or a FrameworkAgreementCredential.",
			Help:   helpFramework,
			Values: catenaxFramework,
		},
		{
			IRI: CatenaX + "UsagePurpose", Name: "UsagePurpose (Catena-X)", Type: TypeText, Operators: []string{Eq, IsAnyOf, IsAllOf}, Source: FromConsumer, From: AtNegotiation,
			Doc: "What the consumer says it wants the data for, such as cx.pcf.base:1.", Help: helpPurpose, Values: declaredValue,
		},
		{
			IRI: CatenaX + "ContractReference", Name: "ContractReference (Catena-X)", Type: TypeText, Operators: []string{Eq, IsAnyOf, IsAllOf}, Source: FromConsumer, From: AtNegotiation,
			Doc: "The contract outside the dataspace to which the consumer refers.", Help: helpContract, Values: declaredValue,
		},
	}
}

// catenaxFramework reads the governance credential, whose contract version is
// the version of the framework, beside those of framework.
func catenaxFramework(f *Facts, name string) Left {
	l := f.said("DataExchangeGovernanceCredential", "contractVersion")
	for i := range l.Values {
		l.Values[i].Text = "DataExchangeGovernance:" + l.Values[i].Text
	}
	return l.or(framework(f, name))
}
