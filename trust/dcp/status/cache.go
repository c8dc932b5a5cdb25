// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import "time"

const (
	// maxCached bounds the lists that are kept, in bytes of memory.
	maxCached = 64 << 20
	// slotBytes is what a slot takes besides the bits, roughly.
	slotBytes = 1 << 10
	// refusalAge is how long a verdict on a list is believed: long enough that
	// a crowd of messages asks once, short enough that a mended list is seen.
	refusalAge = 2 * time.Second
)

// key names a list: whose it must be, and where it is. With the issuer in it
// nobody can have a list judged by another's key.
type key struct{ issuer, url string }

// slot is what is known of a list: either it or why there is none.
type slot struct {
	list *statusList
	err  error     // a refusal, where it is kept
	at   time.Time // when it was asked for
}

func sizeOf(k key, s *slot) int {
	n := slotBytes + len(k.url)
	if s.list != nil {
		n += len(s.list.bits)
	}
	return n
}

// fresh reports whether the slot answers a question asked at a time.
func (s *slot) fresh(asked time.Time, maxAge time.Duration) bool {
	age := asked.Sub(s.at)
	if s.err != nil {
		return age < refusalAge && age > -refusalAge
	}
	return age < maxAge && age > -maxAge && !s.list.ended(asked)
}
