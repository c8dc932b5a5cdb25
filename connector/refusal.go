// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import "time"

// Refusal is a caller that was turned away for its proof.
type Refusal struct {
	At         time.Time
	SupportID  string // what the caller was told
	Claimed    string // who it says it is; not proved
	Check      string // V01 to V94, C01 to C18; see docs/trust.md
	Reason     string
	Credential string // the credential at fault, if it is one
}

// Refusals returns the latest callers that this process turned away, newest
// first; with a peer, those who claimed to be it.
func (p *Participant) Refusals(peer string) []Refusal {
	found := p.c.refusals.Of(p.context, peer, 1000)
	list := make([]Refusal, len(found))
	for i, r := range found {
		list[i] = Refusal{r.At, r.SupportID, r.Claimed, r.Check, r.Reason, r.Credential}
	}
	return list
}
