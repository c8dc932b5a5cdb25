// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import "errors"

// Error is a verdict on a schema or on a document. Its text quotes no value of
// the document.
type Error struct {
	Code   string // stable, in snake case
	Reason string
}

func (e *Error) Error() string { return "schema: " + e.Reason }

// Verdicts. An error of Validate wraps exactly one of them, or ErrUnavailable.
var (
	ErrType     = &Error{"schema_type", "the type of schema is not understood"}
	ErrURL      = &Error{"schema_url", "the schema's address may not be used"}
	ErrNotFound = &Error{"schema_not_found", "there is no schema at its address"}
	ErrSchema   = &Error{"schema_unusable", "the schema cannot be used"}
	ErrRemote   = &Error{"schema_remote", "the schema refers to another document"}
	ErrCost     = &Error{"schema_cost", "judging by the schema would cost too much"}
	ErrDocument = &Error{"schema_document", "the document cannot be judged"}
	ErrMismatch = &Error{"schema_mismatch", "the document is not as its schema says"}
)

// ErrUnavailable is no verdict: the schema could not be fetched now.
var ErrUnavailable = errors.New("schema: it is out of reach now")
