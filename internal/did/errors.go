// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import "errors"

// Error is a verdict on a DID or its document. Its text may be shown.
type Error struct {
	Code   string // stable, in snake case
	Reason string
}

func (e *Error) Error() string { return "did: " + e.Reason }

// Verdicts.
var (
	ErrSyntax      = &Error{"did_syntax", "not a well-formed DID"}
	ErrMethod      = &Error{"did_method", "the DID method is not supported"}
	ErrScheme      = &Error{"did_scheme", "http is for dev mode alone"}
	ErrAddress     = &Error{"did_address", "the DID's host is at an address that may not be reached"}
	ErrCertificate = &Error{"did_certificate", "the DID's host does not prove its name"}
	ErrNotFound    = &Error{"did_not_found", "there is no DID document at its place"}
	ErrDocument    = &Error{"did_document", "the DID document is malformed"}
	ErrID          = &Error{"did_id", "the DID document is another DID's"}
	ErrTwice       = &Error{"did_method_twice", "the DID document has two verification methods of one id"}
	ErrNoKey       = &Error{"did_no_key", "the DID document has no such verification method"}
	ErrManyKeys    = &Error{"did_many_keys", "no verification method is named and the DID document has several"}
	ErrRelation    = &Error{"did_relation", "the DID document does not allow the key for this use"}
	ErrOwner       = &Error{"did_controller", "the key is controlled by another DID"}
	ErrKey         = &Error{"did_key", "the key in the DID document cannot be used"}
	ErrService     = &Error{"did_service", "the DID document has no such service with a usable address"}
)

// ErrUnreachable is no verdict: the document could not be fetched now.
var ErrUnreachable = errors.New("did: the DID document is out of reach now")
