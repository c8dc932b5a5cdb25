// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
)

var histories = []contract{
	{"History returns the messages of both sides in the order of their commits", func(b *box) {
		r := b.put()
		var want []engine.Exchange
		for i := range 5 {
			c := update(r)
			for j := range 2 {
				x := engine.Exchange{
					Inbound: j == 0, MessageID: fmt.Sprint(9-i, j), Message: "ContractOfferMessage",
					Body: []byte{0, 0xff, byte(i)}, Hash: fmt.Sprint("hash", i), At: at(-i),
				}
				c.Exchanges = append(c.Exchanges, x)
				x.Seq = int64(len(want) + 1)
				want = append(want, x)
			}
			b.commit(c)
			r = next(r)
		}
		b.equal("history", b.history(r.ID), want)
	}},
	{"History of an unknown process is empty", func(b *box) {
		b.equal("history", b.history("none"), []engine.Exchange(nil))
	}},
	{"bodies are exact bytes, also none and many", func(b *box) {
		r := b.put()
		large := make([]byte, 1<<20)
		for i := range large {
			large[i] = byte(i * 7)
		}
		c := update(r)
		for i, body := range [][]byte{nil, {}, []byte("{ \"a\" : 1 }\n"), large} {
			c.Exchanges = append(c.Exchanges, engine.Exchange{MessageID: fmt.Sprint(i), Body: body, At: t0})
		}
		b.commit(c)
		for i, x := range b.history(r.ID) {
			b.equal("body", string(x.Body), string(c.Exchanges[i].Body))
		}
	}},
	{"an inbound message accepted before for the process is ErrConflict", func(b *box) {
		r := b.put()
		c := update(r)
		c.Exchanges = []engine.Exchange{{Inbound: true, MessageID: "m", At: t0}}
		b.commit(c)
		again := update(next(r))
		again.Exchanges = []engine.Exchange{{Inbound: true, MessageID: "m", At: at(1)}}
		b.refused(again, engine.ErrConflict)
		twice := update(next(r))
		twice.Exchanges = []engine.Exchange{{Inbound: true, MessageID: "n", At: t0}, {Inbound: true, MessageID: "n", At: t0}}
		b.refused(twice, engine.ErrConflict)

		b.commit(func() engine.Commit { // another process has its own
			c := update(b.put())
			c.Exchanges = again.Exchanges
			return c
		}())
		b.equal("history", len(b.history(r.ID)), 1)
	}},
	{"inbound messages without an id may repeat, and an id may be used by both sides", func(b *box) {
		r := b.put()
		c := update(r)
		c.Exchanges = []engine.Exchange{
			{Inbound: true, At: t0},
			{Inbound: true, At: t0},
			{MessageID: "m", At: t0},
			{Inbound: true, MessageID: "m", At: t0},
		}
		b.commit(c)
		b.equal("history", len(b.history(r.ID)), 4)
	}},
	{"Outcomes say how earlier outbound messages ended", func(b *box) {
		r := b.put()
		c := update(r)
		for _, id := range []string{"a", "b", "c", "d"} {
			c.Exchanges = append(c.Exchanges, engine.Exchange{MessageID: id, At: t0})
		}
		c.Exchanges = append(c.Exchanges, engine.Exchange{Inbound: true, MessageID: "a", At: t0})
		c.Outcomes = []engine.Outcome{{MessageID: "d", Outcome: "dropped"}} // of this very commit
		b.commit(c)
		c = update(next(r))
		c.Outcomes = []engine.Outcome{{MessageID: "a", Outcome: "acknowledged"}, {MessageID: "b", Outcome: "refused"}}
		b.commit(c)
		var got []string
		for _, x := range b.history(r.ID) {
			got = append(got, x.Outcome)
		}
		b.equal("outcomes", got, []string{"acknowledged", "refused", "", "dropped", ""})
	}},
	{"an outcome of a message that was not sent by the process is refused", func(b *box) {
		r, other := b.put(), b.put()
		c := update(other)
		c.Exchanges = []engine.Exchange{{MessageID: "m", At: t0}}
		b.commit(c)
		for _, id := range []string{"m", "", "n"} {
			c := update(r)
			c.Outcomes = []engine.Outcome{{MessageID: id, Outcome: "dropped"}}
			if err := b.p.Commit(b.ctx, c); err == nil || errors.Is(err, engine.ErrConflict) {
				b.Fatalf("%q: got %v", id, err)
			}
		}
	}},
}
