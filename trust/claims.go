// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"time"
)

// Claims are what was proved about a counterparty when a message came.
type Claims struct {
	// Participant is the counterparty's participant id.
	Participant string `json:"participant"`
	// Profile names the identity profile that proved it.
	Profile string `json:"profile"`
	// Proved is when.
	Proved time.Time `json:"proved"`
	// Credentials were presented and verified; none under Preshared. Nobody
	// changes what is in the list: the claims of several messages share it.
	Credentials []Credential `json:"credentials,omitempty"`
	// TokenID names the proof itself, so that it can be released. It is not
	// stored.
	TokenID string `json:"-"`
}

// Credential is one verified credential, as it is needed to judge a policy
// now and to judge it again while a transfer runs.
type Credential struct {
	ID         string          `json:"id"`
	Issuer     string          `json:"issuer"`
	Types      []string        `json:"types"`
	ValidFrom  time.Time       `json:"validFrom"`
	ValidUntil time.Time       `json:"validUntil,omitzero"`
	Subject    json.RawMessage `json:"subject"`
	Status     []StatusEntry   `json:"status,omitempty"`
}

// StatusEntry tells where the credential's status is published.
type StatusEntry struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`    // BitstringStatusListEntry or StatusList2021Entry
	Purpose string `json:"purpose"` // revocation or suspension
	List    string `json:"list"`    // URL of the status list credential
	Index   uint64 `json:"index"`
}
