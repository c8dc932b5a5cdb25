// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"time"

	"github.com/musubi-ods/musubi/trust/policy"
)

// Act is what a side of a negotiation or a transfer can do next.
type Act string

// The acts of a negotiation and, below, of a transfer. Wait is the zero
// value: nothing for now, the next message or act asks again.
const (
	Wait      Act = ""
	Offer     Act = "offer"     // provider: a (counter-)offer
	Request   Act = "request"   // consumer: a counter-offer
	Accept    Act = "accept"    // consumer: takes the provider's offer
	Agree     Act = "agree"     // provider: the agreement
	Verify    Act = "verify"    // consumer: verifies the agreement
	Finalize  Act = "finalize"  // provider
	Terminate Act = "terminate" // either side, also of a transfer

	Start    Act = "start"    // provider; either side after a suspension
	Suspend  Act = "suspend"  // either side
	Complete Act = "complete" // either side
)

// Decision is what a decider answers. The same type serves negotiations and
// transfers.
type Decision struct {
	Act Act
	// Terms are offered with Offer, Request or Agree; nil takes the last ones
	// on the table.
	Terms *Terms
	// Reason goes to the peer with a termination or a suspension, and to the
	// journal with every act.
	Reason string
	// After delays the act, also across restarts. A message of the peer that
	// comes first has the decider asked again.
	After time.Duration
	// Deadline bounds how long the act's message is sent again, from when it
	// is made; 0 is 24 hours.
	Deadline time.Duration
	// Person says that a person has to decide: with Wait, the process is
	// shown in the approval queue.
	Person bool

	verdict *policy.Verdict // why our policy denies it
}
