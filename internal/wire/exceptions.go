// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// Exception names a rule by which the verdict of Decode differs from that of
// the published schema. There are ten; the mutation test counts how often each
// one decides.
type Exception string

// The exceptions. All but the last two accept what the schema refuses. None of
// them holds for what we send.
const (
	// ExceptionContextString: @context may be the DSP context alone, as a
	// string. It is the same JSON-LD, and the Data Plane Signaling kit sends it.
	ExceptionContextString Exception = "context-string"
	// ExceptionJSONLD: another JSON-LD form of a valid message is read by
	// expansion: prefixed names, full IRIs, wrapped values, inline contexts.
	// The schema fixes one form only so that plain JSON readers are possible.
	ExceptionJSONLD Exception = "jsonld-form"
	// ExceptionUnwrappedList: and, or, xone, andSequence may hold one constraint
	// instead of a list of one. The context declares no @set for them, so
	// JSON-LD peers compact a list of one to its element.
	ExceptionUnwrappedList Exception = "unwrapped-list"
	// ExceptionEmptyList: an empty list counts as an absent member. As JSON-LD
	// both are the same, and peers send empty catalogues that way.
	ExceptionEmptyList Exception = "empty-list"
	// ExceptionScalarOperand: a rightOperand may be a number or a boolean, read
	// as the string of its digits or its word. EDC sends numbers.
	ExceptionScalarOperand Exception = "scalar-right-operand"
	// ExceptionNoRules: an offer or agreement may hold neither permission nor
	// prohibition. EDC sends this for an asset without conditions.
	ExceptionNoRules Exception = "no-rules"
	// ExceptionThinAnswer: an error may lack its pids, an acknowledgement its
	// state. EDC and the Data Plane Signaling kit answer so, and the request
	// that is answered says which process is meant.
	ExceptionThinAnswer Exception = "thin-answer"
	// ExceptionUntypedAddress: a DataAddress and its EndpointProperty may lack
	// @type. The examples and the kit of Data Plane Signaling omit it.
	ExceptionUntypedAddress Exception = "untyped-address"
	// ExceptionEmptyID: an id, address or name that is an empty string is
	// refused. It identifies nothing, and as JSON-LD it would be the address
	// of the message itself.
	ExceptionEmptyID Exception = "empty-id"
	// ExceptionDatasetType: a dataset whose @type is present but not Dataset is
	// refused. The schema forgot to say so; a JSON-LD reader finds no dataset.
	ExceptionDatasetType Exception = "dataset-type"
)

// Exceptions lists every exception rule.
func Exceptions() []Exception {
	return []Exception{
		ExceptionContextString, ExceptionJSONLD, ExceptionUnwrappedList, ExceptionEmptyList,
		ExceptionScalarOperand, ExceptionNoRules, ExceptionThinAnswer, ExceptionUntypedAddress,
		ExceptionEmptyID, ExceptionDatasetType,
	}
}
