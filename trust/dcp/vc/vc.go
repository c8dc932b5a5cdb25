// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Sizes that nobody needs to exceed.
const (
	// MaxCredential bounds a credential's token, in bytes.
	MaxCredential = 64 << 10
	// MaxPresentation bounds a presentation's token, in bytes.
	MaxPresentation = 256 << 10
	// MaxCredentials bounds the credentials of one presentation.
	MaxCredentials = 64

	maxTypes   = 32
	maxSchemas = 8
)

// Types of the data models.
const (
	typeCredential            = "VerifiableCredential" //nolint:gosec // a name, no secret
	typePresentation          = "VerifiablePresentation"
	typeEnvelopedCredential   = "EnvelopedVerifiableCredential"
	typeEnvelopedPresentation = "EnvelopedVerifiablePresentation"

	dataCredential   = "data:application/vc+jwt,"
	dataPresentation = "data:application/vp+jwt,"
)

// Credential is what a token says, in the terms of both data models.
//
// ValidFrom is the latest of the dates that say from when it is valid
// (issuanceDate, validFrom and, in data model 1.1, nbf), ValidUntil the
// earliest of those that say until when (expirationDate, validUntil and, in
// 1.1, exp); zero: no end.
type Credential struct {
	trust.Credential
	Profile Profile
	Raw     string // the token, byte for byte
	Schemas []Schema
	KeyID   string
	// Expires is the end of the token; the credential's own is ValidUntil.
	Expires time.Time
}

// Ends returns when a verifier begins to refuse the credential: the earlier
// end of the token and of what it says. Zero: never.
func (c Credential) Ends() time.Time { return earlier(c.Expires, c.ValidUntil) }

// Holder returns the id of the credential's subject; "" where there are
// several or where it has none.
func (c Credential) Holder() string {
	subject, err := object(c.Subject)
	if err != nil {
		return ""
	}
	id, _ := subject.text("id")
	return id
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
func Read(raw string) (Credential, error) {
	d, err := read(raw)
	if err != nil {
		return Credential{}, err
	}
	for _, fault := range []error{d.datesErr, d.statusErr, d.schemasErr} {
		if fault != nil {
			return Credential{}, unusablef("%v", fault) // without the verdict that it would be of a proof
		}
	}
	return d.Credential, nil
}
