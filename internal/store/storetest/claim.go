// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

var claims = []contract{
	{"Claim leases due rows to the owner and raises Fence and Claims of each", func(b *box) {
		r := b.put(engine.OpSend, engine.OpCall, engine.OpDecide)
		list, next := b.claim(request("worker", at(1)))
		b.equal("rows", len(list), 3)
		for _, w := range list {
			want := work(r, w.Op, b.row(r.ID, w.Op).Key)
			want.Fence, want.Claims, want.Owner, want.LeaseUntil = 1, 1, "worker", at(31)
			b.equal("claimed", w, want)
			b.equal("stored", b.row(r.ID, w.Op), want)
		}
		b.equal("next", next, time.Time{})
	}},
	{"a row is claimed from the moment it is due, and not before", func(b *box) {
		r := record(owner, "p")
		w := work(r, engine.OpSend, "k")
		w.Due = at(10)
		b.commit(insert(r, w))
		list, next := b.claim(request("worker", at(10).Add(-time.Microsecond)))
		b.equal("before", len(list), 0)
		b.equal("next", next, at(10))
		b.claimOne("worker", at(10))
	}},
	{"a row without a time is due at once", func(b *box) {
		r := record(owner, "p")
		w := work(r, engine.OpSend, "k")
		w.Due = time.Time{}
		b.commit(insert(r, w))
		b.equal("due", b.claimOne("worker", at(0)).Due, time.Time{})
	}},
	{"a leased row is claimed from the end of its lease, and not before", func(b *box) {
		b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		list, next := b.claim(request("other", held.LeaseUntil.Add(-time.Microsecond)))
		b.equal("before", len(list), 0)
		b.equal("next", next, held.LeaseUntil)
		again := b.claimOne("other", held.LeaseUntil)
		b.equal("fence", again.Fence, int64(2))
		b.equal("claims", again.Claims, 2)
		b.equal("owner", again.Owner, "other")
	}},
	{"a row put off while it was leased is claimed when it is due", func(b *box) {
		r := b.put(engine.OpSend)
		held := b.claimOne("worker", at(1))
		c := update(r)
		now := work(r, engine.OpSend, held.Key)
		now.Due = at(500)
		c.Held, c.Put = &held, []engine.WorkChange{{Was: held, Now: now}}
		b.commit(c)
		list, next := b.claim(request("worker", at(400)))
		b.equal("before", len(list), 0)
		b.equal("next", next, at(500))
		b.claimOne("worker", at(500))
	}},
	{"Body of a claimed OpSend is the exact bytes of its message", func(b *box) {
		r, other := record(owner, "p"), record("other", "p")
		for _, c := range []struct {
			r    engine.Record
			body string
		}{{r, "mine\x00\xff"}, {other, "theirs"}} {
			cm := insert(c.r, work(c.r, engine.OpSend, "m"), work(c.r, engine.OpCall, "m"))
			cm.Exchanges = []engine.Exchange{
				{Inbound: true, MessageID: "m", Body: []byte("inbound"), At: t0},
				{MessageID: "l", Body: []byte("another"), At: t0},
				{MessageID: "m", Body: []byte(c.body), At: t0},
			}
			b.commit(cm)
		}
		list, _ := b.claim(request("worker", at(1)))
		got := map[string]string{}
		for _, w := range list {
			got[w.Context+" "+string(w.Op)] = string(w.Body)
		}
		b.equal("bodies", got, map[string]string{
			"supplier send": "mine\x00\xff", "supplier call": "", "other send": "theirs", "other call": "",
		})
	}},
	{"rows of all participants are claimed, longest claimable first, at most Limit", func(b *box) {
		order := b.queue(9, func(i int, w *engine.Work) { w.Due = at(-(i * 7) % 9); w.Lane = fmt.Sprint(i) })
		slices.SortStableFunc(order, func(x, y engine.Work) int { return x.Due.Compare(y.Due) })
		var got []engine.Work
		for len(got) < len(order) {
			req := request("worker", at(20))
			req.Limit = 2
			list, next := b.claim(req)
			got = append(got, list...)
			if left := len(order) - len(got); left > 0 {
				b.equal("taken", len(list), 2)
				b.equal("next, for the limit alone left some", next, at(20))
			} else {
				b.equal("next, for others are leased", next, at(50))
			}
		}
		b.equal("order", keys(got), keys(order))
	}},
	{"a Limit of zero claims nothing", func(b *box) {
		b.put(engine.OpSend)
		req := request("worker", at(1))
		req.Limit = 0
		list, next := b.claim(req)
		b.equal("rows", len(list), 0)
		b.equal("next", next, at(1))
	}},
	{"PerLane bounds the work of one lane, counting Busy", func(b *box) {
		b.queue(12, func(i int, w *engine.Work) { w.Lane = fmt.Sprint("lane", i%3) })
		req := request("worker", at(1))
		req.PerLane, req.Busy = 3, map[string]int{"lane0": 1, "lane1": 3, "lane9": 5}
		list, next := b.claim(req)
		b.equal("lanes", lanes(list), map[string]int{"lane0": 2, "lane2": 3})
		b.equal("next: only full lanes are left", next, time.Time{})

		req.Busy = map[string]int{"lane0": 3, "lane1": 2, "lane2": 4} // more than allowed
		list, next = b.claim(req)
		b.equal("lanes", lanes(list), map[string]int{"lane1": 1})
		b.equal("next: the leases that were taken first", next, at(31))
	}},
	{"next is zero where only full lanes wait", func(b *box) {
		b.queue(2, func(int, *engine.Work) {})
		req := request("worker", at(1))
		req.PerLane, req.Busy = 1, map[string]int{"lane": 1}
		list, next := b.claim(req)
		b.equal("rows", len(list), 0)
		b.equal("next", next, time.Time{})
	}},
	{"next is the earliest of what is not due or leased", func(b *box) {
		b.queue(3, func(i int, w *engine.Work) { w.Due = at([]int{0, 200, 100}[i]) })
		_, next := b.claim(request("worker", at(1)))
		b.equal("the row due next", next, at(100))
		_, next = b.claim(request("worker", at(2)))
		b.equal("the lease that ends next", next, at(31))
		_, next = b.claim(request("worker", at(100)))
		b.equal("after both", next, at(200))
	}},
	{"a lane with a long queue keeps no other from its work", starving},
	{"behind a long queue, next is now if the limit left some of another lane", func(b *box) {
		b.queue(200, func(i int, w *engine.Work) { w.Lane, w.Due = "full", at(-1000+i) })
		b.queue(4, func(i int, w *engine.Work) { w.Lane, w.Due = "short", at(-10+i) })
		req := request("worker", at(0))
		req.Limit, req.PerLane, req.Busy = 3, 4, map[string]int{"full": 4}
		list, next := b.claim(req)
		b.equal("lanes", lanes(list), map[string]int{"short": 3})
		b.equal("next", next, at(0))
	}},
	{"a long queue of one lane drains in order", func(b *box) {
		order := b.queue(300, func(i int, w *engine.Work) { w.Due = at(-300).Add(time.Duration(i) * time.Millisecond) })
		var got []engine.Work
		for len(got) < len(order) {
			req := request("worker", at(1))
			req.Limit, req.PerLane = 40, 16
			list, next := b.claim(req)
			b.equal("claimed", len(list), min(16, len(order)-len(got)))
			if len(got) == 0 {
				b.equal("next", next, time.Time{})
			} else {
				b.equal("next, for others are leased", next, at(31))
			}
			got = append(got, list...)
		}
		b.equal("order", keys(got), keys(order))
	}},
}

// queue stores n rows of processes of two participants and returns them.
func (b *box) queue(n int, change func(i int, w *engine.Work)) []engine.Work {
	b.Helper()
	var rows []engine.Work
	for i := range n {
		r := record([]string{owner, "other"}[i%2], b.id("process"))
		w := work(r, engine.OpSend, b.id("key"))
		change(i, &w)
		b.commit(insert(r, w))
		rows = append(rows, w)
	}
	return rows
}

func keys(list []engine.Work) []string {
	var out []string
	for _, w := range list {
		out = append(out, w.Key)
	}
	return out
}

func lanes(list []engine.Work) map[string]int {
	out := map[string]int{}
	for _, w := range list {
		out[w.Lane]++
	}
	return out
}

// starving puts a few rows of many lanes behind the long queues of two.
func starving(b *box) {
	b.queue(400, func(i int, w *engine.Work) { w.Lane, w.Due = fmt.Sprint("long", i%2), at(-1000+i) })
	others := b.queue(20, func(i int, w *engine.Work) { w.Lane, w.Due = fmt.Sprint("short", i%10), at(i-10) })
	b.queue(5, func(i int, w *engine.Work) { w.Lane, w.Due = "later", at(100+i) })

	req := request("worker", at(50))
	req.Limit, req.PerLane, req.Busy = 40, 4, map[string]int{"long0": 4}
	list, next := b.claim(req)
	want := map[string]int{"long1": 4}
	for _, w := range others {
		want[w.Lane]++
	}
	b.equal("lanes", lanes(list), want)
	b.equal("oldest first", list[0].Lane, "long1")
	b.equal("next", next, at(100))

	req.Limit, req.Busy = 3, map[string]int{"long0": 4, "long1": 1}
	list, next = b.claim(req)
	b.equal("lanes", lanes(list), map[string]int{"long1": 3})
	b.equal("next", next, at(80))

	req.Limit, req.Busy = 3, map[string]int{"long1": 3}
	list, next = b.claim(req)
	b.equal("lanes", lanes(list), map[string]int{"long0": 3})
	b.equal("next, for the limit left one", next, at(50))
}
