// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// heapFloor is how large the heap may grow before it is collected, in bytes.
// What a connector keeps alive is a few megabytes: by the runtime's rule alone
// (collect when it has doubled), it would collect many times a second under
// load. Above the floor that rule is in force.
const heapFloor = 24 << 20

// keepFloor sets the floor, unless the operator has set GOGC or GOMEMLIMIT.
// After each collection it works out by how much the heap may grow, and once
// there is no more work it gives back what the work had needed.
func keepFloor() {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if os.Getenv(name) != "" {
			return
		}
	}
	type mark struct{ _ [16]byte }
	last := time.Now()
	var again func(*mark)
	again = func(*mark) {
		now := time.Now()
		if wasteful(now.Sub(last), spare()) {
			giveBack()
		}
		last = now
		debug.SetGCPercent(growth(liveHeap()))
		runtime.SetFinalizer(new(mark), again)
	}
	again(nil)
}

// wasteful reports whether memory is kept that nobody needs: nothing was
// collected for so long that the runtime does it all the same (every two
// minutes), and a collection leaves more than a little of it unused.
func wasteful(since time.Duration, spare uint64) bool {
	return since >= 100*time.Second && spare >= 4<<20
}

// spare is what of the heap's memory is not alive and not given back.
func spare() uint64 {
	names := []string{"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/free:bytes"}
	sample := make([]metrics.Sample, len(names))
	for i, name := range names {
		sample[i].Name = name
	}
	metrics.Read(sample)
	var held uint64
	for _, s := range sample {
		if s.Value.Kind() == metrics.KindUint64 {
			held += s.Value.Uint64()
		}
	}
	live := liveHeap()
	return max(held, live) - live
}

// growth is the GOGC for so many live bytes.
func growth(live uint64) int {
	const usual = 100
	if live == 0 || live >= heapFloor/2 {
		return usual
	}
	return max(usual, int(min((heapFloor-live)*100/live, 2000)))
}

// liveHeap is what the last collection left alive.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
