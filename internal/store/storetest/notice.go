// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

var notices = []contract{
	{"Listen ends without an error when its context does", func(b *box) {
		ctx, cancel := context.WithCancel(b.ctx)
		done := make(chan error, 1)
		go func() { done <- b.Store.Listen(ctx, func(engine.Change) {}) }()
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}},
	{"Notify of nothing is no error", func(b *box) {
		if err := b.Store.Notify(b.ctx, nil); err != nil {
			b.Fatal(err)
		}
	}},
	{"Listen calls f for what others notified, and not for our own", func(b *box) {
		if b.Another == nil {
			b.Skip("only one process can have this store")
		}
		other := b.Another()
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
		defer cancel()
		heard := make(chan engine.Change, 10000)
		go func() { _ = b.Store.Listen(ctx, func(c engine.Change) { heard <- c }) }()
		want := map[engine.Change]bool{}
		for i := range 500 { // more than one notice can carry
			want[engine.Change{Context: owner, Process: b.id("a process\"\\, of a name that is long")}] = i < 0
		}
		var list []engine.Change
		for c := range want {
			list = append(list, c)
		}
		b.told(ctx, other, heard) // listening has begun
		if err := b.Store.Notify(ctx, []engine.Change{{Context: owner, Process: "our own"}}); err != nil {
			b.Fatal(err)
		}
		if err := other.Notify(ctx, list); err != nil {
			b.Fatal(err)
		}
		for left := len(want); left > 0; {
			select {
			case c := <-heard:
				if seen, ok := want[c]; ok && !seen {
					want[c] = true
					left--
				} else if c.Process == "our own" {
					b.Fatal("heard our own notice")
				}
			case <-ctx.Done():
				b.Fatalf("%d changes not heard", left)
			}
		}
	}},
}

// told notifies until the listener hears it.
func (b *box) told(ctx context.Context, from engine.Store, heard <-chan engine.Change) {
	b.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := from.Notify(ctx, []engine.Change{{Context: owner, Process: "are you there"}}); err != nil {
			b.Fatal(err)
		}
		select {
		case <-heard:
			return
		case <-tick.C:
		case <-ctx.Done():
			b.Fatal("nothing heard")
		}
	}
}
