// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
)

var lists = []contract{
	{"List returns processes, newest first, with their outbox", func(b *box) {
		var want []engine.Record
		for i := range 5 {
			r := record(owner, fmt.Sprint("p", i))
			r.Created = at(i % 3) // ties, by id
			b.commit(insert(r, work(r, engine.OpSend, "k"), work(r, engine.OpCall, "l")))
		}
		for _, i := range []int{2, 4, 1, 3, 0} {
			want = append(want, b.load(fmt.Sprint("p", i)))
		}
		b.equal("list", b.list(engine.Query{}), want)
	}},
	{"Before and Limit page through the list", func(b *box) {
		for i := range 7 {
			r := record(owner, fmt.Sprint("p", i))
			r.Created = at(i / 3)
			b.commit(insert(r, work(r, engine.OpSend, "k"), work(r, engine.OpCall, "l")))
		}
		all := b.list(engine.Query{})
		var paged []engine.Record
		q := engine.Query{Limit: 2}
		for page := b.list(q); len(page) > 0; page = b.list(q) {
			if len(page) > 2 {
				b.Fatalf("a page of %d", len(page))
			}
			paged = append(paged, page...)
			q.Before = page[len(page)-1].ID
		}
		b.equal("paged", paged, all)
	}},
	{"a cursor that names no process is ErrNotFound", func(b *box) {
		b.put()
		_, err := b.p.List(b.ctx, engine.Query{Before: "none"})
		if !errors.Is(err, engine.ErrNotFound) {
			b.Fatalf("got %v", err)
		}
	}},
	{"a query selects by each of its fields, and empty fields select all", selections},
	{"Open selects those not final, or with work owed", func(b *box) {
		add := func(id string, final bool, ops ...engine.Op) {
			r := record(owner, id)
			r.Final = final
			var rows []engine.Work
			for _, op := range ops {
				rows = append(rows, work(r, op, "k"))
			}
			b.commit(insert(r, rows...))
		}
		add("a", false)
		add("b", true)
		add("c", true, engine.OpSend)
		add("d", false, engine.OpSend)
		b.equal("open", ids(b.list(engine.Query{Open: true})), []string{"d", "c", "a"})
		b.equal("second page", ids(b.list(engine.Query{Open: true, Before: "d", Limit: 1})), []string{"c"})
		b.equal("all", ids(b.list(engine.Query{})), []string{"d", "c", "b", "a"})
	}},
}

func (b *box) list(q engine.Query) []engine.Record {
	b.Helper()
	list, err := b.p.List(b.ctx, q)
	if err != nil {
		b.Fatalf("list: %v", err)
	}
	return list
}

func ids(list []engine.Record) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}

func selections(b *box) {
	base := record(owner, "base")
	b.commit(insert(base))
	for i, c := range []struct {
		query  engine.Query
		change func(*engine.Record)
	}{
		{engine.Query{Kind: engine.Transfer}, func(r *engine.Record) { r.Kind = engine.Transfer }},
		{engine.Query{Role: engine.Provider}, func(r *engine.Record) { r.Role = engine.Provider }},
		{engine.Query{State: "AGREED"}, func(r *engine.Record) { r.State = "AGREED" }},
		{engine.Query{Peer: "p%"}, func(r *engine.Record) { r.Peer = "p%" }},
		{engine.Query{Subject: "s'"}, func(r *engine.Record) { r.Subject = "s'" }},
	} {
		r := record(owner, fmt.Sprint("changed", i))
		c.change(&r)
		b.commit(insert(r))
		b.equal(fmt.Sprintf("selected by %+v", c.query), ids(b.list(c.query)), []string{r.ID})
		all := engine.Query{Kind: r.Kind, Role: r.Role, State: r.State, Peer: r.Peer, Subject: r.Subject}
		b.equal("selected by all fields", ids(b.list(all)), []string{r.ID})
	}
}
