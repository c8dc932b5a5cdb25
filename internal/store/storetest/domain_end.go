// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
)

// ending ends an agreement, told by a journal row of this id.
func ending(contextID, row string) negotiation.End {
	return negotiation.End{
		At: at(60), By: negotiation.EndedByUs, Reason: "解約 <&> \"misuse\"",
		Journal: engine.Entry{Context: contextID, ID: row, Event: "agreement.ended", At: at(60), Detail: []byte(`{ "agreement":  "a" }`)},
	}
}

// journalIDs are the ids of the rows of a participant's journal.
func (b *box) journalIDs(contextID string) (ids []string) {
	b.Helper()
	for _, e := range b.journal(contextID) {
		ids = append(ids, e.ID)
	}
	return ids
}

var agreementEnds = []contract{
	{"EndAgreement ends an agreement and changes nothing else in it", func(b *box) {
		a, other := agreement(owner, "a"), agreement(owner, "b")
		b.must(errors.Join(b.d().PutAgreement(b.ctx, a), b.d().PutAgreement(b.ctx, other)))
		e := ending(owner, "e")
		e.At = fine(60)
		b.must(b.d().EndAgreement(b.ctx, owner, "a", e))
		a.Ended, a.EndedBy, a.EndReason = at(60), "us", e.Reason
		b.equal("ended", b.agreement(owner, "a"), a)
		b.equal("in force", b.agreement(owner, "a").InForce(), false)
		b.equal("the other one", b.agreement(owner, "b"), other)
	}},
	{"its journal row is written with it, chained to those of processes", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		before, after := update(b.put()), update(b.put())
		before.Journal, after.Journal = []engine.Entry{event(before.Record, "before")}, []engine.Entry{event(after.Record, "after")}
		b.commit(before)
		e := ending(owner, "end")
		b.must(b.d().EndAgreement(b.ctx, owner, "a", e))
		b.commit(after)
		b.equal("order", b.journalIDs(owner), []string{"before", "end", "after"})
		rows := b.linked(owner, 3)
		want := e.Journal
		want.Position, want.Prev = 2, rows[0].Hash
		want.Hash = engine.Chain(rows[0].Hash, want)
		b.equal("row", rows[1], want)
		heads, err := b.Store.Heads(b.ctx)
		b.must(err)
		b.equal("head", heads, []engine.Head{{Context: owner, Position: 3, Hash: rows[2].Hash}})
	}},
	{"an agreement ends once: the second end is ErrAgreementEnded, and nothing is written", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		b.must(b.d().EndAgreement(b.ctx, owner, "a", ending(owner, "first")))
		was := b.agreement(owner, "a")
		again := ending(owner, "second")
		again.By, again.Reason, again.At = negotiation.EndedByPeer, "", at(5)
		b.is("second", b.d().EndAgreement(b.ctx, owner, "a", again), negotiation.ErrAgreementEnded)
		b.equal("kept", b.agreement(owner, "a"), was)
		b.equal("journal", b.journalIDs(owner), []string{"first"})
	}},
	{"EndAgreement of one that is not kept is ErrNoAgreement, and nothing is written", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement("other", "a")))
		b.is("another's", b.d().EndAgreement(b.ctx, owner, "a", ending(owner, "e")), negotiation.ErrNoAgreement)
		b.equal("journal", len(b.journal(owner))+len(b.journal("other")), 0)
		b.equal("another's", b.agreement("other", "a"), agreement("other", "a"))
	}},
	{"an agreement that is not final can be ended, without a reason too, and becoming final does not undo that", func(b *box) {
		r, e := b.put(), ending(owner, "e")
		e.By, e.Reason = negotiation.EndedByPeer, ""
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		b.must(b.d().EndAgreement(b.ctx, owner, "a", e))
		b.commit(saving(update(r), negotiation.FinalizeAgreement{Context: owner, ID: "a"}))
		got := b.agreement(owner, "a")
		b.equal("final", got.Final, true)
		b.equal("ended", got.Ended, at(60))
		b.equal("by", got.EndedBy+got.EndReason, "peer")
	}},
	{"an end that cannot be one is refused, and nothing is written", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		for name, change := range map[string]func(*negotiation.End){
			"time":             func(e *negotiation.End) { e.At = time.Time{} },
			"time before all":  func(e *negotiation.End) { e.At = time.Unix(-1, 0) },
			"nobody":           func(e *negotiation.End) { e.By = "" },
			"somebody":         func(e *negotiation.End) { e.By = "them" },
			"reason":           func(e *negotiation.End) { e.Reason = "a\x00b" },
			"no journal":       func(e *negotiation.End) { e.Journal = engine.Entry{} },
			"another journal":  func(e *negotiation.End) { e.Journal.Context = "other" },
			"journal position": func(e *negotiation.End) { e.Journal.Position = 1 },
			"journal event":    func(e *negotiation.End) { e.Journal.Event = "" },
			"journal id":       func(e *negotiation.End) { e.Journal.ID = strings.Repeat("x", rule.MaxID+1) },
		} {
			e := ending(owner, "e")
			change(&e)
			b.notKept(name, b.d().EndAgreement(b.ctx, owner, "a", e))
		}
		b.equal("kept", b.agreement(owner, "a"), agreement(owner, "a"))
		b.equal("journal", len(b.journal(owner))+len(b.journal("other")), 0)
	}},
	{"an agreement that has ended cannot be put", func(b *box) {
		for name, change := range map[string]func(*negotiation.Agreement){
			"when": func(a *negotiation.Agreement) { a.Ended = t0 },
			"who":  func(a *negotiation.Agreement) { a.EndedBy = negotiation.EndedByUs },
			"why":  func(a *negotiation.Agreement) { a.EndReason = "x" },
		} {
			a := agreement(owner, "a")
			change(&a)
			b.notKept(name, b.d().PutAgreement(b.ctx, a))
			b.refused(saving(insert(record(owner, "p")), negotiation.SaveAgreement{Agreement: a}), rule.ErrInvalid)
		}
		b.noAgreement(owner, "a")
	}},
	{"of many that end one at the same time, one does", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		one := b.race(negotiation.ErrAgreementEnded)
		b.domains(16, func(i int, d Domain) error {
			return one.came(i, d.EndAgreement(b.ctx, owner, "a", ending(owner, fmt.Sprint("e", i))))
		})
		b.equal("journal", b.journalIDs(owner), []string{fmt.Sprint("e", one.end())})
	}},
	{"ends and steps at the same time make one chain", func(b *box) {
		const n = 24
		for i := range n {
			b.must(b.d().PutAgreement(b.ctx, agreement(owner, fmt.Sprint("a", i))))
		}
		b.domains(2*n, func(i int, d Domain) error {
			if i < n {
				return d.EndAgreement(b.ctx, owner, fmt.Sprint("a", i), ending(owner, fmt.Sprint("end", i)))
			}
			c := insert(record(owner, fmt.Sprint("p", i)))
			c.Journal = []engine.Entry{event(c.Record, fmt.Sprint("step", i))}
			return d.For(owner).Commit(b.ctx, c)
		})
		b.linked(owner, 2*n)
	}},
}

var agreementQueries = []contract{
	{"Agreements selects by peer, role, target and whether they are in force", func(b *box) {
		kept := map[string]negotiation.Agreement{}
		for i := range 32 {
			a := agreement(owner, fmt.Sprintf("a%02d", i))
			a.Concluded = at(i / 3)
			a.Peer, a.Target = []string{"did:web:one", "did:web:two"}[i%2], []string{"x", "y"}[i/2%2]
			a.Role, a.Final = []string{"provider", "consumer"}[i/4%2], i/8%2 == 0
			b.must(b.d().PutAgreement(b.ctx, a))
			if i >= 16 {
				b.must(b.d().EndAgreement(b.ctx, owner, a.ID, ending(owner, a.ID)))
			}
			kept[a.ID] = b.agreement(owner, a.ID)
		}
		for i := range 16 {
			q := negotiation.AgreementQuery{InForce: i&1 != 0}
			for bit, field := range map[int]func(){
				2: func() { q.Peer = "did:web:two" }, 4: func() { q.Role = "consumer" }, 8: func() { q.Target = "y" },
			} {
				if i&bit != 0 {
					field()
				}
			}
			var want, paged []negotiation.Agreement
			for j := 31; j >= 0; j-- {
				a := kept[fmt.Sprintf("a%02d", j)]
				if (q.Peer == "" || a.Peer == q.Peer) && (q.Role == "" || a.Role == q.Role) && (q.Target == "" || a.Target == q.Target) &&
					(!q.InForce || a.Final && a.Ended.IsZero()) {
					want = append(want, a)
				}
			}
			all, err := b.d().Agreements(b.ctx, owner, q)
			b.must(err)
			b.equal(fmt.Sprintf("%+v", q), all, want)
			for q.Limit = 3; ; q.Before = paged[len(paged)-1].ID {
				page, err := b.d().Agreements(b.ctx, owner, q)
				b.must(err)
				if paged = append(paged, page...); len(page) < 3 {
					break
				}
			}
			b.equal(fmt.Sprintf("paged %+v", q), paged, want)
		}
	}},
	{"a cursor may name one that the query does not select", func(b *box) {
		for i := range 4 {
			a := agreement(owner, fmt.Sprint("a", i))
			a.Concluded, a.Peer = at(i), fmt.Sprint("peer", i%2)
			b.must(b.d().PutAgreement(b.ctx, a))
		}
		list, err := b.d().Agreements(b.ctx, owner, negotiation.AgreementQuery{Peer: "peer0", Before: "a1"})
		b.must(err)
		b.equal("one", len(list), 1)
		b.equal("id", list[0].ID, "a0")
	}},
}
