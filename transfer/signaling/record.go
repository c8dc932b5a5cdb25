// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"slices"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Flow is a flow as a data plane keeps it, for the control plane that asked
// for it. It holds secrets of data addresses.
type Flow struct {
	ID           string // dataFlowId, and the process id of the control plane
	ControlPlane string // whose flow it is
	Version      int64  // of what is kept: 1 for a new one, one more with each change
	State        transfer.FlowState
	// Asked is what prepare or start told. Its address is the one to pull from
	// or to push to, once there is one.
	Asked transfer.Flow
	// Given is the address that we answered last.
	Given *transfer.DataAddress
	// Grant is the MessageID of the start or resume whose address is good.
	Grant string
	// Done is set once there is nothing left to move: it completes by itself.
	Done bool
	// Judged is set once the control plane has given a verdict on it, or has said
	// with its start that it gives them. From then on nothing is sent without one.
	Judged bool
	// Said are the last messages that were answered, oldest first.
	Said []Said
	// Owes are what the control plane has to be told, in this order.
	Owes []Report
	// Due is when there is something to do; zero: nothing.
	Due            time.Time
	Began, Changed time.Time
}

// Said is a message of the control plane and what we answered.
type Said struct {
	MessageID string
	Verb      string
	Status    int // of HTTP
	State     transfer.FlowState
	Address   *transfer.DataAddress
	// Code and Reason are of a refusal.
	Code, Reason string
}

// Report is what the control plane has to be told of a flow.
type Report struct {
	Kind      string // prepared, started, completed or errored
	MessageID string
	Error     string
	First     time.Time // when it was owed
	Tries     int
}

// The kinds of reports, by their last path segments.
const (
	reportPrepared  = "prepared"
	reportStarted   = "started"
	reportCompleted = "completed"
	reportErrored   = "errored"
)

// maxSaid is how many messages are remembered. A control plane repeats the
// last one, not any.
const maxSaid = 16

// ended reports whether nothing moves the flow any more.
func (f *Flow) ended() bool {
	return f.State == transfer.FlowCompleted || f.State == transfer.FlowTerminated
}

// said finds what was answered to a message.
func (f *Flow) said(id string) (Said, bool) {
	at := slices.IndexFunc(f.Said, func(s Said) bool { return s.MessageID == id })
	if id == "" || at < 0 {
		return Said{}, false
	}
	return f.Said[at], true
}

// unanswered reports whether the flow is one that this message asked for, and
// that was not answered for: it came before a crash or a failure.
func (f *Flow) unanswered(messageID string) bool {
	return len(f.Said) == 0 && messageID != "" && f.Asked.MessageID == messageID
}

// answered remembers an answer.
func (f *Flow) answered(s Said) {
	if s.MessageID == "" {
		return
	}
	f.Said = append(slices.Clone(f.Said[max(0, len(f.Said)-maxSaid+1):]), s)
}

// owe adds a report, once of a kind.
func (f *Flow) owe(r Report, due time.Time) {
	if slices.ContainsFunc(f.Owes, func(o Report) bool { return o.Kind == r.Kind }) {
		return
	}
	f.Owes = append(slices.Clone(f.Owes), r)
	f.wants(due)
}

// wants has the flow looked at no later than due.
func (f *Flow) wants(due time.Time) {
	if f.Due.IsZero() || due.Before(f.Due) {
		f.Due = due
	}
}

// quiet owes nothing any more.
func (f *Flow) quiet() { f.Owes, f.Due = nil, time.Time{} }
