// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// List is a trust list.
type List struct {
	Dataspace  string              `json:"dataspace,omitempty"`
	Authority  string              `json:"authority"` // DID of who signs
	Sequence   int64               `json:"sequence"`  // higher than that of any list before
	Issued     time.Time           `json:"issued"`
	ValidUntil time.Time           `json:"validUntil"`
	Issuers    []dcp.TrustedIssuer `json:"issuers"`
}

// Errors of lists; wrapped with what is wrong.
var (
	ErrList     = errors.New("not a usable trust list")
	ErrRollback = errors.New("the trust list is older than the one that is known")
	ErrNone     = errors.New("no trust list is known")
	// ErrEnded: past its end.
	ErrEnded = errors.New("the trust list has ended")
)

// Store keeps the newest list that a participant has accepted, and the draft
// and the newest list of a participant that is itself the authority.
type Store interface {
	// TrustList returns the newest accepted list, as it was signed. ErrNone.
	TrustList(ctx context.Context, contextID, authority string) (sequence int64, raw string, err error)
	// PutTrustList keeps a list if its sequence is higher than the one kept,
	// or if it is the same list; else ErrRollback. It is one conditional write.
	PutTrustList(ctx context.Context, contextID, authority string, sequence int64, raw string) error
	// TrustDraft returns the issuers that the next list is to have, sorted.
	TrustDraft(ctx context.Context, contextID string) ([]dcp.TrustedIssuer, error)
	// PutTrustDraft adds an issuer to the draft or replaces it; no types
	// remove it.
	PutTrustDraft(ctx context.Context, contextID string, i dcp.TrustedIssuer) error
}
