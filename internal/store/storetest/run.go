// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Opened is a fresh, empty store under test.
type Opened struct {
	Store engine.Store
	// Exclusive: only one process can have the store, so that TakeOver acts.
	Exclusive bool
	// Another opens the same data as a second process would; nil if exclusive.
	Another func() engine.Store
	// Restart closes the store and opens its data again; nil where data does
	// not outlive the process.
	Restart func() engine.Store
}

// contract is one sentence and its proof.
type contract struct {
	sentence string
	proof    func(*box)
}

// Run proves the whole contract. open is called once per subtest and cleans
// up by itself.
func Run(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{
		{"Load", loads},
		{"Commit", commits},
		{"Outbox", outboxes},
		{"Lease", leases},
		{"Claim", claims},
		{"History", histories},
		{"List", lists},
		{"Journal", journals},
		{"Notice", notices},
		{"Concurrency", concurrencies},
		{"Durability", durabilities},
	})
}

// chapter is a part of a contract.
type chapter struct {
	name      string
	contracts []contract
}

// play proves every sentence of every chapter, each on a store of its own.
func play(t *testing.T, open func(testing.TB) Opened, chapters []chapter) {
	for _, part := range chapters {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range part.contracts {
				t.Run(c.sentence, func(t *testing.T) {
					t.Parallel()
					c.proof(newBox(t, open))
				})
			}
		})
	}
}

// box is one subtest: a store with a participant.
type box struct {
	*testing.T
	Opened
	ctx context.Context
	p   engine.Processes
	ids int
}

// owner is the participant of a box.
const owner = "supplier"

func newBox(t *testing.T, open func(testing.TB) Opened) *box {
	b := &box{T: t, Opened: open(t), ctx: t.Context()}
	b.p = b.Store.For(owner)
	return b
}
