// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"sync/atomic"
	"time"
)

// Clock tells the time of day, or another that a story needs.
type Clock struct{ shift atomic.Int64 }

// Now is the time, in UTC.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())).UTC() }

// Set has the clock go so much ahead of the time of day; behind, if negative.
func (c *Clock) Set(shift time.Duration) { c.shift.Store(int64(shift)) }

// Day prints a date.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
