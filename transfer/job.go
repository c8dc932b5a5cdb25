// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"time"
)

// Job is a body that our side of a transfer moves by itself: it goes on after
// a crash of either side, from what is safe, until the body is whole or cannot
// become so.
type Job struct {
	Context, Process string // our pid
	Kind             JobKind
	// Version counts the writes; each is a compare-and-set.
	Version int64 `json:"-"`
	// NextTry is when somebody looks at it next; zero: it waits for a cause.
	// While it is worked on, it is when the worker counts as lost. A job that is
	// over has none, unless it is Owed.
	NextTry time.Time `json:"-"`
	State   JobState
	// ID names this body: it is the id of the holding that it becomes, and the
	// idempotency key of what is pushed.
	ID string
	// Peer is the participant id of the other side.
	Peer string `json:",omitempty"`
	// Address is where to push to; a secret.
	Address *DataAddress `json:"-"`
	// Grant is the MessageID of the Start or Resume that a push is for; of an
	// inbox, a hash of its token.
	Grant string `json:",omitempty"`
	// Given are hashes of tokens of an inbox that were given out since and have
	// not come back yet, oldest first; Void those of the last ones that a later
	// one replaced or, without a Grant, that were good until the end.
	Given []string `json:",omitempty"`
	Void  []string `json:",omitempty"`
	ETag  string   `json:",omitempty"` // of the source; empty: it has none
	// Offset is how many bytes are safe: on our disk, or as the receiver said.
	// Total is how many there are, -1 while that is not known.
	Offset, Total int64
	// Earlier are other values of Total with which a push was begun before, while
	// its source was another one.
	Earlier []int64 `json:",omitempty"`
	Sum     []byte  `json:",omitempty"` // state of the hash after Offset bytes
	// SHA256 is that of the whole body, in hex. An inbox that has one and is not
	// done was about to keep the body.
	SHA256 string `json:",omitempty"`
	// Key is the sender's own name of what it pushed last, as a whole, and
	// TrackingID the one by which both sides count it.
	Key        string `json:",omitempty"`
	TrackingID string `json:",omitempty"`
	// Taken are hashes of the last keys under which bodies were kept, oldest first.
	Taken []string `json:",omitempty"`
	// Counted is set once the evidence of the body that is whole is kept.
	Counted bool `json:",omitempty"`
	// Bodies are how many an inbox has kept of this transfer, KeptBytes how long
	// they are together.
	Bodies    int64 `json:",omitempty"`
	KeptBytes int64 `json:",omitempty"`
	// Told is what the other side says that the hash is; empty: nothing.
	Told string `json:",omitempty"`
	// Rate bounds the bytes a second; 0: nothing does. Pace is what it was
	// lately.
	Rate int64 `json:",omitempty"`
	Pace int64 `json:",omitempty"`
	// Complete has the transfer completed at the end.
	Complete bool `json:",omitempty"`
	// Until is when the permission to use the data ends: what has come by then,
	// and is not kept, is removed. Zero: that is not known, or never.
	Until time.Time `json:",omitzero"`
	Tries int       `json:",omitempty"` // without a byte more than Best
	// Best is how many bytes of this body were safe at most, also if it had to
	// begin anew since.
	Best int64 `json:",omitempty"`
	// Mismatches is how often the whole was not what the other side says it is.
	Mismatches int       `json:",omitempty"`
	Fault      *JobFault `json:",omitempty"` // what went wrong last
	Began      time.Time
	Moved      time.Time `json:",omitzero"` // the last byte
}

// Note notes that size bytes are safe, after which the state of the hash is
// sum.
func (j *Job) Note(size int64, sum []byte, now time.Time) {
	if since := now.Sub(j.Moved); since > 0 && !j.Moved.IsZero() {
		// The last seconds count more than those before.
		share := min(since.Seconds()/paceTime, 1)
		j.Pace += int64(share * (float64(size-j.Offset)/since.Seconds() - float64(j.Pace)))
	}
	j.Offset, j.Sum, j.Moved = size, sum, now
	j.Further(size)
}

// Further notes that size bytes are safe: if they never were before, what was
// tried until here was not in vain.
func (j *Job) Further(size int64) {
	if size > j.Best {
		j.Best, j.Tries, j.Fault = size, 0, nil
	}
}

// Lent reports whether what has come goes when the permission to use it ends:
// not all of it is kept. An inbox may have the whole and not have kept it.
func (j Job) Lent() bool {
	return !j.Until.IsZero() && (j.SHA256 == "" || j.Kind == JobInbox && !j.Over())
}

// Expired reports whether the permission to use the data is over before all of
// it was kept.
func (j Job) Expired(now time.Time) bool { return j.Lent() && !now.Before(j.Until) }

// Rest has nobody look at a job before its time is over: the other side moves
// it.
func (j *Job) Rest() {
	switch {
	case j.Owed(): // its NextTry is for that
	case j.Over():
		j.NextTry = time.Time{}
	default:
		j.NextTry = j.Until
	}
}

// Owed reports whether a body was kept that was pushed to us, and not counted.
func (j Job) Owed() bool {
	return j.Kind == JobInbox && j.State == JobDone && j.SHA256 != "" && !j.Counted
}

// paceTime is over how many seconds the pace of a job is taken.
const paceTime = 3

// JobKind is what a job does.
type JobKind string

// The kinds of jobs. A transfer has at most one of each.
const (
	JobDownload JobKind = "download" // pulls, as consumer
	JobPush     JobKind = "push"     // sends, as provider
	JobInbox    JobKind = "inbox"    // is pushed to, as consumer
)

// Lane is what a counterparty has moved for a participant: those share what
// there is fairly.
type Lane struct{ Context, Peer string }

// Lane returns the one of a job.
func (j Job) Lane() Lane { return Lane{j.Context, j.Peer} }

// JobQuery says which jobs are asked for.
type JobQuery struct {
	Now   time.Time
	Kinds []JobKind // no others
	Limit int
	// PerLane is how many jobs of a lane the caller has at most, with those that
	// it has already (Busy).
	PerLane int
	Busy    map[Lane]int
}

// JobState says whether a job is at its end.
type JobState string

// The states of a job.
const (
	JobOpen   JobState = "open"
	JobHeld   JobState = "held" // until the transfer runs
	JobDone   JobState = "done"
	JobFailed JobState = "failed"
)

// Over reports whether nothing more will be done.
func (j Job) Over() bool { return j.State == JobDone || j.State == JobFailed }

// JobFault is why a job failed, or has to be tried again. The reason is for the
// participant's own users.
type JobFault struct {
	Code, Reason string
}

func (f *JobFault) Error() string { return f.Code + ": " + f.Reason }

// Errors of job stores.
var (
	ErrNoJob = errors.New("no such job")
	// ErrJobChanged: somebody else has written it meanwhile.
	ErrJobChanged = errors.New("the job was changed meanwhile")
)

// JobStore keeps jobs. Times come back rounded to microseconds, in UTC.
type JobStore interface {
	// Job returns one. ErrNoJob.
	Job(ctx context.Context, contextID, process string, kind JobKind) (Job, error)
	// PutJob writes a job over the one of its Version (0: there is none), and
	// returns it with the next one. ErrJobChanged.
	PutJob(ctx context.Context, j Job) (Job, error)
	// DueJobs returns those of all participants whose NextTry has come. First
	// come the first ones of lanes of which the caller has none, then what is the
	// second of its lane to the caller, and so on; among these, longest ago first.
	DueJobs(ctx context.Context, q JobQuery) ([]Job, error)
	// NextJob returns the first NextTry after a time of jobs of some kinds, zero
	// for none.
	NextJob(ctx context.Context, after time.Time, kinds ...JobKind) (time.Time, error)
}
