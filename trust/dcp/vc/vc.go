// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// Profile is a format of credentials: data model, proof and kind of status.
type Profile string

// The profiles of DCP 1.0.
const (
	VC11 Profile = "vc11-sl2021/jwt"
	VC20 Profile = "vc20-bssl/jwt"
)

// ParseProfile reads a format name: a profile, or one of the names that older
// implementations use (VC1_0_JWT, VC2_0_JOSE).
func ParseProfile(name string) (Profile, error) { panic("to be written") }

// Name returns the profile's name in the style that a peer understands: its
// own, or with trust.LegacyNames the older one.
func (p Profile) Name(style string) string { panic("to be written") }

// Credential is what a token says, in the terms of both data models.
type Credential struct {
	trust.Credential
	Profile Profile
	Raw     string // the token, byte for byte
	Schemas []Schema
	KeyID   string
	// Expires is the end of the token; the credential's own is ValidUntil.
	Expires time.Time
}

// Schema is a credentialSchema of a credential.
type Schema struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Read reads a credential of either data model without judging proof, dates,
// status or trust: for a wallet's index, and as the first step of Checker. It
// is tolerant of what deployed issuers write (docs/trust.md). Errors wrap
// ErrCredential.
func Read(raw string) (Credential, error) { panic("to be written") }

// Draft is a credential to be issued.
type Draft struct {
	ID         string
	Issuer     string
	Types      []string // without VerifiableCredential, which comes first
	Contexts   []string // further ones
	Subject    json.RawMessage
	ValidFrom  time.Time
	ValidUntil time.Time
	Status     []trust.StatusEntry
	Schema     *Schema
}

// Issue signs a credential in a profile. The key's ID is the whole DID URL.
func Issue(d Draft, p Profile, key jose.Key) (string, error) { panic("to be written") }

// PresentationDraft is a presentation to be made: of credentials of one
// profile.
type PresentationDraft struct {
	ID          string
	Holder      string
	Audience    string
	Issued      time.Time
	Expires     time.Time
	Credentials []string
}

// Present signs a presentation. In VC20 it is a vp+jwt with audience and end,
// inside the EnvelopedVerifiablePresentation that deployed verifiers demand.
func Present(d PresentationDraft, p Profile, key jose.Key) (string, error) { panic("to be written") }

// Issuers says whether an issuer is believed for a type, and how strictly it
// is judged.
type Issuers func(ctx context.Context, issuer string, credentialType string) (trusted bool, c trust.Conformance, err error)

// Schemas judges a credential by a schema it names; *schema.Fetcher outside of
// tests. The error is a verdict, or wraps trust.ErrUnavailable.
type Schemas interface {
	Validate(ctx context.Context, schema Schema, document json.RawMessage) error
}

// Checker judges presentations and their credentials: V52 to V78.
type Checker struct {
	DIDs    did.Resolver
	Schemas Schemas
	Now     func() time.Time
	// Relaxed is told each use of a relaxation; may be nil.
	Relaxed func(did, what string)
}

// Want is what a presentation must be.
type Want struct {
	Holder   string // who sent the self-issued token
	Audience string // we
	Issuers  Issuers
	// Conformance says how strictly the holder is judged.
	Conformance trust.Conformance
}

// Presentation judges one entry of a presentation response and returns its
// credentials, proved but for their status. Errors are a *trust.Refusal, or
// wrap trust.ErrUnavailable.
func (c *Checker) Presentation(ctx context.Context, entry json.RawMessage, want Want) ([]Credential, error) {
	panic("to be written")
}

// Credential judges one credential that its issuer delivers or a holder
// presents.
func (c *Checker) Credential(ctx context.Context, raw string, want Want) (Credential, error) {
	panic("to be written")
}
