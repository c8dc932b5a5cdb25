// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Callers is how many share the disk, and the network, at the same time.
const Callers = 64

// Limits are rates, each in units a second.
type Limits struct {
	Commits  float64 // 4 KiB appended and synced, one caller after the other
	Grouped  float64 // the same by Callers, of whom those who wait share a sync
	Requests float64 // HTTP on loopback
	ES256    float64 // a signature made and verified
	EdDSA    float64 // the same
}

// Measure measures each limit for the time given, the disk in a file of its
// own in the folder dir.
func Measure(ctx context.Context, dir string, each time.Duration) (Limits, error) {
	var l Limits
	for _, m := range []struct {
		what    string
		into    *float64
		measure func(ctx context.Context, dir string, each time.Duration) (float64, error)
	}{
		{"commits", &l.Commits, commits},
		{"grouped commits", &l.Grouped, grouped},
		{"loopback requests", &l.Requests, requests},
		{"ES256 signatures", &l.ES256, signatures(es256)},
		{"EdDSA signatures", &l.EdDSA, signatures(edDSA)},
	} {
		var err error
		if *m.into, err = m.measure(ctx, dir, each); err != nil {
			return l, fmt.Errorf("measuring %s: %w", m.what, err)
		}
	}
	return l, nil
}

// String has one limit a line, as Go's benchmark format writes what a run
// has in common.
func (l Limits) String() string {
	var b strings.Builder
	for _, line := range []struct {
		name string
		rate float64
		what string
	}{
		{"limit-commits", l.Commits, "4 KiB appended and synced, one caller"},
		{"limit-grouped-commits", l.Grouped, "the same, 64 callers who share syncs"},
		{"limit-requests", l.Requests, "HTTP on loopback, 64 connections"},
		{"limit-es256", l.ES256, "signed and verified, all cores"},
		{"limit-eddsa", l.EdDSA, "signed and verified, all cores"},
	} {
		fmt.Fprintf(&b, "%s: %.0f/s (%s)\n", line.name, line.rate, line.what)
	}
	return b.String()
}

// Share is how much of a limit so many units a second are, in percent.
func Share(units, limit float64) float64 {
	if limit <= 0 {
		return 0
	}
	return 100 * units / limit
}

// rate has callers repeat once until the time is up, each at least one time,
// and returns how often that was in a second. The first error ends it.
func rate(ctx context.Context, callers int, each time.Duration, once func(ctx context.Context, caller int) error) (float64, error) {
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for caller := range callers {
		all.Go(func() {
			for again := true; again && timed.Err() == nil; again = time.Since(began) < each {
				if err := once(timed, caller); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if timed.Err() != nil {
		return 0, context.Cause(timed)
	}
	return float64(done.Load()) / took.Seconds(), nil
}
