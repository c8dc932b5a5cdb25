// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"maps"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Lanes counts how much of each lane a claim may still take.
type Lanes struct {
	perLane int
	taken   map[string]int
}

// NewLanes starts from what the caller already holds. A PerLane of zero or
// less sets no bound.
func NewLanes(req engine.ClaimRequest) *Lanes {
	taken := make(map[string]int, len(req.Busy))
	maps.Copy(taken, req.Busy)
	return &Lanes{perLane: req.PerLane, taken: taken}
}

// Full returns the number of lanes of which nothing may be taken.
func (l *Lanes) Full() int {
	n := 0
	for lane := range l.taken {
		if l.Room(lane, 1) == 0 {
			n++
		}
	}
	return n
}

// Room returns how many more rows of lane may be taken, at most limit.
func (l *Lanes) Room(lane string, limit int) int {
	if l.perLane <= 0 {
		return limit
	}
	return max(0, min(limit, l.perLane-l.taken[lane]))
}

// Take takes one row of lane, if it has room.
func (l *Lanes) Take(lane string) bool {
	if l.Room(lane, 1) == 0 {
		return false
	}
	l.taken[lane]++
	return true
}
