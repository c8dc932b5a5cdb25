// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import "context"

// Signal is what a data plane says of a flow by itself (DPS 1.0: the
// notifications prepared, started, completed and errored).
type Signal struct {
	Context string // our participant context
	Process string // our pid
	FlowID  string // the plane's own name of the flow; may be empty
	// State is FlowPrepared, FlowStarted or FlowCompleted; empty for an error,
	// which changes no state.
	State       FlowState
	DataAddress *DataAddress
	Error       string // the plane's words, not to be trusted
}

// Signals takes what data planes say. A signal is idempotent; one that the
// transfer is not waiting for is no error and has no effect. ErrNoTransfer.
type Signals interface {
	Signal(ctx context.Context, s Signal) error
}
