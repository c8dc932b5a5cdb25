// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// movedIn keeps a body of a transfer that ended at a time, and its part.
func (b *box) movedIn(transferID, id string, ended time.Time) {
	b.Helper()
	k := large(transferID, id)
	k.Ended = ended
	b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{Parts: []evidence.Part{counted(transferID, "1", true, 1)}, Bodies: []evidence.Kept{k}}))
}

func (b *box) dropBodies(before time.Time, limit int) int {
	b.Helper()
	n, err := b.e().DropBodies(b.ctx, before, limit)
	b.must(err)
	return n
}

// bodiesLeft are how many bodies there are of transfers.
func (b *box) bodiesLeft(transfers ...string) (n []int) {
	b.Helper()
	for _, id := range transfers {
		n = append(n, len(b.bodies(id, "", 0)))
	}
	return n
}

var evidenceDrops = []contract{
	{"DropBodies forgets those of sealed transfers that are at their end, or of which nothing else is known", func(b *box) {
		ids := []string{"none", "open", "completed", "unsealed"}
		for i, id := range ids {
			if id != "none" {
				b.transfer(owner, id, func(r *engine.Record) {
					if r.State = transfer.Started; id != "open" {
						r.State, r.Final = transfer.Completed, true
					}
				})
			}
			b.movedIn(id, fmt.Sprint(i), fine(5))
			if id != "unsealed" {
				b.sealing(id)
			}
		}
		b.equal("at that very time", b.dropBodies(at(5), 9), 0)
		rows := len(b.journal(owner))
		b.equal("after it", b.dropBodies(at(6), 9), 2)
		b.equal("left", b.bodiesLeft(ids...), []int{0, 1, 0, 1})
		b.equal("the totals", b.parts("completed"), []evidence.Part{counted("completed", "1", true, 1)})
		b.equal("the journal", len(b.journal(owner)), rows)
		b.sealing("unsealed")
		b.equal("once it is sealed", b.dropBodies(at(6), 9), 1)
		b.equal("nothing more", b.dropBodies(at(6), 9), 0)
	}},
	{"DropBodies forgets what ended longest ago first, at most so many", func(b *box) {
		for i, when := range []int{4, 2, 3} {
			id := fmt.Sprint("t", when)
			b.movedIn(id, fmt.Sprint(i), at(when))
			b.sealing(id)
		}
		b.equal("none", b.dropBodies(at(9), 0), 0)
		b.equal("two", b.dropBodies(at(9), 2), 2)
		b.equal("left", b.bodiesLeft("t2", "t3", "t4"), []int{0, 0, 1})
	}},
}
