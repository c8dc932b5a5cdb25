// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"errors"
	"time"
)

// Errors of the service and of stores.
var (
	// ErrNotFound: this participant has no such holding.
	ErrNotFound = errors.New("no such holding")
	// ErrExists: a holding with this id is kept already.
	ErrExists = errors.New("holding exists")
	// ErrDeleted: the data was deleted already.
	ErrDeleted = errors.New("data was deleted")
	// ErrRetentionOver: the permission to use the data is over, though its file
	// may still be there.
	ErrRetentionOver = errors.New("the agreed time of use is over")
	// ErrMissing: the file of a holding is not in this folder.
	ErrMissing = errors.New("the file of the data is missing")
	// ErrTooLarge: there is more data than is stored.
	ErrTooLarge = errors.New("too much data")
	// ErrNotConsumer: in this transfer we are not the consumer.
	ErrNotConsumer = errors.New("not the consumer of this transfer")
)

// Holding is one body of data that a transfer brought, and how long it may
// stay.
type Holding struct {
	Context   string // ours
	ID        string
	Transfer  string // our pid
	Agreement string
	Dataset   string
	Peer      string // the provider's participant id
	Folder    string // id of the folder that it was written to
	File      string // its name there, below the participant's own folder
	Size      int64  // bytes
	SHA256    string // hex; kept when the data is gone
	Stored    time.Time
	// Due is when the data has to go; zero: never by the clock. Rule says why,
	// for people. UntilEnd makes it due also when the agreement is ended.
	Due      time.Time
	Rule     string
	UntilEnd bool
	State    State
	// Deleted is when it was deleted, Reason why.
	Deleted time.Time
	Reason  string
	// LastError is what went wrong last with the file, NextTry when its
	// deletion is tried (again); zero: never.
	LastError string
	NextTry   time.Time
}

// State is whether the data is there.
type State string

// The states of a holding.
const (
	Open    State = "open"
	Deleted State = "deleted"
)

// Status is a state as the clock has it.
type Status string

// The statuses of a holding.
const (
	IsOpen    Status = "open"    // its time has not come
	IsDue     Status = "due"     // its time has come, and it is being deleted
	IsDone    Status = "done"    // deleted
	IsOverdue Status = "overdue" // its time is over, and it could not be deleted
)

// Grace is how long a deletion may take before it counts as overdue, also
// where nobody is known to have failed: the process may have been stopped.
const Grace = time.Minute

// Status returns how the holding stands at a time.
func (h Holding) Status(now time.Time) Status {
	switch {
	case h.State == Deleted:
		return IsDone
	case h.Due.IsZero() || now.Before(h.Due):
		return IsOpen
	case h.LastError != "" || !now.Before(h.Due.Add(Grace)):
		return IsOverdue
	}
	return IsDue
}

// Query selects holdings for a list. Empty fields select all.
type Query struct {
	Status    Status
	At        time.Time // the clock, for Status
	State     State
	Transfer  string
	Agreement string
	Before    string // cursor: the id of the last one seen
	Limit     int    // 0: all
}

// Selects reports whether a holding is one of those, whatever the page.
func (q Query) Selects(h Holding) bool {
	return (q.Status == "" || h.Status(q.At) == q.Status) && (q.State == "" || h.State == q.State) &&
		(q.Transfer == "" || h.Transfer == q.Transfer) && (q.Agreement == "" || h.Agreement == q.Agreement)
}
