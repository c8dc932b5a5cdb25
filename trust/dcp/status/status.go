// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// The types of entries and the purposes that are understood.
const (
	StatusList2021 = "StatusList2021Entry"
	Bitstring      = "BitstringStatusListEntry"

	Revocation = "revocation"
	Suspension = "suspension"
)

// MinBits is the least length of a list: a shorter one would tell too much
// about who is looked up (Bitstring Status List, section 3.3).
const MinBits = 131072

// Checker judges status entries by the lists they name, with a cache.
type Checker struct {
	cfg Config
}

// Config is what Checker needs.
type Config struct {
	HTTP did.Doer // safehttp.Clients.Foreign
	DIDs did.Resolver
	Now  func() time.Time
	// MaxAge is how long a list is believed; default and most 60 s.
	MaxAge time.Duration
	// Relaxed is told each use of a relaxation; may be nil.
	Relaxed func(did, what string)
}

// New makes a checker.
func New(c Config) *Checker { return &Checker{cfg: c} }

// Entry is what is judged: entries of one credential.
type Entry struct {
	Credential string // its id, for the refusal
	Issuer     string // its issuer, who must have signed the list
	Entries    []trust.StatusEntry
	// Conformance is the issuer's: Lenient accepts an unsigned list and one
	// that is shorter than MinBits.
	Conformance trust.Conformance
	// MaxAge, if not zero, is how old the list may be this once: 3 s behind a
	// running transfer.
	MaxAge time.Duration
}

// Check returns nil if no entry says revoked or suspended. Errors are a
// *trust.Refusal, or wrap trust.ErrUnavailable where a list could not be
// fetched.
func (c *Checker) Check(ctx context.Context, e Entry) error { panic("to be written") }

// List is a status list to be published.
type List struct {
	ID         string // its URL
	Issuer     string
	Purpose    string
	ValidFrom  time.Time
	ValidUntil time.Time
	Bits       []byte // at least MinBits/8; index 0 is the highest bit of the first byte
}

// Sign returns the list as a token: a credential of data model 1.1 (with a
// claim vc) for StatusList2021 and for Bitstring, or of 2.0 if plain is set.
func Sign(l List, kind string, plain bool, key jose.Key) (string, error) { panic("to be written") }
