// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"hash/maphash"
	"sync"
)

// stripes let one request of a holder be opened at a time: of two that are
// alike and come together, the second finds the first. Others rarely wait.
type stripes struct{ locks [64]sync.Mutex }

var stripeSeed = maphash.MakeSeed()

// lock returns the function that unlocks.
func (s *stripes) lock(contextID, holder string) (unlock func()) {
	l := &s.locks[maphash.Comparable(stripeSeed, [2]string{contextID, holder})%uint64(len(s.locks))]
	l.Lock()
	return l.Unlock
}
