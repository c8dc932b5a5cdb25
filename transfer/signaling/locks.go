// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"hash/maphash"
	"sync"
)

// locks has one caller at a time change a flow. Two flows may share a lock; who
// holds one asks for no other.
type locks [64]sync.Mutex

var seed = maphash.MakeSeed()

func (l *locks) lock(controlPlane, id string) (unlock func()) {
	h := maphash.Comparable(seed, [2]string{controlPlane, id})
	m := &l[h%uint64(len(l))]
	m.Lock()
	return m.Unlock
}
