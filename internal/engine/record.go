// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"time"
)

// Kind tells the two protocols apart.
type Kind string

// The kinds of process.
const (
	Negotiation Kind = "negotiation"
	Transfer    Kind = "transfer"
)

// Role is the part a side plays in a process.
type Role string

// The two roles of the Dataspace Protocol.
const (
	Consumer Role = "consumer"
	Provider Role = "provider"
)

// Other returns the role of the counterparty.
func (r Role) Other() Role {
	if r == Consumer {
		return Provider
	}
	return Consumer
}

// State is a state of the protocol, by its name there. The empty state is
// that of a process whose first request no peer has acknowledged yet.
type State string

// Message names a protocol message in a transition table. The two events of
// a negotiation are told apart as "ContractNegotiationEventMessage:ACCEPTED".
type Message string

// Record is one process of one participant.
type Record struct {
	Context string // participant context, a slug
	ID      string // our pid
	Kind    Kind
	Role    Role // our role

	Peer    string // the counterparty's participant id, as authenticated
	PeerPID string // empty until known
	// PeerPIDTentative marks a PeerPID read from a message that overtook the
	// acknowledgement of our first request: that acknowledgement wins.
	PeerPIDTentative bool
	Address          string // base URL that our messages extend
	Foreign          bool   // Address was chosen by the counterparty
	OpenedByPeer     bool   // the first request was the counterparty's

	State   State // acknowledged by both sides
	Version int64 // counts commits, from 1
	Final   bool  // no further transition is possible

	Pending *Pending // our message that is not yet acknowledged
	Call    *Call    // a call of ours that must end before its message can go out
	After   []Call   // calls owed whose end no message waits for
	Queued  *Act     // our act that waits for Pending or Call
	Planned *Act     // our act that waits for its time (Act.NotBefore)
	Decide  bool     // the decider is to be asked
	Person  bool     // a person has to decide
	// DecideTries counts failed calls of the decider in a row; DecideDue is
	// when it is asked next.
	DecideTries int
	DecideDue   time.Time

	// Subject is what the process is about, for lists: the dataset of a
	// negotiation, the agreement of a transfer.
	Subject string
	Data    json.RawMessage // the domain's own part
	// Memo is what the domain made of Data or will write there (Domain.Keep).
	// It is never stored, and nobody changes what it refers to.
	Memo any `json:"-"`

	FirstHash string // canonical hash of the peer's first request
	LastHash  string // canonical hash of the last accepted message
	// Refused are the @ids of the last messages that were illegal when they
	// came: they stay refused.
	Refused   []string
	LastOK    time.Time
	LastError *Fault

	Created, Updated time.Time

	// Work is the outbox of this process as it was loaded.
	Work []Work `json:"-"`
}

// Pending is our message that waits for the peer's acknowledgement.
type Pending struct {
	ID       string // its @id, the same on every attempt
	Message  Message
	Target   State // the state that the acknowledgement commits
	Path     string
	Deadline time.Time
	Due      time.Time // of the next attempt
	Tries    int       // attempts that ended without an acknowledgement
	// Doubt is set once an attempt ended without an answer, so that the peer
	// may have the message although nobody said so.
	Doubt bool
	// Unauthorized counts 401 and 403 answers in a row.
	Unauthorized int
}

// Call is a call of the domain's own (of a data plane), made outside any
// transaction and repeated until it has an outcome.
type Call struct {
	ID     string
	Verb   string // start, suspend, ... : the domain's word
	Act    *Act   // what follows when it succeeded; nil if nothing does
	Target State  // the state that Act's message will lead to
	Due    time.Time
	Tries  int // failed attempts
}

// Fault says what last went wrong, in words that the participant's own users
// may read.
type Fault struct {
	At     time.Time
	Code   string
	Reason string
}

// Op is a kind of work that a process can owe.
type Op string

// The operations of the outbox. At most one of each is owed by a process.
const (
	OpSend   Op = "send"
	OpCall   Op = "call"
	OpDecide Op = "decide"
)

// Work is one row of the outbox: something owed by a process. Its lease is
// claimed before it is done; Fence counts the claims of the row, so that a
// worker whose lease ended can no longer commit.
type Work struct {
	Context string
	Process string
	Op      Op
	Key     string // message or call id: a replaced row has another
	Lane    string // work of one lane shares a bounded number of workers
	Due     time.Time

	Fence      int64
	Claims     int // of this Key; above zero, a message may have left
	Owner      string
	LeaseUntil time.Time

	Body []byte // OpSend, on a claimed row: the exact bytes
}

// find returns the row of op, if owed.
func find(work []Work, op Op) (Work, bool) {
	for _, w := range work {
		if w.Op == op {
			return w, true
		}
	}
	return Work{}, false
}

// Sent reports whether the pending message may have left: it was claimed for
// sending at least once.
func (r Record) Sent() bool {
	w, ok := find(r.Work, OpSend)
	return r.Pending != nil && ok && w.Key == r.Pending.ID && w.Claims > 0
}

// Shown is the state that a GET of the process shows: the acknowledged one,
// or the target of our first request while that is pending, since only a peer
// that has it can ask.
func (r Record) Shown() State {
	if r.State == "" && r.Pending != nil {
		return r.Pending.Target
	}
	return r.State
}

// WaitingFor says who has to move: "us", "peer", "person", or "" when the
// process is at its end.
func (r Record) WaitingFor() string {
	switch {
	case r.Final && r.Pending == nil:
		return ""
	case r.Pending != nil:
		return "peer"
	case r.Person:
		return "person"
	case r.Call != nil || r.Planned != nil || r.Decide:
		return "us"
	}
	return "peer"
}

// NextTry is when the work that is owed is next attempted; zero if none is.
func (r Record) NextTry() time.Time {
	var next time.Time
	for _, w := range r.owed() {
		if next.IsZero() || w.Due.Before(next) {
			next = w.Due
		}
	}
	return next
}

// Deadline is when we stop sending the pending message; zero without one.
func (r Record) Deadline() time.Time {
	if r.Pending == nil {
		return time.Time{}
	}
	return r.Pending.Deadline
}
