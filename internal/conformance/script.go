// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// The kit registers a listener only after it has seen the step before, so
// every act waits half a second, and none is repeated into the next test.
const (
	pace     = 500 * time.Millisecond
	patience = 4 * time.Second
)

// moves says what our side does, by the state it finds and, from the second
// time on, by how often it came there: "REQUESTED", "REQUESTED#2". What is
// not listed is held.
type moves map[string]negotiation.Act

const (
	terminate = negotiation.Terminate
	offer     = negotiation.Offer
	agree     = negotiation.Agree
	finalize  = negotiation.Finalize
	accept    = negotiation.Accept
	request   = negotiation.Request
	verify    = negotiation.Verify
	start     = negotiation.Start
	suspend   = negotiation.Suspend
	complete  = negotiation.Complete
)

// negotiations is the kit's table of datasets: ACN as provider, ACNC as
// consumer.
var negotiations = map[string]moves{
	"ACN0101": {"REQUESTED": offer},
	"ACN0102": {"REQUESTED": offer, "REQUESTED#2": terminate},
	"ACN0103": {"REQUESTED": offer, "ACCEPTED": agree, "VERIFIED": finalize},
	"ACN0104": {"REQUESTED": agree, "VERIFIED": finalize},
	"ACN0201": {"REQUESTED": terminate},
	"ACN0202": {},
	"ACN0203": {"REQUESTED": agree},
	"ACN0204": {"REQUESTED": offer},
	"ACN0205": {"REQUESTED": offer, "OFFERED": terminate},
	"ACN0206": {"REQUESTED": offer, "ACCEPTED": terminate},
	"ACN0207": {"REQUESTED": agree, "VERIFIED": terminate},
	"ACN0301": {"REQUESTED": agree, "VERIFIED": finalize},
	"ACN0302": {"REQUESTED": offer},
	"ACN0303": {"REQUESTED": offer},
	"ACN0304": {"REQUESTED": offer},

	"ACNC0101": {"OFFERED": accept, "AGREED": verify},
	"ACNC0102": {"OFFERED": request},
	"ACNC0103": {"OFFERED": terminate},
	"ACNC0104": {"AGREED": verify},
	"ACNC0201": {},
	"ACNC0202": {"REQUESTED": terminate},
	"ACNC0203": {"AGREED": terminate},
	"ACNC0204": {},
	"ACNC0205": {"OFFERED": accept},
	"ACNC0206": {"AGREED": verify},
	"ACNC0301": {},
	"ACNC0302": {},
	"ACNC0303": {},
	"ACNC0304": {"OFFERED": accept},
	"ACNC0305": {"OFFERED": accept},
	"ACNC0306": {"OFFERED": accept},
}

// transfers is the kit's table of agreements: ATP as provider, ATPC as
// consumer. An agreement that is not named here is started, if we provide it,
// and held.
var transfers = map[string]moves{
	"ATP0101": {"REQUESTED": start, "STARTED": terminate},
	"ATP0102": {"REQUESTED": start, "STARTED": complete},
	"ATP0103": {"REQUESTED": start, "STARTED": suspend, "SUSPENDED": terminate},
	"ATP0104": {"REQUESTED": start, "STARTED": suspend, "SUSPENDED": start, "STARTED#2": complete},
	"ATP0105": {"REQUESTED": terminate},
	"ATP0205": {},
	"ATP0301": {},
	"ATP0302": {},

	"ATPC0201": {"STARTED": terminate},
	"ATPC0202": {"STARTED": complete},
	"ATPC0203": {"STARTED": suspend, "SUSPENDED": terminate},
	"ATPC0205": {"REQUESTED": terminate},
}

// Script is the decider that plays the kit's counterpart.
type Script struct{}

// Decide implements negotiation.Decider.
func (Script) Decide(_ context.Context, n negotiation.Negotiation) (negotiation.Decision, error) {
	message := map[string]string{"REQUESTED": "ContractRequestMessage", "OFFERED": "ContractOfferMessage"}[n.State]
	return negotiations[n.Dataset].at(n.State, times(n.History, message)), nil
}

// TransferScript is Script for transfers.
type TransferScript struct{}

// Decide implements transfer.Decider.
func (TransferScript) Decide(_ context.Context, p transfer.Process) (negotiation.Decision, error) {
	m, ok := transfers[p.Agreement]
	if !ok && p.Role == "provider" {
		m = moves{"REQUESTED": start}
	}
	message := map[string]string{"STARTED": "TransferStartMessage", "SUSPENDED": "TransferSuspensionMessage"}[p.State]
	return m.at(p.State, times(p.History, message)), nil
}

// at looks up a move. A state that comes again is a move of its own.
func (m moves) at(state string, times int) negotiation.Decision {
	key := state
	if times > 1 {
		key += "#" + string(rune('0'+times))
	}
	act, ok := m[key]
	if !ok {
		return negotiation.Decision{}
	}
	return negotiation.Decision{Act: act, After: pace, Deadline: patience, Reason: "the conformance script says so"}
}

// times counts how often a message went either way.
func times(history []negotiation.Exchange, message string) int {
	n := 0
	for _, e := range history {
		if message != "" && strings.HasPrefix(e.Message, message) && e.Outcome != "dropped" && e.Outcome != "refused" {
			n++
		}
	}
	return n
}
