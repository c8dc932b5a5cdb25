// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"testing"
	"time"
)

// patience bounds every wait. It is long since machines are slow, and never
// used up where the code is right.
const patience = time.Minute

func wallTimer(d time.Duration) (<-chan time.Time, func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}

// polls waits until something is so.
func polls(t testing.TB, is func() bool) {
	t.Helper()
	tick, late := time.NewTicker(time.Millisecond), time.NewTimer(patience)
	defer tick.Stop()
	defer late.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Error("it did not come to be so")
			return
		}
	}
}
