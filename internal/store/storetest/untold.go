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

// partOf is a part of a batch with n movements.
func partOf(batch string, part, n int, noted time.Time) signaling.MovedPart {
	p := signaling.MovedPart{Batch: batch, Part: part, Context: owner, Process: "p", Noted: noted}
	for i := range n {
		p.List = append(p.List, signaling.Moved{
			TrackingID: fmt.Sprint(batch, part, i), Sent: true, Method: "GET", Path: "/部品 <&>", Status: 200, Offset: 1, Bytes: 1 << 40,
			SHA256: "h", Whole: true, Began: at(i), Ended: at(i + 1),
		})
	}
	return p
}

func (b *box) keptMoved(limit int) []signaling.MovedPart {
	b.Helper()
	list, err := b.u().KeptMoved(b.ctx, limit)
	b.must(err)
	return list
}

var untold = []contract{
	{"parts come back as they were kept, oldest first", func(b *box) {
		b.equal("none", len(b.keptMoved(9)), 0)
		late, first, second, other := partOf("a", 0, 2, fine(5)), partOf("b", 0, 1, at(1)), partOf("b", 1, 3, at(1)), partOf("c", 0, 1, at(2))
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{late, second}))
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{other, first}))
		late.Noted = at(5)
		b.equal("all", b.keptMoved(9), []signaling.MovedPart{first, second, other, late})
		b.equal("two", b.keptMoved(2), []signaling.MovedPart{first, second})
		b.equal("none of them", len(b.keptMoved(0)), 0)
	}},
	{"a part that is there stays as it is", func(b *box) {
		one := partOf("a", 0, 1, at(1))
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{one}))
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{partOf("a", 0, 2, at(2)), partOf("a", 1, 1, at(3))}))
		b.equal("kept", b.keptMoved(9), []signaling.MovedPart{one, partOf("a", 1, 1, at(3))})
	}},
	{"batches are forgotten as a whole, and one that is not there is no error", func(b *box) {
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{partOf("a", 0, 1, at(1)), partOf("a", 1, 1, at(2)), partOf("b", 0, 1, at(3)), partOf("c", 0, 1, at(4))}))
		b.must(b.u().DropMoved(b.ctx, []string{"a", "c", "no such batch"}))
		b.equal("kept", b.keptMoved(9), []signaling.MovedPart{partOf("b", 0, 1, at(3))})
		b.must(b.u().DropMoved(b.ctx, nil))
	}},
	{"a part that cannot be one is refused, and nothing is kept", func(b *box) {
		for name, change := range map[string]func(*signaling.MovedPart){
			"no batch":   func(p *signaling.MovedPart) { p.Batch = "" },
			"no context": func(p *signaling.MovedPart) { p.Context = "" },
			"no process": func(p *signaling.MovedPart) { p.Process = "" },
			"below zero": func(p *signaling.MovedPart) { p.Part = -1 },
			"no time":    func(p *signaling.MovedPart) { p.Noted = time.Unix(0, 0) },
			"empty":      func(p *signaling.MovedPart) { p.List = nil },
		} {
			wrong := partOf("a", 0, 1, at(1))
			change(&wrong)
			b.is(name, b.u().KeepMoved(b.ctx, []signaling.MovedPart{partOf("b", 0, 1, at(1)), wrong}), signaling.ErrFlow)
			b.equal(name, len(b.keptMoved(9)), 0)
		}
	}},
	{"many parts are kept together", func(b *box) {
		var parts []signaling.MovedPart
		var batches []string
		for i := range 300 {
			parts = append(parts, partOf(fmt.Sprintf("%03d", i), 0, 1, at(i)))
			batches = append(batches, parts[i].Batch)
		}
		b.must(b.u().KeepMoved(b.ctx, parts))
		b.equal("kept", b.keptMoved(1000), parts)
		b.must(b.u().DropMoved(b.ctx, batches))
		b.equal("left", len(b.keptMoved(9)), 0)
	}},
	{"parts are there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		one := partOf("a", 0, 2, at(1))
		b.must(b.u().KeepMoved(b.ctx, []signaling.MovedPart{one}))
		b.Store = b.Restart()
		b.equal("kept", b.keptMoved(9), []signaling.MovedPart{one})
	}},
}
