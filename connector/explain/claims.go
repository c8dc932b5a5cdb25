// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"time"
)

// Claims are those by which a counterparty was judged.
type Claims struct {
	// From is where they are from: the last "message" of the counterparty, its
	// newest "negotiation", "agreement" or "transfer", the "query", or "none".
	From string `json:"from"`
	// Process is the id of that negotiation, agreement or transfer.
	Process string `json:"process,omitempty"`
	// Since is when they were proved.
	Since       time.Time    `json:"since,omitzero"`
	Credentials []Credential `json:"credentials,omitempty"`
	// Refused says why a message with these credentials would be turned away
	// now, such as that one was revoked since.
	Refused string `json:"refused,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Where claims may be from, beside a process.
const (
	FromQuery = "query"
	FromNone  = "none"
)

// Credential is a credential, without what it says.
type Credential struct {
	ID         string    `json:"id"`
	Issuer     string    `json:"issuer"`
	Types      []string  `json:"types"`
	ValidUntil time.Time `json:"validUntil,omitzero"`
}
