// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"context"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// Control is the control plane of a plane under test, as far as one asks it
// something or tells it something, and the world around.
type Control struct {
	*source
	inbox *inbox

	mu       sync.Mutex
	flows    map[way]*standing
	watching map[way][]chan struct{}
	signals  []transfer.Signal
	moved    []transfer.Movement
}

var (
	_ transfer.Signals  = (*Control)(nil)
	_ transfer.Evidence = (*Control)(nil)
)

// way names a flow.
type way struct{ context, process string }

// standing is how a transfer stands.
type standing struct {
	run transfer.Running
	err error
}

func newControl(t testing.TB) *Control {
	return &Control{source: newSource(t), inbox: newInbox(t), flows: map[way]*standing{}, watching: map[way][]chan struct{}{}}
}

// Running says whether a transfer may send now, as transfer.Service does.
func (c *Control) Running(_ context.Context, contextID, id string) (transfer.Running, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.flows[way{contextID, id}]
	if s == nil {
		return transfer.Running{}, transfer.ErrNoTransfer
	}
	return s.run, s.err
}

// Receiving says whether data may come to a consumer now, as transfer.Service
// does.
func (c *Control) Receiving(ctx context.Context, contextID, id string) error {
	_, err := c.Running(ctx, contextID, id)
	return err
}

// Exhausted is told of bytes that the policy does not grant: here it grants all.
func (*Control) Exhausted(string, string, int64) {}

// Watch returns a channel that is closed at the next change of a transfer.
func (c *Control) Watch(contextID, id string) (changed <-chan struct{}, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch, w := make(chan struct{}), way{contextID, id}
	c.watching[w] = append(c.watching[w], ch)
	return ch, func() {}
}

// Signal implements transfer.Signals.
func (c *Control) Signal(_ context.Context, s transfer.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signals = append(c.signals, s)
	return nil
}

// Moved implements transfer.Evidence.
func (c *Control) Moved(_ context.Context, m transfer.Movement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, m)
}

// signalled reports whether the plane said by itself that a flow came to a
// state.
func (c *Control) signalled(f transfer.Flow, state transfer.FlowState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.signals {
		if s.Process == f.Process && s.State == state {
			return true
		}
	}
	return false
}

// open makes a transfer that was requested.
func (c *Control) open(f transfer.Flow) { c.set(f, "", transfer.ErrNotStarted) }

// started has our start go out.
func (c *Control) started(f transfer.Flow) { c.set(f, f.MessageID, nil) }

// stopped suspends or ends the transfer. The grant stays what it was.
func (c *Control) stopped(f transfer.Flow, state transfer.FlowState) {
	err := transfer.ErrEnded
	if state == transfer.FlowSuspended {
		err = transfer.ErrSuspended
	}
	run, _ := c.Running(context.Background(), f.Context, f.Process)
	c.set(f, run.Grant, err)
}

func (c *Control) set(f transfer.Flow, grant string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := way{f.Context, f.Process}
	c.flows[w] = &standing{run: transfer.Running{
		Context: f.Context, Process: f.Process, Participant: f.Participant, Peer: f.Counterparty, Agreement: f.Agreement, Dataset: f.Dataset, Grant: grant,
	}, err: err}
	for _, ch := range c.watching[w] {
		close(ch)
	}
	delete(c.watching, w)
}
