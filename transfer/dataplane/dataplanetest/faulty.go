// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"context"
	"errors"
	"sync"

	"github.com/musubi-ods/musubi/transfer"
)

// ErrFault is what a call of a Faulty plane fails with.
var ErrFault = errors.New("the call was lost")

// Faulty returns a plane each of whose calls is lost twice: before it has an
// effect, and once more after it. Who makes it a third time gets the answer. A
// call is the same by its verb, flow and MessageID.
func Faulty(p transfer.DataPlane) transfer.DataPlane {
	return &faulty{plane: p, made: map[call]int{}}
}

type call struct{ verb, process, message string }

type faulty struct {
	plane transfer.DataPlane

	mu   sync.Mutex
	made map[call]int
}

// attempt counts an attempt: the first is lost before it, the second after it.
func (p *faulty) attempt(verb string, f transfer.Flow, do func() error) error {
	p.mu.Lock()
	c := call{verb, f.Process, f.MessageID}
	n := p.made[c]
	p.made[c]++
	p.mu.Unlock()
	if n == 0 {
		return ErrFault
	}
	if err := do(); err != nil {
		return err
	}
	if n == 1 {
		return ErrFault
	}
	return nil
}

func (p *faulty) status(verb string, f transfer.Flow, do func() (transfer.FlowStatus, error)) (s transfer.FlowStatus, err error) {
	err = p.attempt(verb, f, func() error {
		var err error
		s, err = do()
		return err
	})
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	return s, nil
}

// Prepare implements transfer.DataPlane.
func (p *faulty) Prepare(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.status("prepare", f, func() (transfer.FlowStatus, error) { return p.plane.Prepare(ctx, f) })
}

// Start implements transfer.DataPlane.
func (p *faulty) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.status("start", f, func() (transfer.FlowStatus, error) { return p.plane.Start(ctx, f) })
}

// Resume implements transfer.DataPlane.
func (p *faulty) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.status("resume", f, func() (transfer.FlowStatus, error) { return p.plane.Resume(ctx, f) })
}

// Suspend implements transfer.DataPlane.
func (p *faulty) Suspend(ctx context.Context, f transfer.Flow) error {
	return p.attempt("suspend", f, func() error { return p.plane.Suspend(ctx, f) })
}

// Complete implements transfer.DataPlane.
func (p *faulty) Complete(ctx context.Context, f transfer.Flow) error {
	return p.attempt("complete", f, func() error { return p.plane.Complete(ctx, f) })
}

// Terminate implements transfer.DataPlane.
func (p *faulty) Terminate(ctx context.Context, f transfer.Flow) error {
	return p.attempt("terminate", f, func() error { return p.plane.Terminate(ctx, f) })
}

// Status implements transfer.DataPlane. It changes nothing, and is not lost.
func (p *faulty) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.plane.Status(ctx, f)
}

// MetersBytes implements transfer.Metering.
func (p *faulty) MetersBytes() bool {
	m, ok := p.plane.(transfer.Metering)
	return ok && m.MetersBytes()
}
