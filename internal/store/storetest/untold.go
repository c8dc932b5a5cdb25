// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer/signaling"
)

func (b *box) u() signaling.Untold {
	b.Helper()
	u, ok := b.Store.(signaling.Untold)
	if !ok {
		b.Fatalf("%T keeps no movements", b.Store)
	}
	return u
}

// hold is that of an owner until some second.
func hold(owner string, until int) signaling.MovedHold {
	return signaling.MovedHold{Owner: owner, Until: at(until)}
}

// batchOf is a batch with n movements.
func batchOf(id string, n int, noted time.Time) signaling.MovedBatch {
	m := signaling.MovedBatch{ID: id, Context: owner, Process: "p", Noted: noted}
	for i := range n {
		m.List = append(m.List, signaling.Moved{
			TrackingID: fmt.Sprint(id, i), Sent: true, Method: "GET", Path: "/部品 <&>", Status: 200, Offset: 1, Bytes: 1 << 40,
			SHA256: "h", Whole: true, Began: at(i), Ended: at(i + 1),
		})
	}
	return m
}

func (b *box) keepMoved(h signaling.MovedHold, list ...signaling.MovedBatch) {
	b.Helper()
	b.must(b.u().KeepMoved(b.ctx, h, list))
}

// takeMoved has h take up what is free at some second.
func (b *box) takeMoved(h signaling.MovedHold, until, limit int) []signaling.MovedBatch {
	b.Helper()
	list, err := b.u().TakeMoved(b.ctx, h, at(until), limit)
	b.must(err)
	return list
}

var untold = []contract{
	{"batches come back as they were kept, oldest first", func(b *box) {
		b.equal("none", len(b.takeMoved(hold("0", 1), 9, 9)), 0)
		late, first, other := batchOf("a", 2, fine(5)), batchOf("b", 1, at(1)), batchOf("c", 3, at(2))
		b.keepMoved(hold("1", 1), late, other)
		b.keepMoved(hold("2", 2), first)
		late.Noted = at(5)
		b.equal("none of them", len(b.takeMoved(hold("3", 1), 9, 0)), 0)
		b.equal("two", b.takeMoved(hold("3", 3), 9, 2), []signaling.MovedBatch{first, other})
		b.equal("all", b.takeMoved(hold("4", 3), 9, 9), []signaling.MovedBatch{first, other, late})
	}},
	{"a batch that is there stays as it is", func(b *box) {
		one := batchOf("a", 1, at(1))
		b.keepMoved(hold("1", 1), one)
		b.keepMoved(hold("2", 9), batchOf("a", 2, at(2)), batchOf("b", 1, at(3)))
		b.equal("kept", b.takeMoved(hold("3", 1), 2, 9), []signaling.MovedBatch{one})
		b.equal("and the other", b.takeMoved(hold("4", 1), 9, 9), []signaling.MovedBatch{one, batchOf("b", 1, at(3))})
	}},
	{"a batch is its owner's until its time is over, and then one other's", func(b *box) {
		mine, theirs := batchOf("a", 1, at(1)), batchOf("b", 1, at(2))
		b.keepMoved(hold("1", 10), mine)
		b.keepMoved(hold("2", 10), theirs)
		b.equal("before", len(b.takeMoved(hold("3", 99), 9, 9)), 0)
		b.equal("its own", len(b.takeMoved(hold("1", 20), 9, 9)), 0)
		b.equal("then", b.takeMoved(hold("3", 30), 10, 9), []signaling.MovedBatch{theirs})
		b.equal("to the one before", len(b.takeMoved(hold("2", 30), 10, 9)), 0)
		b.equal("to a fourth", b.takeMoved(hold("4", 40), 29, 9), []signaling.MovedBatch{mine})
		b.equal("at the end", b.takeMoved(hold("5", 50), 40, 9), []signaling.MovedBatch{mine, theirs})
	}},
	{"batches are forgotten, and one that is not there is no error", func(b *box) {
		b.keepMoved(hold("1", 1), batchOf("a", 1, at(1)), batchOf("b", 1, at(3)), batchOf("c", 1, at(4)))
		b.must(b.u().DropMoved(b.ctx, []string{"a", "c", "no such batch"}))
		b.equal("kept", b.takeMoved(hold("2", 1), 9, 9), []signaling.MovedBatch{batchOf("b", 1, at(3))})
		b.must(b.u().DropMoved(b.ctx, nil))
	}},
	{"a batch that cannot be one is refused, and nothing is kept", func(b *box) {
		for name, change := range map[string]func(*signaling.MovedHold, *signaling.MovedBatch){
			"no id":      func(_ *signaling.MovedHold, m *signaling.MovedBatch) { m.ID = "" },
			"no context": func(_ *signaling.MovedHold, m *signaling.MovedBatch) { m.Context = "" },
			"no process": func(_ *signaling.MovedHold, m *signaling.MovedBatch) { m.Process = "" },
			"no time":    func(_ *signaling.MovedHold, m *signaling.MovedBatch) { m.Noted = time.Unix(0, 0) },
			"empty":      func(_ *signaling.MovedHold, m *signaling.MovedBatch) { m.List = nil },
			"nobody's":   func(h *signaling.MovedHold, _ *signaling.MovedBatch) { h.Owner = "" },
			"held never": func(h *signaling.MovedHold, _ *signaling.MovedBatch) { h.Until = time.Unix(0, 0) },
		} {
			h, wrong := hold("1", 1), batchOf("a", 1, at(1))
			change(&h, &wrong)
			b.is(name, b.u().KeepMoved(b.ctx, h, []signaling.MovedBatch{batchOf("b", 1, at(1)), wrong}), signaling.ErrFlow)
			b.equal(name, len(b.takeMoved(hold("2", 1), 9, 9)), 0)
		}
	}},
	{"many batches are kept together", func(b *box) {
		var list []signaling.MovedBatch
		var ids []string
		for i := range 300 {
			list = append(list, batchOf(fmt.Sprintf("%03d", i), 1, at(i)))
			ids = append(ids, list[i].ID)
		}
		b.keepMoved(hold("1", 1), list...)
		b.equal("kept", b.takeMoved(hold("2", 1), 9, 1000), list)
		b.must(b.u().DropMoved(b.ctx, ids))
		b.equal("left", len(b.takeMoved(hold("3", 1), 9, 9)), 0)
	}},
	{"batches are there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		one := batchOf("a", 2, at(1))
		b.keepMoved(hold("1", 1), one)
		b.Store = b.Restart()
		b.equal("kept", b.takeMoved(hold("2", 1), 9, 9), []signaling.MovedBatch{one})
	}},
}
