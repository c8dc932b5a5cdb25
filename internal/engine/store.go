// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What a store answers when a request cannot be met.
var (
	// ErrNotFound: no such process in this participant's context.
	ErrNotFound = errors.New("no such process")
	// ErrAnotherParty is ErrNotFound for a caller that is not the counterparty
	// of the process: it learns no more, our own users do.
	ErrAnotherParty = fmt.Errorf("%w of this caller", ErrNotFound)
	// ErrConflict: the record or a row of its outbox is not as it was loaded.
	// Load again and judge again.
	ErrConflict = errors.New("changed by another writer")
	// ErrFenced: the lease under which the work was done is no longer held.
	ErrFenced = errors.New("lease lost")
	// ErrExists: a process for this first request, or with this id, exists.
	ErrExists = errors.New("process exists")
	// ErrUnavailable: the store cannot be used now, for a reason that passes:
	// no connection, no room. Nothing was done, and a reader learned nothing.
	ErrUnavailable = errors.New("the store cannot be used now")
	// ErrDoubt is ErrUnavailable where the store may have done it all the same:
	// whoever asked must look before asking again.
	ErrDoubt = fmt.Errorf("%w, and whether it took the last step is not known", ErrUnavailable)
)

// Store keeps processes and the work they owe. Every method may be called by
// several goroutines, and several processes may share one store unless the
// implementation says otherwise.
//
// Any method may answer ErrUnavailable, and one that writes ErrDoubt.
type Store interface {
	// For returns the part of the store that belongs to one participant.
	For(context string) Processes

	// Claim leases due work to req.Owner: rows that are due and whose lease is
	// absent or over. It raises Fence and Claims of each, and it fills Body
	// for OpSend. next is when the earliest row that was not claimed becomes
	// claimable for another reason than a full lane (zero: none waits).
	Claim(ctx context.Context, req ClaimRequest) (work []Work, next time.Time, err error)
	// Release gives a lease back without any change of the process, also where
	// the row was replaced meanwhile (another Key). A lease that is no longer
	// held, by Owner and Fence, is left alone and is no error.
	Release(ctx context.Context, w Work) error
	// TakeOver ends every lease of earlier owners where the store can have
	// only one process (SQLite, memory); elsewhere it does nothing.
	TakeOver(ctx context.Context) error

	// Notify tells the other processes on this store that these changed; it
	// may coalesce and may drop. Listen calls f for what others notified,
	// until ctx ends. Both are a matter of speed, never of correctness.
	Notify(ctx context.Context, changes []Change) error
	Listen(ctx context.Context, f func(Change)) error

	// Sequence gives positions and chained hashes (Chain) to journal rows
	// that have none, in commit order, for all participants, and returns how
	// many. One owner at a time does it, by a lease. Where the writer already
	// does it in the commit, it returns 0.
	Sequence(ctx context.Context, owner string, now time.Time, limit int) (int, error)
	// Heads returns, for each participant whose journal grew since its last
	// signed head, the position and hash to sign next; PutHead stores one.
	Heads(ctx context.Context) ([]Head, error)
	PutHead(ctx context.Context, h Head) error

	// Ready reports whether the store can be written to: nil or ErrUnavailable.
	// It is asked every few seconds.
	Ready(ctx context.Context) error
}

// Processes is the store bound to one participant: no argument of its methods
// can name another's row.
type Processes interface {
	// Load returns a process with its outbox. ErrNotFound.
	Load(ctx context.Context, id string) (Record, error)
	// LoadFor is Load for a message: seen tells whether an inbound message
	// with this @id was already accepted for the process (false for "").
	LoadFor(ctx context.Context, id, messageID string) (r Record, seen bool, err error)
	// ByPeer finds the process that a peer opened with its own pid. ErrNotFound.
	ByPeer(ctx context.Context, kind Kind, peer, peerPID string) (Record, error)
	// Commit does all of c or nothing. ErrConflict, ErrFenced, ErrExists.
	Commit(ctx context.Context, c Commit) error
	// History returns the messages of both sides in the order of their commits.
	History(ctx context.Context, id string) ([]Exchange, error)
	// List returns processes, newest first.
	List(ctx context.Context, q Query) ([]Record, error)
	// Journal returns sequenced rows after a position, in order. Rows without
	// a position are not seen by anybody.
	Journal(ctx context.Context, after int64, limit int) ([]Entry, error)
	// LastHead returns the newest signed head. ErrNotFound without one.
	LastHead(ctx context.Context) (Head, error)
}

// ClaimRequest asks for work.
type ClaimRequest struct {
	Owner string
	Now   time.Time
	Lease time.Duration
	Limit int
	// PerLane bounds the work of one lane, counting Busy, the number of rows
	// of each lane that the caller already holds.
	PerLane int
	Busy    map[string]int
}

// Commit is one step of one process, done whole or not at all.
type Commit struct {
	// Record is the new content. Its Version is Expect+1.
	Record Record
	// Expect is the version that must be stored now; 0 inserts the process.
	Expect int64
	// Put and Remove change the outbox. Each names the row as it was loaded
	// (Key and Fence; an absent row has neither): a row that was claimed,
	// replaced or removed since is ErrConflict. A Put over an existing row
	// keeps its lease and its Fence; with a new Key its Claims start at 0
	// again. A Put of an absent row inserts it with Now.Fence and, if Now has
	// an Owner, as claimed by it, once, until LeaseUntil.
	Put    []WorkChange
	Remove []Work
	// Held is the lease under which a worker commits, nil for others. If it
	// is no longer held, by Owner and Fence, the answer is ErrFenced. The
	// commit gives it back.
	Held *Work
	// Exchanges are appended to the history. An inbound one whose non-empty
	// MessageID was accepted before for this process is ErrConflict.
	Exchanges []Exchange
	// Outcomes say how earlier outbound messages ended.
	Outcomes []Outcome
	Journal  []Entry
	// Writes are rows of the domain that belong to the same step. The store
	// knows their types and refuses others.
	Writes []any
}

// WorkChange is a row of the outbox to write: Was as loaded (zero Key: it
// was absent), and what is owed now.
type WorkChange struct {
	Was Work
	Now Work
}

// Exchange is one message of a process's history.
type Exchange struct {
	Seq       int64 // position in the history, set by the store
	Inbound   bool
	MessageID string // @id; may be empty for an inbound message
	Message   Message
	Body      []byte // exact bytes
	Hash      string // canonical hash without @id
	At        time.Time
	Outcome   string // outbound: "" while pending, "acknowledged", "refused", "dropped"
}

// Outcome is the end of an outbound message.
type Outcome struct {
	MessageID string
	Outcome   string
}

// Change names a process that was committed.
type Change struct {
	Context string
	Process string // empty: only the journal grew
}

// Query selects processes for a list. Empty fields select all.
type Query struct {
	Kind    Kind
	Role    Role
	State   State
	Peer    string
	Subject string
	Open    bool   // only those not final, or with work owed
	Before  string // cursor: the id of the last one seen
	Limit   int
}

// Entry is one row of the journal: the event stream and the audit in one.
type Entry struct {
	Context  string
	Position int64 // 0 until sequenced; from 1, without a gap, per participant
	ID       string
	Process  string
	Kind     Kind
	Event    string // e.g. "negotiation.AGREED", "message.sent"
	At       time.Time
	Detail   json.RawMessage
	Prev     string // hash of the row before
	Hash     string // Chain(Prev, this)
}

// Head is a signed end of a participant's journal.
type Head struct {
	Context   string
	Position  int64
	Hash      string
	At        time.Time
	KeyID     string
	Signature []byte
}
