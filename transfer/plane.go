// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
)

// DataPlane moves the bytes of transfers. Its verbs and fields are those of
// Data Plane Signaling (DPS 1.0): what implements it may be in this process or
// behind that interface's HTTP binding.
//
// Every verb is idempotent: it is called again with the same MessageID after a
// crash or a failure, and has the effect of one call. Calls of one process are
// never made at the same time. No transaction is open during a call, and it
// has about 20 seconds.
//
// An error made by Refuse is final: the
// act that needed the call is given up and the decider is asked again. Any
// other error has the call repeated with a growing pause.
//
// Which verbs a flow sees: the provider's plane Start before the
// TransferStartMessage goes out, Suspend as soon as either side suspends or the
// peer refuses that message for good, Resume before the next start that we send
// or the peer sent, Complete or Terminate at the end. Where messages cross, a
// verb may come twice in a row; the last fits the state of the process. The
// consumer's plane, where there is one, sees Prepare before the request, Start
// once the provider has started (DPS: started), and the others alike; Resume
// before the start that resumes where that is the consumer's own, of a push.
type DataPlane interface {
	// Prepare readies the consumer's side. Of a push it returns the address
	// to which the provider shall push.
	Prepare(ctx context.Context, f Flow) (FlowStatus, error)
	// Start begins the flow. The provider's plane returns the address from
	// which the consumer pulls, and gets with f the one to push to.
	Start(ctx context.Context, f Flow) (FlowStatus, error)
	// Resume begins the flow again after Suspend. Of a pull it returns a new
	// address: no earlier one may work any longer. The consumer's plane of a push
	// may return another address to push to: it goes to the provider with the
	// consumer's start. Where no such start follows it goes nowhere, and the
	// earlier one must work on.
	Resume(ctx context.Context, f Flow) (FlowStatus, error)
	// Suspend stops the flow until Resume. f.Reason says why.
	Suspend(ctx context.Context, f Flow) error
	// Complete ends a flow that did what it was asked for.
	Complete(ctx context.Context, f Flow) error
	// Terminate ends a flow early, or undoes a Prepare or Start whose message
	// will not be sent, also one of which no answer came. f.Reason says why. An
	// unknown flow is no error.
	Terminate(ctx context.Context, f Flow) error
	// Status returns the state of the flow.
	Status(ctx context.Context, f Flow) (FlowStatus, error)
}

// Metering is a DataPlane that may count the bytes it sends (Meters). One that
// is not, or does not, cannot serve an offer whose policy limits them.
type Metering interface{ MetersBytes() bool }

func metersBytes(p DataPlane) bool {
	m, ok := p.(Metering)
	return ok && m.MetersBytes()
}

// Unprepared is a DataPlane that, of flows in which we are the consumer, needs to
// hear only of those whose address is renewed (DataAddress.Renewal), and of these
// only once that address has come. Prepare is not called.
type Unprepared interface{ Unprepared() }

func prepares(p DataPlane) bool {
	_, not := p.(Unprepared)
	return !not
}

// Flow is one transfer as a data plane sees it.
type Flow struct {
	MessageID    string // names the call, the same when it is repeated
	Context      string // our participant context
	Process      string // our pid; names the flow
	ID           string // the plane's own name of the flow (DPS: dataFlowId); Process until it gave one
	Asked        bool   // the plane answered this very call that it is not ready yet
	Dataspace    string // DPS: dataspaceContext
	Version      int64  // of the process: of two calls, the one of the larger has the newer DataAddress, or the same
	Role         string // ours: consumer or provider
	Participant  string // our participant id
	Counterparty string // the peer's participant id
	Agreement    string
	Dataset      string
	Format       string       // the format of the distribution; DPS: profile
	DataAddress  *DataAddress // received, or to push to
	Claims       trust.Claims // what was proved of the counterparty
	Labels       []string     // of the distribution; they select a plane
	Metadata     map[string]json.RawMessage
	Reason       string // of Suspend and Terminate
}

// FlowState is a state of Data Plane Signaling.
type FlowState string

// The states of a flow. One in Preparing or Starting is not ready yet: its plane
// says when it is (Signals), and until then the verb is called again now and
// then, with Asked.
const (
	FlowInitialized FlowState = "INITIALIZED"
	FlowPreparing   FlowState = "PREPARING"
	FlowPrepared    FlowState = "PREPARED"
	FlowStarting    FlowState = "STARTING"
	FlowStarted     FlowState = "STARTED"
	FlowSuspended   FlowState = "SUSPENDED"
	FlowCompleted   FlowState = "COMPLETED"
	FlowTerminated  FlowState = "TERMINATED"
)

// FlowStatus is what a plane answers.
type FlowStatus struct {
	ID          string // the plane's own name of the flow; empty: it is called by Process
	State       FlowState
	DataAddress *DataAddress
}

// Push reports whether the provider sends the data in this format, by its
// name as DSP and DPS form it: HttpData-PUSH, .../http-push. Everything else
// is pulled by the consumer.
func Push(format string) bool {
	return strings.HasSuffix(strings.ToLower(format), "-push")
}

// Refuse makes an error by which a data plane gives up for good. The reason
// is shown to the participant's own users and may go to the peer.
func Refuse(code, reason string) error { return engine.Refusef(code, "%s", reason) }
