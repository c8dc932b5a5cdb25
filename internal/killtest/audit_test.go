// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"fmt"
)

// books are what one side holds at the end of the run.
type books struct {
	name         string
	negotiations []process
	transfers    []process
	agreements   []agreement
	journal      []entry
}

func readBooks(ctx context.Context, s *side) (b books, err error) {
	b.name = s.name
	if b.negotiations, err = all[process](ctx, s.api, "/negotiations", "before"); err != nil {
		return b, err
	}
	if b.transfers, err = all[process](ctx, s.api, "/transfers", "before"); err != nil {
		return b, err
	}
	if b.agreements, err = all[agreement](ctx, s.api, "/agreements", "before"); err != nil {
		return b, err
	}
	b.journal, err = all[entry](ctx, s.api, "/journal", "after")
	return b, err
}

// findings collects what is wrong with the books.
type findings []string

func (f *findings) addf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// audit lays the books of both sides beside each other. There must be so many
// negotiations, each with one agreement, and transfers, all at their good ends.
func audit(consumer, provider books, jobs, transfers int) []string {
	f := &findings{}
	f.pairs("negotiation", finalized, consumer.negotiations, provider.negotiations, jobs)
	f.pairs("transfer", completed, consumer.transfers, provider.transfers, transfers)
	f.contracts(consumer, provider)
	for _, b := range []books{consumer, provider} {
		f.single(b)
		f.chained(b)
		f.eventsOnce(b)
	}
	return *f
}

// pairs: each process has exactly one at the other side, which says the same.
func (f *findings) pairs(kind, end string, consumer, provider []process, jobs int) {
	if len(consumer) != jobs || len(provider) != jobs {
		f.addf("%ss: %d jobs, %d at the consumer, %d at the provider", kind, jobs, len(consumer), len(provider))
	}
	theirs, opened := map[string]process{}, map[string]bool{}
	for _, p := range provider {
		theirs[p.ID] = p
		if opened[p.PeerPID] {
			f.addf("%s %s was opened twice at the provider", kind, p.PeerPID)
		}
		opened[p.PeerPID] = true
	}
	for _, c := range consumer {
		p, ok := theirs[c.PeerPID]
		switch {
		case !ok:
			f.addf("%s %s: the provider has no %q", kind, c.ID, c.PeerPID)
		case p.PeerPID != c.ID:
			f.addf("%s %s: the provider's belongs to %s", kind, c.ID, p.PeerPID)
		case c.State != p.State || c.AgreementID != p.AgreementID || c.Agreement != p.Agreement || c.Dataset != p.Dataset:
			f.addf("%s is not the same on both sides: %s; %s", kind, c, p)
		}
		if c.State != end {
			f.addf("%s did not come to its good end: %s", kind, c)
		}
	}
}

// single: no two processes of a side are about the same.
func (f *findings) single(b books) {
	datasets, agreements := map[string]int{}, map[string]int{}
	for _, n := range b.negotiations {
		datasets[n.Dataset]++
	}
	for _, t := range b.transfers {
		agreements[t.Agreement]++
	}
	for name, n := range datasets {
		if n != 1 {
			f.addf("the %s has %d negotiations of %s", b.name, n, name)
		}
	}
	for id, n := range agreements {
		if n != 1 {
			f.addf("the %s has %d transfers under %s", b.name, n, id)
		}
	}
}

// contracts: each finalized negotiation has exactly one agreement, which both
// sides hold, to the byte of its canonical form.
func (f *findings) contracts(consumer, provider books) {
	ours, theirs := f.byNegotiation(consumer), f.byNegotiation(provider)
	for _, n := range consumer.negotiations {
		a, b := ours[n.ID], theirs[n.PeerPID]
		switch {
		case n.State != finalized:
		case a.ID == "" || b.ID == "":
			f.addf("negotiation %s is finalized, and an agreement is missing", n.ID)
		case a.ID != n.AgreementID || b.ID != n.AgreementID:
			f.addf("negotiation %s agreed on %s; kept are %s and %s", n.ID, n.AgreementID, a.ID, b.ID)
		case a.DocumentHash == "" || a.DocumentHash != b.DocumentHash || a.PolicyHash != b.PolicyHash:
			f.addf("agreement %s is not the same on both sides", a.ID)
		case a.Target != n.Dataset || b.Target != n.Dataset || a.Assigner != b.Assigner || a.Assignee != b.Assignee:
			f.addf("agreement %s is about something else", a.ID)
		case !a.Final || !b.Final:
			f.addf("agreement %s is not final", a.ID)
		}
	}
}

func (f *findings) byNegotiation(b books) map[string]agreement {
	found := map[string]agreement{}
	for _, a := range b.agreements {
		if _, twice := found[a.Negotiation]; twice {
			f.addf("the %s has a second agreement of negotiation %s", b.name, a.Negotiation)
		}
		found[a.Negotiation] = a
	}
	ended := 0
	for _, n := range b.negotiations {
		if n.State == finalized {
			ended++
		}
	}
	if ended != len(b.agreements) {
		f.addf("the %s has %d finalized negotiations and %d agreements", b.name, ended, len(b.agreements))
	}
	return found
}
