// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Query asks how a counterparty stands to one of our assets.
type Query struct {
	Asset        string
	Counterparty string // its participant id
	// Claims are what it would prove; nil: the latest that are known.
	Claims *trust.Claims
	// Declared is what it would declare, by absolute IRI or term of ODRL; nil:
	// what it declared when it last asked for this asset.
	Declared map[string][]string
	// Agreement is the one under which it would ask for a transfer; empty: the
	// newest in force about the asset.
	Agreement string
}

// Explanation is how a counterparty stands to an asset: the answers of the
// catalogue, the negotiation and the transfer, by their own evaluation.
type Explanation struct {
	Asset        string    `json:"asset"`
	Counterparty string    `json:"counterparty"`
	At           time.Time `json:"at"`
	// KnownPeer tells whether it is among our peers.
	KnownPeer bool     `json:"knownPeer"`
	Claims    Claims   `json:"claims"`
	Declared  Declared `json:"declared"`

	Visible      Answer `json:"visible"`
	Negotiable   Answer `json:"negotiable"`
	Transferable Answer `json:"transferable"`

	Offers []Offer `json:"offers"`
	// Agreement is the one under which a transfer was judged; nil: none is in
	// force, and each offer was judged as if it had just been agreed.
	Agreement *Agreement `json:"agreement,omitempty"`
	// Refusals are the last messages of whoever claimed to be the counterparty
	// that did not prove it.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// Process is where a negotiation or a transfer stands, and what would help.
type Process struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"` // negotiation or transfer
	State      string `json:"state"`
	WaitingFor string `json:"waitingFor,omitempty"` // us, peer or person; empty at the end
	// Explanation says in sentences why it is not at its end, or how it came
	// to it.
	Explanation string `json:"explanation"`
	// Verdict is by what our policy denied it; nil: it did not.
	Verdict *policy.Verdict `json:"verdict,omitempty"`
	Help    []string        `json:"help,omitempty"`
	// Refusals are the last messages of whoever claimed to be the peer that
	// did not prove it.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// Answer is yes, or no with the reason and what would help.
type Answer struct {
	Yes bool `json:"yes"`
	// By is the offer or the agreement that makes it so.
	By     string   `json:"by,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Note   string   `json:"note,omitempty"`
	Help   []string `json:"help,omitempty"`
}

// Offer is one offer of the asset.
type Offer struct {
	Offer  string `json:"offer"`
	WireID string `json:"wireId"` // its id in the catalogue
	// Answer is how a request for it is answered: accept, approve, counter or
	// refuse.
	Answer       string         `json:"answer"`
	Visible      policy.Verdict `json:"visible"`
	Negotiable   policy.Verdict `json:"negotiable"`
	Transferable policy.Verdict `json:"transferable"` // if it had just been agreed
}

// Agreement is an agreement with the counterparty.
type Agreement struct {
	ID      string          `json:"id"`
	InForce bool            `json:"inForce"`
	Usage   policy.Verdict  `json:"usage"`
	Access  *policy.Verdict `json:"access,omitempty"` // nil: its offer was withdrawn
}

// Refusal is a message that was turned away.
type Refusal struct {
	At         time.Time `json:"at"`
	Check      string    `json:"check,omitempty"`
	Reason     string    `json:"reason"`
	Credential string    `json:"credential,omitempty"`
	SupportID  string    `json:"supportId"`
}

// Declared is what the counterparty says to our policies.
type Declared struct {
	Values map[string]json.RawMessage `json:"values,omitempty"`
	// From is where it stands: the id of a negotiation, "query", or empty.
	From string `json:"from,omitempty"`
}
