// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// promise is how soon after its cause a running body is cut.
const promise = 5 * time.Second

// stopCase is one cause that stops a transfer which is running.
type stopCase struct {
	name    string
	members bool // who prove themselves by credentials
	usage   func(v *venue) policy.Policy
	// validity is that of the consumer's credentials; 0: a year. before is done
	// first of all, cause stops the transfer and returns when it began to, mend
	// makes it good again (nil: it cannot).
	validity     time.Duration
	before, mend func(t *testing.T, v *venue)
	cause        func(t *testing.T, v *venue, r *run) time.Time
	state        string // of both sides after it
	reason       string // part of it, on both sides
	code         string // of the next request of data
}

// run is a transfer whose body is being read.
type run struct {
	agreement string
	process   transfer.Process // the consumer's
	agreed    time.Time
	flow      *flow
}

const byteLimit = 1_234_567

// soonOver is a validity of credentials that ends during the test.
const soonOver = -1

// term is how long lasts what ends by the clock: the transfer has to have begun
// before.
func (v *venue) term() time.Duration {
	if v.clock != nil { // which is turned
		return time.Minute
	}
	return max(5*time.Second, 4*v.took.Truncate(time.Second))
}

// byClock waits, or turns the clock, until a moment and returns it in the
// wall's time.
func byClock(v *venue, at time.Time) time.Time {
	now, left := time.Now(), at.Sub(v.now())
	if v.clock == nil {
		return now.Add(left)
	}
	v.clock.turn(left)
	return now
}

var stopCases = []stopCase{
	{
		name: "membership revoked", members: true, usage: membersMay,
		cause: func(t *testing.T, v *venue, _ *run) time.Time {
			at := time.Now()
			mark(t, v.space.authority.Issuer().Revoke, v.space.membershipOf(t, v.consumer.id))
			v.pass(promise) // status lists are believed no longer
			return at
		},
		state: "TERMINATED", reason: "membership eq active does not hold", code: "transfer-ended",
		mend: func(t *testing.T, v *venue) { v.holdsOnly(t, 0) },
	},
	{
		name: "membership suspended", members: true, usage: membersMay,
		cause: func(t *testing.T, v *venue, _ *run) time.Time {
			at := time.Now()
			v.marked = v.space.membershipOf(t, v.consumer.id)
			mark(t, v.space.authority.Issuer().Suspend, v.marked)
			v.pass(promise)
			return at
		},
		state: "SUSPENDED", reason: "membership eq active does not hold", code: "transfer-suspended",
		mend: func(t *testing.T, v *venue) {
			mark(t, v.space.authority.Issuer().Restore, v.marked)
		},
	},
	{
		name: "credential expired", members: true, usage: membersMay, validity: soonOver,
		cause: expiry, state: "SUSPENDED", reason: "membership eq active does not hold", code: "transfer-suspended", mend: renewed,
	},
	{
		name: "credential expired that no term asks for", members: true, usage: anyUse, validity: soonOver,
		cause: expiry, state: "SUSPENDED", reason: "a credential of the consumer is no longer good", code: "transfer-suspended", mend: renewed,
	},
	{
		name:  "end date",
		usage: func(v *venue) policy.Policy { return policy.Permit("use", policy.Until(v.end())) },
		cause: func(_ *testing.T, v *venue, _ *run) time.Time { return byClock(v, v.end()) },
		state: "TERMINATED", reason: "dateTime lt ", code: "transfer-ended",
	},
	{
		name: "in force for a time",
		usage: func(v *venue) policy.Policy {
			return policy.Permit("use", policy.Atomic{Left: policy.LeftInForceDate, Operator: policy.Lt, Right: policy.Text("contractAgreement+" + fmt.Sprint(int(v.term().Seconds())) + "s")})
		},
		cause: func(_ *testing.T, v *venue, r *run) time.Time { return byClock(v, r.agreed.Add(v.term())) },
		state: "TERMINATED", reason: "inForceDate lt contractAgreement+", code: "transfer-ended",
	},
	{
		name:  "bytes used up",
		usage: func(*venue) policy.Policy { return policy.Permit("use", policy.Volume(byteLimit)) },
		cause: func(t *testing.T, _ *venue, r *run) time.Time { return r.flow.reaches(t, byteLimit) },
		state: "TERMINATED", reason: "bytes lteq 1234567 does not hold", code: "transfer-ended",
	},
	{
		name: "ended by the provider", usage: anyUse,
		cause: func(t *testing.T, v *venue, r *run) time.Time { return ends(t, v.desk, r.agreement) },
		state: "TERMINATED", reason: "the agreement was ended: the quarrel is over", code: "transfer-ended",
	},
	{
		name: "ended by the consumer", usage: anyUse,
		cause: func(t *testing.T, v *venue, r *run) time.Time { return ends(t, v.consumer, r.agreement) },
		state: "TERMINATED", reason: "the agreement was ended: the quarrel is over", code: "transfer-ended",
	},
	{
		name: "access closed", usage: anyUse,
		cause: func(t *testing.T, v *venue, _ *run) time.Time {
			at := time.Now()
			v.offers(t, policy.Permit("use", policy.DirectCustomer()), policy.Permit("use"))
			return at
		},
		state: "SUSPENDED", reason: "the offer is no longer open to the consumer", code: "transfer-suspended",
		mend: func(t *testing.T, v *venue) { v.offers(t, policy.Permit("use"), policy.Permit("use")) },
	},
	{
		name:   "relation deleted",
		usage:  func(*venue) policy.Policy { return policy.Permit("use", policy.DirectCustomer()) },
		before: func(t *testing.T, v *venue) { v.relates(t) },
		cause: func(t *testing.T, v *venue, _ *run) time.Time {
			at := time.Now()
			if err := v.desk.Unrelate(t.Context(), v.consumer.id, policy.DirectSupply); err != nil {
				t.Fatal(err)
			}
			return at
		},
		state: "SUSPENDED", reason: "supplyRelation eq direct does not hold", code: "transfer-suspended",
		mend: func(t *testing.T, v *venue) { v.relates(t) },
	},
}

func membersMay(*venue) policy.Policy { return policy.Permit("use", policy.ActiveMember()) }
func anyUse(*venue) policy.Policy     { return policy.Permit("use") }

// end is a moment soon after the venue opened.
func (v *venue) end() time.Time { return v.opened.Add(v.term() + 4*time.Second) }

func ends(t *testing.T, by *node, agreement string) time.Time {
	t.Helper()
	at := time.Now()
	if _, err := by.EndAgreement(t.Context(), agreement, "the quarrel is over"); err != nil {
		t.Fatal(err)
	}
	return at
}

func (v *venue) relates(t *testing.T) {
	t.Helper()
	if err := v.desk.Relate(t.Context(), trust.Relation{Party: v.consumer.id, Kind: policy.DirectSupply, Since: v.now()}); err != nil {
		t.Fatal(err)
	}
}

// renewed has it hold good ones again.
func renewed(t *testing.T, v *venue) { v.holdsOnly(t, time.Hour) }

func (v *venue) holdsOnly(t *testing.T, validity time.Duration) {
	t.Helper()
	old, err := v.consumer.Wallet().Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.space.validity(t, validity)
	v.space.members-- // the number of the consumer, which registered last, again
	v.space.register(t, v.consumer)
	for _, c := range old {
		if err := v.consumer.Wallet().Delete(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// expiry waits until a credential expires by which the transfer was asked for.
func expiry(t *testing.T, v *venue, r *run) time.Time {
	t.Helper()
	p, err := v.desk.Transfer(t.Context(), r.process.PeerPID)
	if err != nil {
		t.Fatal(err)
	}
	var first time.Time
	for _, c := range p.Claims.Credentials {
		if first.IsZero() || c.ValidUntil.Before(first) {
			first = c.ValidUntil
		}
	}
	return byClock(v, first)
}
