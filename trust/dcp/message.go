// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"
)

// Context is the JSON-LD context of DCP 1.0.
const Context = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"

// Query is a PresentationQueryMessage (DCP 1.0, section 5.4.1).
type Query struct {
	Scopes []string
	// Definition reports that a presentationDefinition was there: we answer
	// 501, which is allowed.
	Definition bool
}

// Response is a PresentationResponseMessage (section 5.4.2). An entry is a
// JSON string or object.
type Response struct{ Presentations []json.RawMessage }

// CredentialRequest is a CredentialRequestMessage (section 6.4): the ids of
// the credential objects asked for.
type CredentialRequest struct {
	HolderPID   string
	Credentials []string
}

// CredentialMessage delivers credentials or says that there are none (6.5).
type CredentialMessage struct {
	IssuerPID   string
	HolderPID   string
	Status      string // Issued or Rejected
	Credentials []CredentialContainer
	Reason      string
}

// The statuses of requests (sections 6.5 and 6.8).
const (
	Received = "RECEIVED"
	Issued   = "ISSUED"
	Rejected = "REJECTED"
)

// CredentialContainer is one credential on its way to its holder.
type CredentialContainer struct {
	Type    string `json:"credentialType"`
	Payload string `json:"payload"` // the token
	Format  string `json:"format"`
}

// Offer is a CredentialOfferMessage (section 6.6).
type Offer struct {
	Issuer      string
	Credentials []Object
}

// Object is a CredentialObject: what an issuer can issue (section 6.3).
type Object struct {
	ID             string   `json:"id"`
	Type           string   `json:"type"` // CredentialObject
	CredentialType string   `json:"credentialType,omitempty"`
	OfferReason    string   `json:"offerReason,omitempty"`
	BindingMethods []string `json:"bindingMethods,omitempty"`
	Profile        string   `json:"profile,omitempty"`
	// Profiles are several of them, as older issuers write in offers. Where
	// an offer has them and no profile, Profile is the first.
	Profiles       []string        `json:"profiles,omitempty"`
	Schema         string          `json:"credentialSchema,omitempty"`
	IssuancePolicy json.RawMessage `json:"issuancePolicy,omitempty"`
}

// Metadata is IssuerMetadata (section 6.7).
type Metadata struct {
	Issuer    string
	Supported []Object
}

// RequestStatus is a CredentialStatus (section 6.8).
type RequestStatus struct {
	IssuerPID string
	HolderPID string
	Status    string
}
