// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"
)

func builtinActions() []Action {
	agreed := func(iri, name, doc string) Action { return Action{IRI: iri, Name: name, Doc: doc} }
	return []Action{
		{IRI: Use, Name: "use", Enforced: true, Doc: "Obtain the data and use it. It is what every request for an offer, an agreement or a transfer asks for."},
		{IRI: Delete, Name: "delete", Enforced: true, Doc: "Delete what was received. As an obligation bound to a retention event the connector's own storage does it and records it; data that was taken elsewhere is beyond its reach."},
		agreed(Distribute, "distribute", "Pass the data on to third parties."),
		agreed(Sell, "sell", "Pass the data on for money."),
		agreed(Aggregate, "aggregate", "Make the data part of a sum over several sources."),
		agreed(Derive, "derive", "Make something new from the data."),
		agreed(Decompose, "decompose", "Take a total apart to learn its parts."),
		agreed(ReverseEngineer, "reverseEngineer", "Conclude from the data how the product is made."),
		agreed(Namespace+"anonymize", "anonymize", "Remove what names anybody."),
		agreed(Namespace+"archive", "archive", "Keep the data beyond its use."),
		agreed(Namespace+"attribute", "attribute", "Name the source of the data."),
		agreed(Namespace+"inform", "inform", "Tell the provider of a use."),
		agreed(Namespace+"modify", "modify", "Change the data."),
		agreed(Namespace+"read", "read", "Obtain the data and look at it."),
		agreed(Namespace+"reproduce", "reproduce", "Make copies of the data."),
	}
}

func builtinOperands() []Operand {
	return slices.Concat(credentialOperands(), declaredOperands(), clockOperands(), counterOperands(), catenaxOperands(), []Operand{
		{
			IRI: LeftSupplyRelation, Name: "supplyRelation", Type: TypeText, Source: FromRecords, From: AtCatalog, Live: true,
			Doc:    "How the consumer stands to the provider by the provider's own records (`musubi relations`), such as \"direct\" for a direct customer.",
			Help:   "record the relation to the consumer, if there is one, with `musubi relations put`",
			Values: supplyRelation,
		},
		{
			IRI: LeftEvent, Name: "event", Type: TypeIRI, Source: FromContract, AgreedOnly: true, Operators: []string{Eq, IsAnyOf},
			Doc: "When an obligation is due: \"" + RetentionElapsed + "\", once the permission to use the data has ended by time, or \"" + RetentionElapsedOrMembershipRevoked + "\", then or once the agreement is ended.",
		},
		{
			IRI: LeftOutput, Name: "output", Type: TypeIRI, Source: FromContract, AgreedOnly: true,
			Doc: "What may be made of the data, such as \"" + OwnProductVerdict + "\": the consumer's verdict on its own product.",
		},
	})
}

func supplyRelation(f *Facts, _ string) Left {
	if len(f.Relations) == 0 {
		return Absent("the provider's records know no relation to the consumer")
	}
	l := Left{Values: make([]Datum, len(f.Relations))}
	for i, kind := range f.Relations {
		l.Values[i] = Datum{Text: kind, Origin: Origin{Source: FromRecords, By: "provider"}}
	}
	return l
}

func declaredOperands() []Operand {
	declared := func(iri, name string, t Type, help, doc string) Operand {
		return Operand{IRI: iri, Name: name, Type: t, Source: FromConsumer, From: AtNegotiation, Doc: doc, Help: help, Values: declaredValue}
	}
	return []Operand{
		declared(LeftPurpose, "purpose", TypeIRI, helpPurpose, "What the consumer says it wants the data for. A purpose whose IRI is below another's is part of it."),
		declared(LeftTradeID, "tradeId", TypeIRI, "the consumer has to declare the trade", "The trade, between the two companies, for which the consumer asks."),
		declared(LeftContractReference, "contractReference", TypeText, helpContract, "The contract outside the dataspace to which the consumer refers, such as a non-disclosure agreement."),
		declared(LeftListVersion, "listVersion", TypeVersion, "the consumer has to declare a version of the list that fits", "The version of a list, such as one of substances, against which the consumer asks. The numbers in it are compared as numbers."),
	}
}

func declaredValue(f *Facts, name string) Left {
	d, ok := f.Declared[name]
	switch {
	case !ok || len(d.Values) == 0 && !d.Unreadable:
		return Absent("the consumer declared no " + name[strings.LastIndexAny(name, "/#")+1:])
	case d.Unreadable:
		return Left{WrongType: "a declaration that is neither a text nor an IRI"}
	}
	l := Left{Values: make([]Datum, len(d.Values))}
	for i, v := range d.Values {
		l.Values[i] = Datum{Text: v, Origin: Origin{Source: FromConsumer, By: f.Claims.Participant}}
	}
	return l
}
