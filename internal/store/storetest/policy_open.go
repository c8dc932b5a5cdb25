// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// transfer stores a transfer of ours as provider that has started, as changed.
func (b *box) transfer(contextID, id string, change func(*engine.Record)) engine.Record {
	b.Helper()
	r := record(contextID, id)
	r.Kind, r.Role, r.State = engine.Transfer, engine.Provider, transfer.Started
	change(&r)
	b.commit(insert(r))
	return r
}

func (b *box) open(after engine.Change, limit int) []engine.Change {
	b.Helper()
	list, err := b.o().OpenTransfers(b.ctx, after, limit)
	b.must(err)
	return list
}

// sending has a message on its way.
func sending(message engine.Message, target engine.State) func(*engine.Record) {
	return func(r *engine.Record) {
		r.Pending = &engine.Pending{ID: "m", Message: message, Target: target, Path: "/x"}
	}
}

var openTransfers = []contract{
	{"OpenTransfers returns what has started or is about to, and nothing else", func(b *box) {
		states := []engine.State{"", transfer.Requested, transfer.Started, transfer.Suspended, transfer.Completed, transfer.Terminated}
		messages := []func(*engine.Record){
			func(*engine.Record) {}, sending(transfer.StartMessage, transfer.Started),
			sending("TransferSuspensionMessage", transfer.Suspended), sending("TransferTerminationMessage", transfer.Terminated),
		}
		var want []engine.Change
		for i := range len(states) * len(messages) * 4 {
			id := fmt.Sprintf("p%03d", i)
			r := b.transfer(owner, id, func(r *engine.Record) {
				r.State = states[i/4%len(states)]
				r.Final = r.State == transfer.Completed || r.State == transfer.Terminated
				messages[i/4/len(states)](r)
				if i&1 != 0 {
					r.Role = engine.Consumer
				}
				if i&2 != 0 {
					r.Kind = engine.Negotiation
				}
			})
			if transfer.MayRun(r) {
				want = append(want, engine.Change{Context: owner, Process: id})
			}
		}
		b.equal("started ones and those with a start on its way", len(want), 4+3)
		b.equal("open", b.open(engine.Change{}, 0), want)
	}},
	{"a transfer is there from its start to its end", func(b *box) {
		r := b.transfer(owner, "p", func(r *engine.Record) { r.State = transfer.Requested })
		for _, step := range []struct {
			change func(*engine.Record)
			open   bool
		}{
			{func(*engine.Record) {}, false},
			{sending(transfer.StartMessage, transfer.Started), true},
			{func(r *engine.Record) { r.State, r.Pending = transfer.Started, nil }, true},
			{sending("TransferSuspensionMessage", transfer.Suspended), true},
			{func(r *engine.Record) { r.State, r.Pending = transfer.Suspended, nil }, false},
			{sending(transfer.StartMessage, transfer.Started), true},
			{func(r *engine.Record) { r.State, r.Pending = transfer.Started, nil }, true},
			{func(r *engine.Record) { r.State, r.Final = transfer.Terminated, true }, false},
		} {
			r = b.load(r.ID)
			c := update(r)
			step.change(&c.Record)
			b.commit(c)
			b.equal(fmt.Sprintf("%s, %+v", c.Record.State, c.Record.Pending), len(b.open(engine.Change{}, 0)) == 1, step.open)
		}
	}},
	{"after and limit page through the transfers of all participants, in order", func(b *box) {
		var want []engine.Change
		for _, c := range []string{"A", "a", "a-b", "b"} {
			for _, id := range []string{"P", "p", "p1", "é", "日"} {
				want = append(want, engine.Change{Context: c, Process: id})
			}
		}
		for i := range want {
			c := want[(i*7)%len(want)]
			b.transfer(c.Context, c.Process, func(*engine.Record) {})
		}
		b.equal("all", b.open(engine.Change{}, 0), want)
		b.equal("behind the last", b.open(want[len(want)-1], 5), []engine.Change(nil))
		b.equal("behind one that is not there", b.open(engine.Change{Context: "a", Process: "p0"}, 2), want[7:9])
		b.equal("of one participant on", b.open(engine.Change{Context: "a-b"}, 1), want[10:11])
		var paged []engine.Change
		for after := (engine.Change{}); ; after = paged[len(paged)-1] {
			page := b.open(after, 3)
			if paged = slices.Concat(paged, page); len(page) < 3 {
				break
			}
		}
		b.equal("paged", paged, want)
	}},
}
