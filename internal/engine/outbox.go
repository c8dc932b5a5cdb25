// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

// owed derives the outbox of a record: the work that its content asks for.
// It is a function of the record alone, so that no step can forget a row.
func (r Record) owed() []Work {
	var work []Work
	add := func(op Op, key, lane string, due time.Time) {
		work = append(work, Work{Context: r.Context, Process: r.ID, Op: op, Key: key, Lane: lane, Due: due})
	}
	if p := r.Pending; p != nil {
		add(OpSend, p.ID, "send|"+r.Context+"|"+r.Peer, p.Due)
	}
	if c := r.nextCall(); c != nil {
		add(OpCall, c.ID, "call|"+r.Context, c.Due)
	}
	if r.Final || r.Pending != nil || r.Call != nil {
		return work
	}
	switch {
	case r.Planned != nil:
		due := r.Planned.NotBefore
		if r.DecideTries > 0 && r.DecideDue.After(due) { // it failed at its time
			due = r.DecideDue
		}
		add(OpDecide, decisionKey(r), "decide|"+r.Context, due)
	case r.Decide:
		add(OpDecide, decisionKey(r), "decide|"+r.Context, r.DecideDue)
	}
	return work
}

// nextCall is the call to make now: the one a message waits for, else the
// first of those that nothing waits for.
func (r Record) nextCall() *Call {
	switch {
	case r.Call != nil:
		return r.Call
	case len(r.After) > 0:
		return &r.After[0]
	}
	return nil
}

// decisionKey names a question to the decider: each version asks anew, so
// that an answer to an older question is stale.
func decisionKey(r Record) string {
	return "decide-" + itoa(r.Version)
}

// fenceBits leaves room for a million claims of one row.
const fenceBits = 20

// changes compares the outbox as loaded with what the new record owes.
// A new row's Fence starts above that of every row before it, so that a worker
// that outlived its row holds no lease of the next.
func changes(loaded, owed []Work, version int64) (put []WorkChange, remove []Work) {
	for _, now := range owed {
		was, ok := find(loaded, now.Op)
		if !ok {
			now.Fence = version << fenceBits
		}
		if ok && was.Key == now.Key && was.Due.Equal(now.Due) && was.Lane == now.Lane {
			continue
		}
		put = append(put, WorkChange{Was: was, Now: now})
	}
	for _, was := range loaded {
		if _, ok := find(owed, was.Op); !ok {
			remove = append(remove, was)
		}
	}
	return put, remove
}
