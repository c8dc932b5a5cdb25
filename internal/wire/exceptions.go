// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// Exception names a rule by which the verdict of Decode differs from that of
// the published schema. There are eleven; the mutation test counts how often each
// one decides.
type Exception string

// The exceptions. All but the last three accept what the schema refuses. None of
// them holds for what we send.
const (
	ExceptionContextString  Exception = "context-string"
	ExceptionJSONLD         Exception = "jsonld-form"
	ExceptionUnwrappedList  Exception = "unwrapped-list"
	ExceptionEmptyList      Exception = "empty-list"
	ExceptionScalarOperand  Exception = "scalar-right-operand"
	ExceptionNoRules        Exception = "no-rules"
	ExceptionThinAnswer     Exception = "thin-answer"
	ExceptionUntypedAddress Exception = "untyped-address"
	ExceptionEmptyID        Exception = "empty-id"
	ExceptionDatasetType    Exception = "dataset-type"
	ExceptionHidden         Exception = "hidden-member"
)

var exceptions = []struct {
	rule   Exception
	reason string
}{
	{ExceptionContextString, "@context may be the DSP context alone, as a string: as JSON-LD it is the same, and the Data Plane Signaling kit sends it"},
	{ExceptionJSONLD, "another JSON-LD form of a valid message is read by expansion (prefixed names, full IRIs, wrapped values, inline contexts, null for absent), and so is an operator written as an IRI: the specification lets peers choose JSON-LD, the schema knows one form of it"},
	{ExceptionUnwrappedList, "and, or, xone and andSequence may hold one constraint instead of a list of one: the context declares no @set for them, so JSON-LD peers compact the list away"},
	{ExceptionEmptyList, "an empty list counts as an absent member: as JSON-LD both are the same, and peers send empty catalogues that way"},
	{ExceptionScalarOperand, "a rightOperand may be a number or a boolean, read as the string of its digits or its word: EDC sends numbers"},
	{ExceptionNoRules, "an offer or agreement may hold neither permission nor prohibition: EDC sends this for an asset without conditions"},
	{ExceptionThinAnswer, "an error may lack its pids, an acknowledgement its state: EDC and the Data Plane Signaling kit answer so, and the request that is answered says which process is meant"},
	{ExceptionUntypedAddress, "a DataAddress and its EndpointProperty may lack @type: the examples and the kit of Data Plane Signaling omit it"},
	{ExceptionEmptyID, "refused: an id, address, name or type that is an empty string, since it identifies nothing and as JSON-LD would be the address of the message itself"},
	{ExceptionDatasetType, "refused: a dataset with an @type other than Dataset, since a JSON-LD reader finds no dataset there; the schema leaves it open"},
	{ExceptionHidden, "refused: what a JSON-LD reader would find and a plain one would not, such as a member under two names, @included, @reverse, @nest, a context inside the message, a rule of another type than its list, or a bare name that a context which is not held may define: the two would not read the same policy"},
}

// Exceptions lists every exception rule.
func Exceptions() []Exception {
	rules := make([]Exception, len(exceptions))
	for i, e := range exceptions {
		rules[i] = e.rule
	}
	return rules
}

// Reason says what the rule is and why there is one.
func (e Exception) Reason() string {
	for _, known := range exceptions {
		if known.rule == e {
			return known.reason
		}
	}
	return ""
}
