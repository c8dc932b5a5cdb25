// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import "strings"

// chained: the journal has no gap and no row twice, and each row continues the
// one before.
func (f *findings) chained(b books) {
	prev, ids := "", map[string]bool{}
	for i, e := range b.journal {
		switch {
		case e.Position != int64(i+1):
			f.addf("the %s's journal has %d at place %d", b.name, e.Position, i+1)
			return
		case e.Prev != prev || e.Hash == "":
			f.addf("the %s's journal is broken before %d", b.name, e.Position)
			return
		case ids[e.ID]:
			f.addf("the %s's journal has %s twice", b.name, e.ID)
			return
		}
		prev, ids[e.ID] = e.Hash, true
	}
}

// onceOnly are events that happen to a process exactly once, whatever was
// sent twice.
var onceOnly = map[string]bool{
	"negotiation.REQUESTED": true, "negotiation.AGREED": true, "negotiation.VERIFIED": true, "negotiation.FINALIZED": true,
	"transfer.REQUESTED": true, "transfer.COMPLETED": true,
}

// eventsOnce: each process made each of its moves once.
func (f *findings) eventsOnce(b books) {
	seen := map[string]map[string]int{} // process, event
	for _, e := range b.journal {
		if onceOnly[e.Event] {
			if seen[e.Process] == nil {
				seen[e.Process] = map[string]int{}
			}
			seen[e.Process][e.Event]++
		}
	}
	look := func(kind string, list []process) {
		for _, p := range list {
			for event := range onceOnly {
				if n := seen[p.ID][event]; n != 1 && strings.HasPrefix(event, kind+".") {
					f.addf("the %s's journal has %d times %s of %s", b.name, n, event, p.ID)
				}
			}
		}
	}
	look("negotiation", b.negotiations)
	look("transfer", b.transfers)
}
