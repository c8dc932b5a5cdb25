// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import "github.com/musubi-ods/musubi/internal/engine"

// A suspension and a start are not final, so two of them that cross could
// leave the two sides in different states: each side would end where its own
// message leads. Three rules keep that from happening.
//
//  1. The provider's message goes first. While a start or a suspension of the
//     provider may be on its way, the consumer's start or suspension waits at
//     the provider (Service.deliver) until the peer's answer is in, unless it
//     proves by itself that the provider's arrived.
//  2. The consumer of a pull takes a provider's start that crosses its own for
//     the answer to it: its own is settled and not sent again. Should it
//     arrive all the same, the provider answers it, which mends the rest. Of
//     a push there is no answer: there its own stays on its way until the
//     provider has judged it.
//  3. The consumer of a pull that resumed does not suspend before the
//     provider's start brought the new address: the two would cross, and
//     nothing in the start would tell whether it was sent before or after.
//
// Completion and termination are final and need none of this: the engine
// lets the stronger of two win on both sides.
//
// The consumer of a pull that the provider started, with nothing of its own
// under way, takes another start. None can cross it: the provider lost what it
// knew of having sent the first, and serves the address of this one.

// answers guards the provider's start in STARTED.
func answers(r engine.Record) bool {
	if r.Role == provider {
		return load(r).OwesStart
	}
	return load(r).AwaitStart || crosses(r) || startsAgain(r)
}

func startsAgain(r engine.Record) bool {
	d := load(r)
	return d.MovedBy != consumer && r.State == Started && r.Pending == nil && r.Queued == nil && r.Call == nil && !Push(d.Format)
}

// crosses is rule 2: our start of a pull is on its way to the provider.
func crosses(r engine.Record) bool { return onItsWay(r, start) && !Push(load(r).Format) }

// consumerMaySuspend guards the consumer's suspension.
func consumerMaySuspend(r engine.Record) bool {
	if r.Role == consumer {
		return !load(r).AwaitStart
	}
	return !mustWait(r, suspension)
}

// consumerMayResume guards the consumer's start.
func consumerMayResume(r engine.Record) bool { return !mustWait(r, start) }

// providerMayResume guards the provider's start in SUSPENDED.
func providerMayResume(r engine.Record) bool {
	if r.Role == consumer {
		return !crosses(r) // else the row of STARTED applies
	}
	stale := load(r).Stale
	return stale == "" || (r.Pending == nil || r.Pending.ID != stale) && (r.Call == nil || r.Call.ID != stale)
}

// mustWait is rule 1, for a message m of the consumer. A message that is legal
// only after ours proves that ours arrived, unless the consumer may have made
// it earlier: before the move by which we came to our present state.
func mustWait(r engine.Record, m engine.Message) bool {
	starting, suspending := onItsWay(r, start), onItsWay(r, suspension)
	if r.Role != provider || !starting && !suspending {
		return false
	}
	ours := load(r).MovedBy == provider
	switch {
	case m == start && r.State == Suspended:
		return starting
	case m == start && r.State == Started:
		return suspending && ours
	case m == suspension && r.State == Suspended:
		return starting && ours
	case m == suspension:
		return r.State == Started
	}
	return false
}

// onItsWay reports whether our own message m was sent and not yet answered.
func onItsWay(r engine.Record, m engine.Message) bool {
	return r.Pending != nil && r.Pending.Message == m && r.Sent()
}
