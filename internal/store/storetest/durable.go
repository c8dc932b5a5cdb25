// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"github.com/musubi-ods/musubi/internal/engine"
)

var durabilities = []contract{
	{"everything committed is there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		r, _ := rich(b)
		b.sequence()
		loaded, history, journal := b.load(r.ID), b.history(r.ID), b.journal(owner)
		head := engine.Head{
			Context: owner, Position: 1, Hash: journal[0].Hash, At: t0, KeyID: "key-1", Signature: []byte{1},
		}
		if err := b.Store.PutHead(b.ctx, head); err != nil {
			b.Fatal(err)
		}
		b.Store = b.Restart()
		b.p = b.Store.For(owner)
		b.equal("process and outbox", b.load(r.ID), loaded)
		b.equal("history", b.history(r.ID), history)
		b.equal("journal", b.journal(owner), journal)
		got, err := b.p.LastHead(b.ctx)
		if err != nil {
			b.Fatal(err)
		}
		b.equal("head", got, head)

		c := update(loaded)
		c.Journal = []engine.Entry{event(r, "e-after")}
		b.commit(c)
		b.chained(owner, 2)
	}},
}
