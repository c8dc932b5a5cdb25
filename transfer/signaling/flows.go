// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Errors of Flows.
var (
	// ErrNoFlow: there is no such flow of that control plane or participant.
	ErrNoFlow = errors.New("no such flow")
	// ErrFlowExists: there is a flow of that id.
	ErrFlowExists = errors.New("there is a flow of that id")
	// ErrFlowChanged: the flow is not any more as it was read.
	ErrFlowChanged = errors.New("the flow has changed")
	// ErrFlow: what is to be kept is no flow.
	ErrFlow = errors.New("not a flow")
)

// Flows keeps the flows of a data plane. What a method returns is the caller's;
// times are kept to the microsecond.
type Flows interface {
	// Flow returns a flow of a control plane by its id. ErrNoFlow.
	Flow(ctx context.Context, controlPlane, id string) (Flow, error)
	// FlowOf returns the flow of a participant's process. ErrNoFlow.
	FlowOf(ctx context.Context, contextID, process string) (Flow, error)
	// AddFlow keeps a new flow, of version 1. ErrFlowExists where the control
	// plane has one of that id or the participant one of that process, ErrFlow.
	AddFlow(ctx context.Context, f Flow) error
	// PutFlow keeps f in place of the version before its own. If another one is
	// there, nothing is written: ErrFlowChanged. What names the flow cannot be
	// changed. ErrFlow.
	PutFlow(ctx context.Context, f Flow) error
	// DueFlows returns flows whose Due is not after now, those due first.
	DueFlows(ctx context.Context, now time.Time, limit int) ([]Flow, error)
	// NextFlow returns when the next flow is due, zero if none ever is.
	NextFlow(ctx context.Context) (time.Time, error)
	// DropFlows forgets flows that have ended, owe nothing and were last
	// changed before a time, at most limit of them, and returns how many.
	DropFlows(ctx context.Context, before time.Time, limit int) (int, error)
	// PutJudge notes, for good, that a control plane gives verdicts. ErrFlow where
	// it has no name.
	PutJudge(ctx context.Context, controlPlane string) error
	// Judge reports whether that was noted.
	Judge(ctx context.Context, controlPlane string) (bool, error)
}

// Check says why f cannot be kept.
func (f *Flow) Check() error {
	switch {
	case f.ID == "" || f.ControlPlane == "" || f.Asked.Context == "" || f.Asked.Process == "":
		return fmt.Errorf("%w: it has no name", ErrFlow)
	case f.Version < 1:
		return fmt.Errorf("%w: version %d", ErrFlow, f.Version)
	case !flowStates[f.State]:
		return fmt.Errorf("%w: state %.40q", ErrFlow, string(f.State))
	case f.Asked.Role != roleConsumer && f.Asked.Role != roleProvider:
		return fmt.Errorf("%w: role %.40q", ErrFlow, f.Asked.Role)
	case f.Changed.UnixMicro() <= 0 || !f.Due.IsZero() && f.Due.UnixMicro() <= 0:
		return fmt.Errorf("%w: a time before 1970", ErrFlow)
	}
	return nil
}

var flowStates = map[transfer.FlowState]bool{
	transfer.FlowPreparing: true, transfer.FlowPrepared: true, transfer.FlowStarting: true, transfer.FlowStarted: true,
	transfer.FlowSuspended: true, transfer.FlowCompleted: true, transfer.FlowTerminated: true,
}

// droppable reports whether a flow need not be kept.
func (f *Flow) droppable(before time.Time) bool {
	return f.ended() && f.Due.IsZero() && f.Changed.Before(before)
}
