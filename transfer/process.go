// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Process is a transfer as its own participant sees it.
type Process struct {
	ID      string // our pid
	Context string
	Version int64  // counts its changes: a later one has the same DataAddress, or a newer one
	Role    string // consumer or provider: ours
	State   string
	// Participant is our own participant id, Peer the counterparty's.
	Participant string
	Peer        string
	PeerPID     string
	Agreement   string
	Dataset     string
	Format      string
	// Plane names the data plane, where it is not the built-in one, and FlowID
	// is what it calls the flow.
	Plane, FlowID string
	// OwesStart is set at the provider while the consumer, who resumed a
	// pull, waits for our start with a new address; AwaitsStart at that
	// consumer.
	OwesStart, AwaitsStart bool
	// Open tells whether data may flow at this moment, as far as we are
	// concerned.
	Open     bool
	Claims   trust.Claims
	Declared map[string]json.RawMessage // absolute-IRI members of the peer's request
	// StoppedFor is the reason that either side gave for the last suspension
	// or for the end.
	StoppedFor string
	// Verdict says, at the provider, by which rule its policy stopped it.
	Verdict *policy.Verdict

	WaitingFor string // us, peer, person, or empty at the end
	Pending    string // our message that is not acknowledged yet
	LastError  *engine.Fault
	NextTry    time.Time
	Deadline   time.Time
	Created    time.Time
	Updated    time.Time

	// DataAddress is where to pull from, or to push to, and holds secrets:
	// only a single look-up returns it, and no list.
	DataAddress *DataAddress
	// History are the messages of both sides in order, without the secrets of
	// data addresses. Deciders and single look-ups get it, lists do not.
	History []negotiation.Exchange
}

// data is the domain's part of an engine.Record. Its Subject is the agreement.
type data struct {
	Dataset  string       `json:"dataset"`
	Format   string       `json:"format"`
	Callback string       `json:"callback"` // our own base URL
	OwnID    string       `json:"ownId"`    // our participant id
	Address  *DataAddress `json:"address,omitempty"`
	// Grant names the provider's start whose address is the valid one.
	Grant string `json:"grant,omitempty"`
	Flow  flow   `json:"flow,omitempty"`
	// Began is set at the provider once its first start is on its way: from
	// then on the transfer counts.
	Began bool `json:"began,omitempty"`

	OwesStart  bool `json:"owesStart,omitempty"`
	AwaitStart bool `json:"awaitStart,omitempty"`
	// MovedBy is who made the last move between STARTED and SUSPENDED.
	MovedBy engine.Role `json:"movedBy,omitempty"`
	// Stale names a start of ours that must not follow a suspension.
	Stale string `json:"stale,omitempty"`

	// Plane names the data plane that was chosen when the process began; empty:
	// the one that is built in. The flow stays with it.
	Plane  string   `json:"plane,omitempty"`
	Labels []string `json:"labels,omitempty"`
	// FlowID is the plane's own name of the flow.
	FlowID string `json:"flowId,omitempty"`
	// Prepared is set at a consumer whose own plane knows the flow.
	Prepared bool `json:"prepared,omitempty"`
	// Renewed is set at a consumer who got an address whose token is renewed. From
	// then on a plane knows the flow that needs no more than that.
	Renewed bool `json:"renewed,omitempty"`
	// Asked names the call to which the plane answered that it will report, and
	// Report is what it reported of one.
	Asked  string  `json:"asked,omitempty"`
	Report *report `json:"report,omitempty"`
	// Done is set once the plane has moved all there is.
	Done bool `json:"done,omitempty"`

	Claims     trust.Claims               `json:"claims,omitzero"`
	Declared   map[string]json.RawMessage `json:"declared,omitempty"`
	StoppedFor string                     `json:"stoppedFor,omitempty"`
	Verdict    json.RawMessage            `json:"verdict,omitempty"`
}

// flow is the state of the data flow on our side.
type flow string

const (
	flowPrepared flow = "prepared" // of a consumer: known to its plane
	flowOpen     flow = "open"
	// flowFinishing is closed, and its plane has not been told: a completion of
	// ours is on its way.
	flowFinishing flow = "finishing"
	flowClosed    flow = "closed" // may be opened again
	flowEnded     flow = "ended"
)

func read(r engine.Record) (data, error) {
	var d data
	err := json.Unmarshal(r.Data, &d)
	return d, err
}

// load is read for the guards. A record that cannot be read was not written
// by us; every guard then sees a process that owes and awaits nothing.
func load(r engine.Record) data {
	d, _ := read(r)
	return d
}

func (d data) write(r *engine.Record) error {
	raw, err := json.Marshal(d)
	r.Data = raw
	return err
}

// open reports whether data may flow. While our start is on its way the flow
// is open already: who holds its token has the message.
func (d data) open(r engine.Record) bool {
	starting := r.Pending != nil && r.Pending.Message == start
	return d.Flow == flowOpen && !r.Final && (r.State == Started || starting)
}

// view makes the public process of a record, without its data address.
func view(r engine.Record) (Process, error) {
	d, err := read(r)
	if err != nil {
		return Process{}, err
	}
	p := Process{
		ID: r.ID, Context: r.Context, Version: r.Version, Role: string(r.Role), State: string(r.Shown()), Participant: d.OwnID, Peer: r.Peer, PeerPID: r.PeerPID,
		Agreement: r.Subject, Dataset: d.Dataset, Format: d.Format, Plane: d.Plane, FlowID: d.FlowID, OwesStart: d.OwesStart, AwaitsStart: d.AwaitStart,
		Open: d.open(r), Claims: d.Claims, Declared: d.Declared, StoppedFor: d.StoppedFor,
		WaitingFor: r.WaitingFor(), LastError: r.LastError, NextTry: r.NextTry(), Deadline: r.Deadline(),
		Created: r.Created, Updated: r.Updated,
	}
	if r.Pending != nil {
		p.Pending = string(r.Pending.Message)
	}
	if len(d.Verdict) > 0 {
		err = json.Unmarshal(d.Verdict, &p.Verdict)
	}
	return p, err
}
