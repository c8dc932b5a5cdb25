// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// Namespace is that of the ODRL vocabulary.
const Namespace = "http://www.w3.org/ns/odrl/2/"

// The operators of the protocol (contract-schema.json of DSP 2025-1).
const (
	Eq       = "eq"
	Neq      = "neq"
	Gt       = "gt"
	Gteq     = "gteq"
	Lt       = "lt"
	Lteq     = "lteq"
	HasPart  = "hasPart"
	IsA      = "isA"
	IsAllOf  = "isAllOf"
	IsAnyOf  = "isAnyOf"
	IsNoneOf = "isNoneOf"
	IsPartOf = "isPartOf"
)

// termLteq stands in the schema's list of operators and in no vocabulary. It is
// read, since the schema takes it, and means nothing.
const termLteq = "term-lteq"

var operators = set(Eq, Neq, Gt, Gteq, Lt, Lteq, HasPart, IsA, IsAllOf, IsAnyOf, IsNoneOf, IsPartOf, termLteq)

var logicalOps = set(And, Or, Xone, AndSequence)

// prefixes are those of the protocol's context, which protects them: no other
// context can give them another meaning.
var prefixes = map[string]string{
	"odrl":   Namespace,
	"dspace": "https://w3id.org/dspace/2025/1/",
	"dct":    "http://purl.org/dc/terms/",
	"dcat":   "http://www.w3.org/ns/dcat#",
	"xsd":    "http://www.w3.org/2001/XMLSchema#",
}

// vocabulary is what ODRL 2.2 calls left operands and actions, without `use`.
// Peers write them as bare words, though the protocol's context does not
// define those.
var vocabulary = set(
	"absolutePosition", "absoluteSize", "absoluteSpatialPosition", "absoluteTemporalPosition", "count", "dateTime",
	"delayPeriod", "deliveryChannel", "device", "elapsedTime", "event", "fileFormat", "industry", "language", "media",
	"meteredTime", "payAmount", "percentage", "product", "purpose", "recipient", "relativePosition", "relativeSize",
	"relativeSpatialPosition", "relativeTemporalPosition", "resolution", "spatial", "spatialCoordinates", "system",
	"systemDevice", "timeInterval", "unitOfCount", "version", "virtualLocation",

	"acceptTracking", "aggregate", "annotate", "anonymize", "archive", "attribute", "compensate", "concurrentUse",
	"delete", "derive", "digitize", "display", "distribute", "ensureExclusivity", "execute", "extract", "give", "grantUse",
	"include", "index", "inform", "install", "modify", "move", "nextPolicy", "obtainConsent", "play", "present", "print",
	"read", "reproduce", "reviewPolicy", "sell", "stream", "synchronize", "textToSpeech", "transfer", "transform",
	"translate", "uninstall", "watermark",
)

// normalTerm returns the one spelling of an action, operand or operator (see
// the package comment). Applied twice it changes nothing more.
func normalTerm(term string) string {
	if vocabulary[term] {
		return Namespace + term
	}
	iri := expandPrefix(term)
	if word, ok := strings.CutPrefix(iri, Namespace); ok && (word == Use || operators[word] && word != termLteq) {
		return word
	}
	return iri
}

// expandPrefix makes an absolute IRI of a compact one. As in JSON-LD 1.1
// (section 5.2.2 of its API), a suffix that begins with // makes it no compact
// IRI.
func expandPrefix(term string) string {
	prefix, rest, ok := strings.Cut(term, ":")
	if base, known := prefixes[prefix]; ok && known && !strings.HasPrefix(rest, "//") {
		return base + rest
	}
	return term
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
