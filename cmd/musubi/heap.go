// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is how large the heap may grow before it is collected, in bytes.
// What a connector keeps alive is a few megabytes: by the runtime's rule alone
// (collect when it has doubled), it would collect many times a second under
// load. Above the floor that rule is in force.
const heapFloor = 24 << 20

// keepFloor sets the floor, unless the operator has set GOGC or GOMEMLIMIT.
// After each collection it works out by how much the heap may grow.
func keepFloor() {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if os.Getenv(name) != "" {
			return
		}
	}
	type mark struct{ _ [16]byte }
	var again func(*mark)
	again = func(*mark) {
		debug.SetGCPercent(growth(liveHeap()))
		runtime.SetFinalizer(new(mark), again)
	}
	again(nil)
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
