// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// The documents that a message may name in its @context and that are held
// here (contexts/*.jsonld of the specification). No other one is ever read.
const (
	Version        = "2025-1"
	Namespace      = "https://w3id.org/dspace/2025/1/"
	ContextURL     = Namespace + "context.jsonld"
	ODRLContextURL = Namespace + "odrl-profile.jsonld"
	EDCContextURL  = "https://w3id.org/edc/dspace/v0.0.1" // extra terms of Eclipse EDC
	EDCNamespace   = "https://w3id.org/edc/v0.0.1/ns/"

	odrlNamespace = "http://www.w3.org/ns/odrl/2/"
	didNamespace  = "https://www.w3.org/ns/did#"
)

// coercion says what a string stands for where a term is used.
type coercion uint8

const (
	literal coercion = iota // a string
	entity                  // an id ("@type": "@id")
	word                    // a term of the vocabulary ("@type": "@vocab")
	node                    // an object or, against JSON-LD, its id as a string
)

// term is one name that a context defines.
type term struct {
	name string
	id   string // prefixed
	as   coercion
	set  bool // always a list ("@container": "@set")
}

// class is a name for @type, and the terms it brings (a type-scoped context).
type class struct {
	name   string
	prefix string
	policy bool // imports the ODRL profile, also for nested objects
	terms  []term
}

// The terms that several classes share.
var (
	providerPID     = term{"providerPid", "dspace:providerPid", entity, false}
	consumerPID     = term{"consumerPid", "dspace:consumerPid", entity, false}
	callbackAddress = term{"callbackAddress", "dspace:callbackAddress", literal, false}
	offerTerm       = term{"offer", "dspace:offer", entity, false}
	stateTerm       = term{"state", "dspace:state", word, false}
	codeTerm        = term{"code", "dspace:code", literal, false}
	reasonTerm      = term{"reason", "dspace:reason", literal, true}
	formatTerm      = term{"format", "dct:format", word, false}
	dataAddressTerm = term{"dataAddress", "dspace:dataAddress", literal, false}
	distribution    = term{"distribution", "dcat:distribution", literal, true}
	timestampTerm   = term{"timestamp", "dspace:timestamp", literal, false}
)

// classes are the types of context.jsonld.
var classes = []class{
	{"DatasetRequestMessage", "dspace", false, []term{{"dataset", "dspace:dataset", literal, false}}},
	{"CatalogRequestMessage", "dspace", false, []term{{"filter", "dspace:filter", literal, true}}},
	{"CatalogError", "dspace", false, []term{codeTerm, reasonTerm}},
	{"ContractRequestMessage", "dspace", true, []term{callbackAddress, providerPID, consumerPID, offerTerm}},
	{"ContractOfferMessage", "dspace", true, []term{callbackAddress, providerPID, consumerPID, offerTerm}},
	{"ContractAgreementMessage", "dspace", true, []term{providerPID, consumerPID, {"agreement", "dspace:agreement", entity, false}, timestampTerm}},
	{"ContractAgreementVerificationMessage", "dspace", false, []term{providerPID, consumerPID}},
	{"ContractNegotiationEventMessage", "dspace", false, []term{providerPID, consumerPID, {"eventType", "dspace:eventType", word, false}}},
	{"ContractNegotiationTerminationMessage", "dspace", false, []term{codeTerm, reasonTerm, providerPID, consumerPID}},
	{"ContractNegotiation", "dspace", false, []term{providerPID, consumerPID, stateTerm}},
	{"ContractNegotiationError", "dspace", false, []term{providerPID, consumerPID, codeTerm, reasonTerm}},
	{"TransferRequestMessage", "dspace", false, []term{callbackAddress, dataAddressTerm, consumerPID, formatTerm, {"agreementId", "dspace:agreementId", entity, false}}},
	{"TransferStartMessage", "dspace", false, []term{providerPID, consumerPID, dataAddressTerm}},
	{"TransferCompletionMessage", "dspace", false, []term{providerPID, consumerPID}},
	{"TransferTerminationMessage", "dspace", false, []term{codeTerm, reasonTerm, providerPID, consumerPID}},
	{"TransferSuspensionMessage", "dspace", false, []term{codeTerm, reasonTerm, providerPID, consumerPID}},
	{"TransferError", "dspace", false, []term{codeTerm, {"consumerPid", "dspace:consumerPid", literal, false}, {"providerPid", "dspace:providerPid", literal, false}, reasonTerm}},
	{"DataAddress", "dspace", false, []term{{"endpointType", "dspace:endpointType", word, false}, {"endpointProperties", "dspace:endpointProperties", literal, true}, {"endpoint", "dspace:endpoint", literal, false}}},
	{"EndpointProperty", "dspace", false, []term{{"name", "dspace:name", literal, false}, {"value", "dspace:value", literal, false}}},
	{"TransferProcess", "dspace", false, []term{providerPID, consumerPID, stateTerm}},
	{"VersionsError", "dspace", false, []term{codeTerm, reasonTerm}},
	{"Catalog", "dcat", false, []term{{"service", "dcat:service", literal, true}, {"participantId", "dspace:participantId", entity, false}, {"catalog", "dcat:catalog", literal, true}, {"dataset", "dcat:dataset", literal, true}, distribution}},
	{"Dataset", "dcat", true, []term{distribution, {"hasPolicy", "odrl:hasPolicy", literal, true}}},
	{"DataService", "dcat", false, []term{{"endpointDescription", "dcat:endpointDescription", literal, false}, {"endpointURL", "dcat:endpointURL", literal, false}}},
	{"Distribution", "dcat", false, []term{formatTerm, {"accessService", "dcat:accessService", node, false}}},
}

// states are the words of state and eventType.
var states = []string{"ACCEPTED", "FINALIZED", "REQUESTED", "STARTED", "COMPLETED", "SUSPENDED", "TERMINATED", "OFFERED", "AGREED", "VERIFIED"}

// policyTerms are the members of policies in odrl-profile.jsonld.
var policyTerms = []term{
	{"profile", "odrl:profile", entity, false},
	{"hasPolicy", "odrl:hasPolicy", entity, false},
	{"target", "odrl:target", entity, false},
	{"assignee", "odrl:assignee", entity, false},
	{"assigner", "odrl:assigner", entity, false},
	{"action", "odrl:action", word, false},
	{"permission", "odrl:permission", entity, true},
	{"prohibition", "odrl:prohibition", entity, true},
	{"obligation", "odrl:obligation", entity, true},
	{"duty", "odrl:duty", entity, true},
	{"constraint", "odrl:constraint", entity, true},
	{"operator", "odrl:operator", word, false},
	{"rightOperand", "odrl:rightOperand", literal, false},
	{"leftOperand", "odrl:leftOperand", word, false},
	{"or", "odrl:or", literal, false},
	{"xone", "odrl:xone", literal, false},
	{"and", "odrl:and", literal, false},
	{"andSequence", "odrl:andSequence", literal, false},
}

// policyWords are its actions, operators and types.
var policyWords = []string{
	"Policy", "Rule", "prohibit", "Agreement", "Assertion", "Offer", "Set", "Asset", "Action", "Permission", "Prohibition", "use",
	"Duty", "Constraint", "Operator", "RightOperand", "LeftOperand",
	"eq", "gt", "gteq", "lt", "lteq", "neq", "isA", "hasPart", "isPartOf", "isAllOf", "isAnyOf", "isNoneOf",
}

// edcClasses and edcTerms are EDC's extra context, as it stands (one of its
// ids is misspelt there).
var (
	edcClasses = []class{
		{"QuerySpec", "edc", false, []term{{"sortOrder", "edc:sortOrder", literal, false}, {"sortField", "edc:sortField", literal, false}, {"offset", "edc:offset", literal, false}, {"limit", "edc:limit", literal, false}, {"filterExpression", "edc:filterExpression", literal, true}}},
		{"Criterion", "edc", false, []term{{"operandLeft", "edc:operandLeft", literal, false}, {"operator", "edc:operator", literal, false}, {"operandRight", "edc:operandRight", literal, false}}},
	}
	edcTerms = []term{
		{"inForceDate", "edc:inForceDate", literal, false},
		{"id", "edc:id", literal, false},
		{"description", "edc:descripti1on", literal, false},
		{"isCatalog", "edc:isCatalog", literal, false},
	}
)
