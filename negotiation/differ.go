// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/trust/policy"
)

// Differences tells term by term how what the peer put on the table differs
// from what we did: at the provider from its published offer, or its own
// counter-offer if it made one, at the consumer from what it asked for. It is
// empty where the terms on the table are our own, or equal to them.
func (n Negotiation) Differences() []policy.Difference {
	ours := n.Published
	if n.Own != nil {
		ours = n.Own
	}
	if ours == nil || n.OfferedBy == n.Role {
		return nil
	}
	return policy.Compare(ours.Policy, n.Offered.Policy)
}

// The bounds of a reason that lists differences: who asks for a thousand
// terms is not told of each.
const (
	maxSaid    = 5
	maxSaidLen = 200
)

// said lists differences in one line, for the peer whose terms they are about:
// it has seen both sides.
func said(list []policy.Difference) string {
	var parts []string
	for i, d := range list {
		if i == maxSaid {
			parts = append(parts, "and "+strconv.Itoa(len(list)-maxSaid)+" more")
			break
		}
		text := d.String()
		if r := []rune(text); len(r) > maxSaidLen {
			text = string(r[:maxSaidLen]) + "…"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
