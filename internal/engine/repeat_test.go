// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
)

// TestTheLastMessageAgain: with no @id, or under another one where it cannot be
// meant twice, it has no effect and is acknowledged; what differs, or comes
// after an early end, is refused.
func TestTheLastMessageAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		message  engine.Message
		id, hash string
		ended    bool
		taken    bool
	}{
		{"without an @id", "work", "", "h", false, true},
		{"under another @id, and may be meant twice", "work", "m2", "h", false, false},
		{"under another @id", "grant", "m2", "h", false, true},
		{"another body under another @id", "grant", "m2", "other", false, false},
		{"under another @id after an early end", "grant", "m2", "h", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			receive := func(m engine.Message, id, hash string) error {
				_, err := b.core.Receive(t.Context(), engine.Inbound{
					Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "peer",
					ConsumerPID: "ours", ProviderPID: "their-pid", Message: m, MessageID: id, Hash: hash, Body: []byte("x"),
				})
				return err
			}
			b.open()
			b.work()
			for _, m := range slices.Compact([]engine.Message{"work", c.message}) {
				if err := receive(m, string(m), "h"); err != nil {
					t.Fatal(err)
				}
				b.work()
			}
			if c.ended {
				if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "bye"}); err != nil {
					t.Fatal(err)
				}
				b.work()
			}
			was := b.record()
			err := receive(c.message, c.id, c.hash)
			is := b.record()
			if (err == nil) != c.taken || is.State != was.State || string(is.Data) != string(was.Data) {
				t.Errorf("from %q to %q (%s): %v", was.State, is.State, is.Data, err)
			}
		})
	}
}
