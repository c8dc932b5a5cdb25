// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package stripes

import (
	"hash/maphash"
	"sync"
)

// Locks are the locks of things that are known by two names, such as a
// participant's context and an id. Two things may share a lock, so whoever holds
// one asks for no other.
type Locks [64]sync.Mutex

var seed = maphash.MakeSeed()

// Lock waits for the lock of a thing, and returns how to give it back.
func (l *Locks) Lock(a, b string) (unlock func()) {
	m := &l[maphash.Comparable(seed, [2]string{a, b})%uint64(len(l))]
	m.Lock()
	return m.Unlock
}
