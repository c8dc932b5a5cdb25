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
//  2. The consumer takes a provider's start that crosses its own for the
//     answer to it: its own is settled and never sent again.
//  3. The consumer of a pull that resumed does not suspend before the
//     provider's start brought the new address: the two would cross, and
//     nothing in the start would tell whether it was sent before or after.
//
// Completion and termination are final and need none of this: the engine
// lets the stronger of two win on both sides.

// answers guards the provider's start in STARTED.
func answers(r engine.Record) bool {
	if r.Role == provider {
		return load(r).OwesStart
	}
	return load(r).AwaitStart || onItsWay(r, start)
}

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
		return !onItsWay(r, start) // rule 2: then the row of STARTED applies
	}
	stale := load(r).Stale
	return stale == "" || (r.Pending == nil || r.Pending.ID != stale) && (r.Call == nil || r.Call.ID != stale)
}

// mustWait is rule 1, for a message m of the consumer.
func mustWait(r engine.Record, m engine.Message) bool {
	if r.Role != provider || !onItsWay(r, start) && !onItsWay(r, suspension) {
		return false
	}
	switch {
	case m == start:
		return r.State == Suspended
	case m != suspension:
		return false
	case r.State == Suspended:
		// Only a consumer in STARTED suspends. If it was the consumer who
		// suspended before, our start has arrived; if it was we, this may be
		// a suspension that crossed ours.
		return load(r).SuspendedBy == provider
	}
	return r.State == Started
}

// onItsWay reports whether our own message m was sent and not yet answered.
func onItsWay(r engine.Record, m engine.Message) bool {
	return r.Pending != nil && r.Pending.Message == m && r.Sent()
}
