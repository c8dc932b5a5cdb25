// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
)

// doubtful is a store that does everything and loses the connection.
type doubtful struct{ engine.Store }

func (d doubtful) For(contextID string) engine.Processes {
	return doubtfulProcesses{d.Store.For(contextID)}
}

type doubtfulProcesses struct{ engine.Processes }

func (d doubtfulProcesses) Commit(ctx context.Context, c engine.Commit) error {
	return errors.Join(engine.ErrDoubt, d.Processes.Commit(ctx, c))
}

// TestDoubtIsNoAnswer: what may have been done is not looked for by whoever did
// it: the peer sends its message again, and that has no effect. What the step was
// to record counts as recorded.
func TestDoubtIsNoAnswer(t *testing.T) {
	for name, remembered := range map[string]bool{"as it is remembered": true, "as the store has it": false} {
		t.Run(name, func(t *testing.T) {
			b := busy(t)
			if !remembered {
				b.core.Changed(engine.Change{Context: "acme", Process: "ours"})
			}
			stored := 0
			receive := func() error {
				_, err := b.core.Receive(t.Context(), engine.Inbound{
					Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "peer", ConsumerPID: "ours", ProviderPID: "their-pid",
					Message: "bye", MessageID: "m2", Hash: "bye", Body: []byte("x"), Stored: func() { stored++ },
				})
				return err
			}
			b.core.Store = doubtful{b.store}
			if err := receive(); !errors.Is(err, engine.ErrDoubt) || stored != 1 {
				t.Errorf("error %v, stored %d times", err, stored)
			}
			b.core.Store = b.store
			if err := receive(); err != nil || stored != 1 {
				t.Errorf("again: error %v, stored %d times", err, stored)
			}
			if r := b.record(); r.State != "ENDED" {
				t.Errorf("state %s", r.State)
			}
		})
	}
}
