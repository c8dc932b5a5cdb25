// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import "github.com/musubi-ods/musubi/transfer"

const (
	// maxHauls bounds the jobs that a process works on at the same time.
	maxHauls = 32
	// mostOfLane is how many places a counterparty may have of a participant. A
	// body may take days, or wait for one who does not read: whoever comes later
	// does not wait for those.
	mostOfLane = maxHauls / 4
	// lastPlaces are kept for lanes that have none yet.
	lastPlaces = maxHauls / 4
)

// places are what is left of those in which bodies are moved, and which lanes
// have the others.
type places struct {
	free int
	busy map[transfer.Lane]int
}

// places counts; the mutex is held.
func (c *Carrier) places() *places {
	p := &places{free: maxHauls, busy: map[transfer.Lane]int{}}
	for _, h := range c.hauls {
		if !h.passive {
			p.free--
			p.busy[h.lane]++
		}
	}
	return p
}

// take gives a lane a place, if it may have one.
func (p *places) take(l transfer.Lane) bool {
	if p.free <= 0 || p.busy[l] >= mostOfLane || p.busy[l] > 0 && p.free <= lastPlaces {
		return false
	}
	p.free--
	p.busy[l]++
	return true
}

// leave takes it back.
func (p *places) leave(l transfer.Lane) {
	p.free++
	p.busy[l]--
}
