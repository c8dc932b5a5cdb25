// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
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
)

// Sign returns the list as a token that its authority signed. The key's ID is
// the whole DID URL.
func Sign(l List, key jose.Key) (string, error) { panic("to be written") }

// Verify reads a list and proves it: signature by an assertionMethod of the
// authority, dates, form.
func Verify(ctx context.Context, raw, authority string, dids did.Resolver, now time.Time) (List, error) {
	panic("to be written")
}

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

// Source answers whom a participant believes.
type Source struct{ cfg Config }

// Config is what Source needs.
type Config struct {
	Store    Store
	DIDs     did.Resolver
	HTTP     did.Doer // safehttp.Clients.Operator: the URL is from our settings
	Now      func() time.Time
	Settings func(ctx context.Context, contextID string) (dcp.Settings, error)
	// MaxAge is how long a list is used before it is fetched again; default
	// 5 min.
	MaxAge time.Duration
	// Log is told of each list that is taken or refused; may be nil.
	Log func(contextID, text string, err error)
}

// NewSource makes a source.
func NewSource(c Config) *Source { return &Source{cfg: c} }

// Trusts reports whether a participant believes an issuer for a type, how
// strictly it is judged, and by which list: 0 for the participant's own
// decision, else the sequence. No list, or one past its end and grace, means
// no; a list that cannot be fetched is used until then.
func (s *Source) Trusts(ctx context.Context, contextID, issuer, credentialType string) (trusted bool, c trust.Conformance, sequence int64, err error) {
	panic("to be written")
}

// Current returns the list in use, for people.
func (s *Source) Current(ctx context.Context, contextID string) (List, error) { panic("to be written") }
