// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Transition is one row of a protocol's state table.
type Transition struct {
	From    State
	Message Message
	By      Role // who sends the message
	To      State
	// ReceiveOnly marks a message that is accepted from a peer but that our
	// side does not send from this state.
	ReceiveOnly bool
	// Guard, if set, must hold for the row to apply; it reads Data.
	Guard func(Record) bool
	// Only says in words what Guard asks, for the printed table.
	Only string
}

// Table is a protocol's state machine.
type Table struct {
	Kind       Kind
	Rows       []Transition
	Final      []State
	Terminate  Message // the message that ends a process early
	Terminated State
}

// Next returns the row for a message in a state.
func (t *Table) Next(r Record, from State, m Message, by Role) (Transition, bool) {
	for _, row := range t.Rows {
		if row.From == from && row.Message == m && row.By == by && (row.Guard == nil || row.Guard(r)) {
			return row, true
		}
	}
	return Transition{}, false
}

// IsFinal reports whether no row leaves the state.
func (t *Table) IsFinal(s State) bool {
	return slices.Contains(t.Final, s)
}

// reaches reports whether a process can come from one state to another by
// rows of the table without passing through avoid.
func (t *Table) reaches(from, to, avoid State) bool {
	seen := map[State]bool{avoid: true}
	queue := []State{from}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, row := range t.Rows {
			if row.From != s || seen[row.To] {
				continue
			}
			if row.To == to {
				return true
			}
			seen[row.To] = true
			queue = append(queue, row.To)
		}
	}
	return false
}

// once reports that no process takes the message twice: no way leads from
// where it goes to where it comes from.
func (t *Table) once(m Message) bool {
	for _, a := range t.Rows {
		for _, b := range t.Rows {
			if a.Message == m && b.Message == m && (a.To == b.From || t.reaches(a.To, b.From, "")) {
				return false
			}
		}
	}
	return true
}

// Arrived judges what a GET of the peer's process shows while our message
// from state `from` to `target` is unanswered: true when the shown state can
// only be explained by the message having arrived. A peer that has not yet
// read our acknowledgement of its own last message still shows the state
// before `from`, which proves nothing.
func (t *Table) Arrived(ours Role, from, target, shown State) bool {
	if shown == from {
		return false
	}
	for _, row := range t.Rows {
		if row.From == shown && row.By != ours && row.To == from {
			return false
		}
	}
	return shown == target || t.reaches(target, shown, from) && !t.reaches(from, shown, target)
}

// Env carries what a step may not fetch for itself.
type Env struct {
	Now   time.Time
	NewID func() string
}

// Domain gives messages their meaning. Receive, Compose and Settled are pure:
// they change only the record they are given and have no I/O.
type Domain interface {
	Table() *Table
	// Receive folds the content of an inbound message, legal by the table,
	// into r. A *Refusal leaves the process as it was.
	Receive(r *Record, in Inbound, env Env) (Effects, error)
	// Prepare names the call that must succeed before act's message can be
	// made (its Verb), or "" for none.
	Prepare(r Record, act Act) string
	// Compose makes the message of an act that is legal by the table, with
	// the result of its call.
	Compose(r *Record, act Act, result json.RawMessage, id string, env Env) (Outgoing, Effects, error)
	// Settled folds our acknowledged message into r.
	Settled(r *Record, p Pending, env Env) (Effects, error)
	// Ended is told when the process ends on our side alone.
	Ended(r *Record, env Env) Effects

	// Keep writes into r.Data what the domain has in r.Memo. It is called once
	// for each step, before the commit.
	Keep(r *Record) error

	// Prompt decides where the decider would go by the record alone and without
	// I/O: then nobody has to be asked after the step. ok false: the decider is
	// asked. It is pure.
	Prompt(r Record) (d Decision, ok bool)
	// Decide asks the decider what to do. It may be slow and is asked again
	// after a crash.
	Decide(ctx context.Context, r Record, history []Exchange) (Decision, error)
	// Do makes a call (of a data plane), idempotent by process and verb.
	Do(ctx context.Context, r Record, c Call) (json.RawMessage, error)
	// ReadAnswer reads a 2xx body to our message, or that of a GET.
	ReadAnswer(r Record, m Message, body []byte) (Acknowledgement, error)
}

// Effects are what a domain asks for besides the change of the record.
type Effects struct {
	Writes []any          // rows of the same transaction
	Calls  []Call         // calls to make after the commit, which nothing waits for; an ID is made where there is none
	Detail map[string]any // for the journal row
}

// Inbound is a peer's message, authenticated and decoded.
type Inbound struct {
	Context     string
	Process     string // our pid, from the path; empty for a first request
	Kind        Kind
	Peer        string // authenticated participant id
	ConsumerPID string // as the body has it
	ProviderPID string
	Message     Message
	MessageID   string // @id, may be empty
	Hash        string // canonical hash without @id
	Body        []byte
	Content     any // decoded, for the domain
	// Writes are rows of the step that takes the message, or remembers that it
	// was refused. Stored is called after the commit of that step, also of one
	// in doubt. A message
	// that changes nothing has neither.
	Writes []any
	Stored func()
}

// pids returns the body's members for our own role and for the peer's.
func (in Inbound) pids(ours Role) (own, theirs string) {
	if ours == Consumer {
		return in.ConsumerPID, in.ProviderPID
	}
	return in.ProviderPID, in.ConsumerPID
}

// Outgoing is our message, ready to be stored and sent.
type Outgoing struct {
	Path string // below the peer's base URL, from the first slash
	Body []byte
	Hash string
}

// Acknowledgement is what a peer's answer tells of its process.
type Acknowledgement struct {
	PeerPID string
	State   State
}

// Decision is a decider's answer: an act, or nothing for now.
type Decision struct {
	Act    *Act
	Person bool // nothing for now, a person has to decide
}

// Refusal is a message or an act that is not accepted; nothing was changed.
// Reason may be shown to whoever asked.
type Refusal struct {
	Code   string
	Reason string
	Taken  bool // of Domain.Do: what was asked for may have been done all the same
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Reason }

// Is makes every refusal an ErrRefused.
func (r *Refusal) Is(target error) bool { return target == ErrRefused }

// ErrRefused is what every *Refusal is.
var ErrRefused = errors.New("refused")

// Refusef makes a Refusal.
func Refusef(code, format string, args ...any) error {
	return &Refusal{Code: code, Reason: fmt.Sprintf(format, args...)}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
