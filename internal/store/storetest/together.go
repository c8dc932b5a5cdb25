// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/musubi-ods/musubi/internal/engine"
)

// together calls f n times at the same moment, on two processes if there can be
// two.
func (b *box) together(n int, f func(i int, s engine.Store) error) {
	b.Helper()
	stores := b.stores()
	failed := make(chan error, n)
	var begin sync.WaitGroup
	begin.Add(1)
	for i := range n {
		go func() {
			begin.Wait()
			failed <- f(i, stores[i%len(stores)])
		}()
	}
	begin.Done()
	for range n {
		if err := <-failed; err != nil {
			b.Error(err)
		}
	}
	if b.Failed() {
		b.FailNow()
	}
}

func (b *box) stores() []engine.Store {
	if b.Another == nil {
		return []engine.Store{b.Store}
	}
	return []engine.Store{b.Store, b.Another()}
}

// race is between many who do at the same time what one can do.
type race struct {
	b      *box
	late   error // of all others
	won    atomic.Int64
	winner atomic.Int64
}

func (b *box) race(late error) *race { return &race{b: b, late: late} }

// came takes what became of one of them, and returns what is wrong with that.
func (r *race) came(i int, err error) error {
	if err == nil {
		r.won.Add(1)
		r.winner.Store(int64(i))
	}
	if errors.Is(err, r.late) {
		return nil
	}
	return err
}

// end fails unless there was one winner, and returns who.
func (r *race) end() int64 {
	r.b.Helper()
	r.b.equal("winners", r.won.Load(), int64(1))
	return r.winner.Load()
}
