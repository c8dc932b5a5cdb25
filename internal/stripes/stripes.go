// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package stripes

import (
	"context"
	"hash/maphash"
	"sync"
)

// Locks are the locks of things that are known by two names, such as a
// participant's context and an id. Two things may share a lock, so whoever holds
// one asks for no other.
type Locks [64]lock

// lock has one holder at a time.
type lock struct {
	once sync.Once
	held chan struct{} // has room for one
}

var seed = maphash.MakeSeed()

// Lock waits for the lock of a thing, and returns how to give it back.
func (l *Locks) Lock(a, b string) (unlock func()) {
	m := l.of(a, b)
	m.held <- struct{}{}
	return m.unlock
}

// LockUntil is Lock for as long as ctx lasts, whose error it returns. Whoever may
// be waited for by the holder of the lock uses it.
func (l *Locks) LockUntil(ctx context.Context, a, b string) (unlock func(), err error) {
	m := l.of(a, b)
	select {
	case m.held <- struct{}{}:
		return m.unlock, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *Locks) of(a, b string) *lock {
	m := &l[maphash.Comparable(seed, [2]string{a, b})%uint64(len(l))]
	m.once.Do(func() { m.held = make(chan struct{}, 1) })
	return m
}

func (m *lock) unlock() { <-m.held }
