// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

const corporate = trust.CorporateNumber + ":7999900000002"

func relation(party, kind string) trust.Relation {
	return trust.Relation{Party: party, Kind: kind, Note: "一次サプライヤー <&>", Since: t0}
}

func (b *box) relate(list ...trust.Relation) {
	b.Helper()
	for _, r := range list {
		b.must(b.o().PutRelation(b.ctx, owner, r))
	}
}

func (b *box) related(parties ...string) []trust.Relation {
	b.Helper()
	list, err := b.o().Relations(b.ctx, owner, parties)
	b.must(err)
	return list
}

func (b *box) listed(after string, limit int) []trust.Relation {
	b.Helper()
	list, err := b.o().ListRelations(b.ctx, owner, after, limit)
	b.must(err)
	return list
}

var relations = []contract{
	{"PutRelation keeps one, and changes its note and time", func(b *box) {
		r := relation(someone, "direct")
		b.relate(r)
		b.equal("kept", b.related(someone), []trust.Relation{r})
		r.Note, r.Since = "", fine(-10)
		b.relate(r, relation(someone, "audited"))
		r.Since = at(-10)
		b.equal("changed", b.related(someone), []trust.Relation{relation(someone, "audited"), r})
	}},
	{"a time may be missing", func(b *box) {
		b.relate(trust.Relation{Party: someone, Kind: "direct"})
		b.equal("kept", b.related(someone), []trust.Relation{{Party: someone, Kind: "direct"}})
	}},
	{"Relations returns those of all the parties that it is asked for, in order", func(b *box) {
		want := []trust.Relation{relation(someone, "direct"), relation(someone, "former"), relation(corporate, "direct")}
		b.relate(want[2], want[1], want[0], relation("did:web:other", "direct"))
		b.equal("both", b.related(corporate, "did:web:unknown", someone, someone), want)
		b.equal("one", b.related(corporate), want[2:])
		b.equal("of none", b.related(), []trust.Relation(nil))
		b.equal("of an unknown one", b.related("did:web:unknown", ""), []trust.Relation(nil))
	}},
	{"every byte of a party counts", func(b *box) {
		b.relate(relation("did:web:a", "direct"))
		b.equal("others", b.related("did:web:A", "did:web:a ", "did:web:", "did:web:a\x00", "did:web:a\xff", "%", "did:web:_"), []trust.Relation(nil))
	}},
	{"ListRelations pages through all, by party and kind", func(b *box) {
		var want []trust.Relation
		for _, party := range []string{"A", "a", "a b", "a b c", "é", "日本"} {
			for _, kind := range []string{"a", "a-1", "z"} {
				want = append(want, relation(party, kind))
			}
		}
		for i := range want {
			b.relate(want[(i*7)%len(want)])
		}
		b.equal("all", b.listed("", 0), want)
		var paged []trust.Relation
		for after := ""; ; after = paged[len(paged)-1].Key() {
			page := b.listed(after, 4)
			if paged = append(paged, page...); len(page) < 4 {
				break
			}
		}
		b.equal("paged", paged, want)
		b.equal("behind one that is gone", b.listed("a aa", 1), want[5:6])
		b.equal("from a party on", b.listed("é", 1), want[12:13])
	}},
	{"DeleteRelation removes one, and is ErrNoRelation without it", func(b *box) {
		b.relate(relation(someone, "direct"), relation(someone, "former"))
		b.must(b.o().DeleteRelation(b.ctx, owner, someone, "direct"))
		b.equal("left", b.related(someone), []trust.Relation{relation(someone, "former")})
		b.is("again", b.o().DeleteRelation(b.ctx, owner, someone, "direct"), trust.ErrNoRelation)
		b.is("another party", b.o().DeleteRelation(b.ctx, owner, "x", "former"), trust.ErrNoRelation)
	}},
	{"many at the same time do not disturb each other", func(b *box) {
		b.enforcers(32, func(i int, s Policy) error {
			return s.PutRelation(b.ctx, owner, relation(fmt.Sprint("party", i%8), fmt.Sprint("kind-", i%4)))
		})
		b.equal("kept", len(b.listed("", 0)), 8)
	}},
	{"a relation that cannot be one is refused", func(b *box) {
		for _, r := range []trust.Relation{
			relation("", "direct"), relation("a\x00", "direct"), relation(strings.Repeat("a", rule.MaxID+1), "direct"),
			relation(someone, ""), relation(someone, "Direct"), relation(someone, "a b"), relation(someone, "é"),
			relation(someone, strings.Repeat("a", 65)),
			{Party: someone, Kind: "direct", Note: "\xff"},
		} {
			b.notKept(fmt.Sprintf("%q", r), b.o().PutRelation(b.ctx, owner, r))
		}
		b.notKept("of nobody", b.o().PutRelation(b.ctx, "", relation(someone, "direct")))
		b.equal("kept", len(b.listed("", 0)), 0)
		b.relate(relation(someone, strings.Repeat("a", 64)))
	}},
}
