// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// figures are what a pair did.
type figures struct {
	name     string
	rate     float64       // negotiations a second in a burst, the median
	latency  time.Duration // of one alone, the median
	cpu      time.Duration // of both connectors, for one in a burst
	idle     float64       // MiB of memory of one process before any work
	memory   float64       // the same after it
	done     int
	failed   int
	failures error // why, of the first
}

const header = "pair                negotiations/s   median ms  CPU ms/negotiation   MiB each: idle   after load   agreed   failed"

func (f figures) String() string {
	return fmt.Sprintf("%-18s  %14.1f  %10.1f  %18.2f  %15.1f  %11.1f  %7d  %7d",
		f.name, f.rate, milliseconds(f.latency), milliseconds(f.cpu), f.idle, f.memory, f.done, f.failed)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// count keeps account of how a negotiation went: 1 if it was agreed.
func (f *figures) count(err error) (agreed int, fatal error) {
	switch {
	case err == nil:
		f.done++
		return 1, nil
	case errors.Is(err, errNotAgreed):
		if f.failed++; f.failures == nil {
			f.failures = err
		}
		return 0, nil
	}
	return 0, err
}

func median[T ~int64 | ~float64](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
