// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust/policy"
)

// Offer puts assets on offer: who sees them, and on what terms they may be used.
type Offer struct {
	// ID is the caller's, or minted by Service.Publish.
	ID     string
	Assets Selector
	// Access decides who sees the offer; counterparties never see Access itself.
	Access policy.Policy
	// Usage is what is offered and agreed.
	Usage policy.Policy
	// Rules answer requests for this offer where the built-in rules decide.
	// The first that fits the counterparty wins (RuleFor).
	Rules []Rule
	// Created and Updated are set by Service.Publish.
	Created, Updated time.Time
}

// Answer is what a rule does with a request.
type Answer string

// The answers of a Rule.
const (
	Accept  Answer = "accept"  // agree to the offered terms
	Approve Answer = "approve" // ask a person
	Counter Answer = "counter" // answer with other terms
	Refuse  Answer = "refuse"  // terminate
)

// Rule says how a request for an offer is answered. Without a rule a request
// for exactly the offered terms is accepted and any other one refused.
type Rule struct {
	Counterparty string // participant id; "" is anybody
	Do           Answer
	Counter      *policy.Policy // the terms of a Counter
	Reason       string         // goes to the peer with Refuse
}

// RuleFor returns the first rule that fits a counterparty.
func RuleFor(rules []Rule, counterparty string) (Rule, bool) {
	for _, r := range rules {
		if r.Counterparty == "" || r.Counterparty == counterparty {
			return r, true
		}
	}
	return Rule{}, false
}

type ruleJSON struct {
	Counterparty string          `json:"counterparty,omitempty"`
	Do           Answer          `json:"do"`
	Counter      json.RawMessage `json:"counter,omitempty"`
	Reason       string          `json:"reason,omitempty"`
}

// EncodeRules writes rules as JSON, for a store.
func EncodeRules(rules []Rule) ([]byte, error) {
	list := make([]ruleJSON, len(rules))
	for i, r := range rules {
		list[i] = ruleJSON{Counterparty: r.Counterparty, Do: r.Do, Reason: r.Reason}
		if r.Counter != nil {
			list[i].Counter = r.Counter.Canonical()
		}
	}
	return json.Marshal(list)
}

// DecodeRules reads what EncodeRules wrote.
func DecodeRules(text []byte) ([]Rule, error) {
	var list []ruleJSON
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("rules of an offer: %w", err)
	}
	var rules []Rule
	for _, j := range list {
		r := Rule{Counterparty: j.Counterparty, Do: j.Do, Reason: j.Reason}
		if len(j.Counter) > 0 {
			p, err := policy.Parse(j.Counter)
			if err != nil {
				return nil, fmt.Errorf("rules of an offer: %w", err)
			}
			r.Counter = &p
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// wireID is the @id of an offer within one dataset. DSP demands that it is
// unique to its dataset, so only an offer that names exactly one asset keeps
// its own id. Any other gets, for each dataset, a name-based UUID (RFC 9562
// section 5.8, version 8) made of the two ids. Peers cannot read it; whoever
// knows the dataset finds the offer by making the ids of its offers again.
func wireID(offerID string, assets Selector, datasetID string) string {
	if assets.single() {
		return offerID
	}
	h := sha256.New()
	fmt.Fprintf(h, "musubi offer\x00%d\x00%s\x00%s", len(offerID), offerID, datasetID)
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	x := hex.EncodeToString(u)
	return "urn:uuid:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
