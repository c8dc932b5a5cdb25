// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"fmt"
)

// Codes of an Error. They are stable: peers see them in error messages.
const (
	CodeMalformedJSON   = "malformed-json"   // not one JSON value in UTF-8 (RFC 8259)
	CodeTooDeep         = "too-deep"         // nested beyond MaxDepth
	CodeTooLarge        = "too-large"        // more bytes or values than a message may hold
	CodeDuplicateMember = "duplicate-member" // one name twice in an object
	CodeContextMissing  = "context-missing"  // @context lacks the DSP context
	CodeContextUnknown  = "context-unknown"  // reading needs a context that is not held
	CodeJSONLDInvalid   = "jsonld-invalid"   // reading needs expansion, which fails
	CodeTypeUnexpected  = "type-unexpected"  // @type is not what was asked for
	CodeMemberMissing   = "member-missing"   // a required member is absent
	CodeMemberInvalid   = "member-invalid"   // a member has a wrong type or value
)

// Error says why a text is not the message it should be.
type Error struct {
	Code   string // one of the Code constants
	Reason string // what is wrong and where, as a JSON path; safe to show to the peer
	Err    error  // the cause, for our own log; may be nil

	// Exception names the rule by which a text that the published schema
	// accepts is refused here, or is "".
	Exception Exception

	expandable bool // another reading of the text may succeed
}

func (e *Error) Error() string {
	text := "wire: " + e.Code + ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// AsError returns the Error within err. Anything else becomes a
// CodeMalformedJSON whose reason tells the peer nothing.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeMalformedJSON, Reason: "the message cannot be read", Err: err}
}

func failure(code, format string, args ...any) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// excerpt quotes foreign text for a reason: short, and with nothing that could
// disturb a log or a terminal.
func excerpt(s string) string {
	const limit = 120
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return fmt.Sprintf("%+q", s)
}
