// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// Evidence is a store that keeps what was moved.
type Evidence interface {
	engine.Store
	evidence.Store
}

// RunEvidence proves the contracts of what was moved. The stores that open
// returns, also by Another and Restart, must be an Evidence.
func RunEvidence(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{
		{"Parts", evidenceParts},
		{"Bodies", evidenceBodies},
		{"Lists", evidenceLists},
		{"Seals", evidenceSeals},
		{"Drops", evidenceDrops},
		{"Told", evidenceTold},
		{"Survival", evidenceSurvival},
	})
}

func (b *box) e() Evidence { return evidenceOf(b, b.Store) }

func evidenceOf(b *box, s engine.Store) Evidence {
	b.Helper()
	e, ok := s.(Evidence)
	if !ok {
		b.Fatalf("%T keeps no evidence", s)
	}
	return e
}

// counted is a part that counts n bodies.
func counted(transferID, id string, sent bool, n int64) evidence.Part {
	return evidence.Part{Context: owner, Transfer: transferID, Sent: sent, ID: id, Totals: evidence.Totals{
		Bodies: n, Bytes: 7 * n, Digest: evidence.Add("t", "s", n), Cut: 1, CutBytes: 3, First: t0, Last: at(int(n)),
	}}
}

func (b *box) count(list ...evidence.Part) {
	b.Helper()
	b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{Parts: list}))
}

func (b *box) parts(transfers ...string) []evidence.Part {
	b.Helper()
	list, err := b.e().EvidenceParts(b.ctx, owner, transfers)
	b.must(err)
	return list
}

// large is a body by itself, with its row of the journal.
func large(transferID, id string) evidence.Kept {
	return evidence.Kept{
		Body: evidence.Body{
			Context: owner, Transfer: transferID, ID: id, Direction: evidence.Sent, TrackingID: "t-" + id, Method: "GET", Path: "部品/1",
			Status: 206, Offset: 1 << 40, Bytes: 1 << 41, SHA256: strings.Repeat("a", 64), Whole: true, Began: t0, Ended: at(9),
		},
		Journal: engine.Entry{Context: owner, ID: "row " + id, Process: transferID, Kind: engine.Transfer, Event: "transfer.data-sent", At: at(9), Detail: []byte(`{ "spaces":  "stay" }`)},
	}
}

func (b *box) bodies(transferID, after string, limit int) []evidence.Body {
	b.Helper()
	list, err := b.e().EvidenceBodies(b.ctx, owner, transferID, after, limit)
	b.must(err)
	return list
}

var evidenceParts = []contract{
	{"a part comes back as it was kept, and is replaced by what counts more", func(b *box) {
		p := counted("x", "1", true, 2)
		p.First, p.Last, p.Bytes = fine(1), fine(2), math.MaxInt64
		b.count(p)
		p.First, p.Last = at(1), at(2)
		b.equal("kept", b.parts("x"), []evidence.Part{p})
		b.count(counted("x", "1", true, 5))
		b.equal("more", b.parts("x"), []evidence.Part{counted("x", "1", true, 5)})
	}},
	{"what counts less came late, and changes nothing", func(b *box) {
		b.count(counted("x", "1", true, 5))
		less := counted("x", "1", true, 6)
		less.Cut = 0
		b.count(counted("x", "1", true, 4), less)
		b.equal("kept", b.parts("x"), []evidence.Part{counted("x", "1", true, 5)})
	}},
	{"parts come in order of transfer, direction and id, of the transfers that are asked for", func(b *box) {
		want := []evidence.Part{
			counted("x", "2", false, 1), counted("x", "1", true, 2), counted("x", "3", true, 3), counted("y", "1", true, 4),
		}
		b.count(want[3], want[2], counted("z", "1", true, 9), want[0], want[1])
		b.equal("two", b.parts("y", "x", "x", "none"), want)
		b.equal("none", b.parts(), []evidence.Part(nil))
	}},
	{"a part without times, and of nothing, is one", func(b *box) {
		p := evidence.Part{Context: owner, Transfer: "x", ID: "1"}
		b.count(p)
		b.equal("kept", b.parts("x"), []evidence.Part{p})
	}},
	{"participants may have the same ids, and do not see each other's", func(b *box) {
		other := counted("x", "1", true, 9)
		other.Context = "other"
		b.count(counted("x", "1", true, 1), other)
		b.equal("ours", b.parts("x"), []evidence.Part{counted("x", "1", true, 1)})
		list, err := b.e().EvidenceTransfers(b.ctx, "Other", evidence.Query{})
		b.must(err)
		b.equal("nobody's", len(list), 0)
	}},
	{"thousands are kept at once", func(b *box) {
		var list []evidence.Part
		for i := range 5000 {
			list = append(list, counted(fmt.Sprintf("x%04d", i), "1", i%2 == 0, 1))
		}
		b.count(list...)
		ids, err := b.e().EvidenceTransfers(b.ctx, owner, evidence.Query{})
		b.must(err)
		b.equal("transfers", len(ids), 5000)
	}},
	{"many processes that count one transfer at the same time lose nothing", func(b *box) {
		stores, failed := b.stores(), make(chan error, 16)
		for i := range 16 {
			go func() {
				s, err := evidenceOf(b, stores[i%len(stores)]), error(nil)
				for n := range int64(5) {
					batch := evidence.Batch{Parts: []evidence.Part{counted("x", fmt.Sprint(i), true, n+1), counted("x", fmt.Sprint(i), false, n+1)}}
					err = errors.Join(err, s.KeepEvidence(b.ctx, batch))
				}
				failed <- err
			}()
		}
		for range 16 {
			b.must(<-failed)
		}
		var sum evidence.Totals
		for _, p := range b.parts("x") {
			sum = sum.Plus(p.Totals)
		}
		b.equal("bodies", sum.Bodies, int64(2*16*5))
	}},
	{"what cannot be a part is refused, and nothing is written", func(b *box) {
		for name, change := range map[string]func(*evidence.Part){
			"no context":  func(p *evidence.Part) { p.Context = "" },
			"no transfer": func(p *evidence.Part) { p.Transfer = "" },
			"no id":       func(p *evidence.Part) { p.ID = "" },
			"bodies":      func(p *evidence.Part) { p.Bodies = -1 },
			"bytes":       func(p *evidence.Part) { p.Bytes = -1 },
			"cut":         func(p *evidence.Part) { p.Cut = -1 },
			"cut bytes":   func(p *evidence.Part) { p.CutBytes = -1 },
			"time":        func(p *evidence.Part) { p.First = time.Unix(-1, 0) },
			"text":        func(p *evidence.Part) { p.Transfer = "a\x00" },
		} {
			p := counted("x", "1", true, 1)
			change(&p)
			b.notKept(name, b.e().KeepEvidence(b.ctx, evidence.Batch{Parts: []evidence.Part{counted("x", "0", true, 1), p}}))
		}
		b.equal("kept", len(b.parts("x")), 0)
	}},
}

var evidenceBodies = []contract{
	{"a body comes back as it was kept, with its row of the journal", func(b *box) {
		k := large("x", "1")
		k.Began, k.Ended = fine(0), fine(9)
		cut := large("x", "2")
		cut.Direction, cut.Whole, cut.SHA256, cut.Offset, cut.Status = evidence.Received, false, "", 0, 0
		b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{Bodies: []evidence.Kept{k, cut}}))
		b.equal("kept", b.bodies("x", "", 0), []evidence.Body{large("x", "1").Body, cut.Body})
		rows := b.linked(owner, 2)
		want := large("x", "1").Journal
		want.Position, want.Hash = 1, rows[0].Hash
		b.equal("row", rows[0], want)
	}},
	{"a batch that is kept again has no effect", func(b *box) {
		batch := evidence.Batch{Parts: []evidence.Part{counted("x", "1", true, 1)}, Bodies: []evidence.Kept{large("x", "1"), large("x", "2")}}
		b.must(b.e().KeepEvidence(b.ctx, batch))
		batch.Bodies = append(batch.Bodies, large("x", "3"))
		for range 2 {
			b.must(b.e().KeepEvidence(b.ctx, batch))
		}
		b.equal("bodies", len(b.bodies("x", "", 0)), 3)
		b.equal("parts", b.parts("x"), batch.Parts)
		b.equal("journal", b.journalIDs(owner), []string{"row 1", "row 2", "row 3"})
	}},
	{"bodies come page by page, in order of id, of one transfer", func(b *box) {
		var want []evidence.Body
		for _, id := range []string{"c", "a", "b"} {
			b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{Bodies: []evidence.Kept{large("x", id), large("y", "y"+id)}}))
		}
		for _, id := range []string{"a", "b", "c"} {
			want = append(want, large("x", id).Body)
		}
		b.equal("all", b.bodies("x", "", 0), want)
		b.equal("first", b.bodies("x", "", 2), want[:2])
		b.equal("rest", b.bodies("x", "b", 2), want[2:])
		b.equal("none", b.bodies("x", "c", 2), []evidence.Body(nil))
	}},
	{"a whole body is found by its transfer, direction, name and hash", func(b *box) {
		cut := large("x", "2")
		cut.TrackingID, cut.Whole = "cut", false
		b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{Bodies: []evidence.Kept{large("x", "1"), cut}}))
		kept := large("x", "1").Body
		for name, c := range map[string]struct {
			change func(*evidence.Body)
			want   bool
		}{
			"it": {func(k *evidence.Body) {
				*k = evidence.Body{Context: k.Context, Transfer: k.Transfer, Direction: k.Direction, TrackingID: k.TrackingID, SHA256: k.SHA256, Whole: true}
			}, true},
			"participant": {func(k *evidence.Body) { k.Context = "other" }, false},
			"transfer":    {func(k *evidence.Body) { k.Transfer = "y" }, false},
			"direction":   {func(k *evidence.Body) { k.Direction = evidence.Received }, false},
			"name":        {func(k *evidence.Body) { k.TrackingID = "t-2" }, false},
			"hash":        {func(k *evidence.Body) { k.SHA256 = strings.Repeat("b", 64) }, false},
			"one cut":     {func(k *evidence.Body) { k.TrackingID = "cut" }, false},
		} {
			k := kept
			c.change(&k)
			has, err := b.e().HasBody(b.ctx, k)
			b.must(err)
			b.equal(name, has, c.want)
		}
	}},
	{"what cannot be a body is refused, and nothing is written", func(b *box) {
		for name, change := range map[string]func(*evidence.Kept){
			"no context":      func(k *evidence.Kept) { k.Context = "" },
			"no transfer":     func(k *evidence.Kept) { k.Transfer = "" },
			"no id":           func(k *evidence.Kept) { k.ID = "" },
			"direction":       func(k *evidence.Kept) { k.Direction = "up" },
			"bytes":           func(k *evidence.Kept) { k.Bytes = -1 },
			"offset":          func(k *evidence.Kept) { k.Offset = -1 },
			"hash":            func(k *evidence.Kept) { k.SHA256 = "a" },
			"time":            func(k *evidence.Kept) { k.Ended = time.Unix(-1, 0) },
			"text":            func(k *evidence.Kept) { k.TrackingID = "\xff" },
			"no journal":      func(k *evidence.Kept) { k.Journal = engine.Entry{} },
			"another journal": func(k *evidence.Kept) { k.Journal.Context = "other" },
		} {
			k := large("x", "1")
			change(&k)
			b.notKept(name, b.e().KeepEvidence(b.ctx, evidence.Batch{
				Parts: []evidence.Part{counted("x", "1", true, 1)}, Bodies: []evidence.Kept{large("x", "0"), k},
			}))
		}
		b.equal("bodies", len(b.bodies("x", "", 0)), 0)
		b.equal("parts", len(b.parts("x")), 0)
		b.equal("journal", len(b.journal(owner)), 0)
	}},
}

var evidenceLists = []contract{
	{"transfers are listed by id from the highest down, once, and by agreement", func(b *box) {
		for i, id := range []string{"a", "b", "c", "d"} {
			b.count(counted(id, "1", true, 1), counted(id, "2", true, 1), counted(id, "1", false, 1))
			if id != "d" {
				b.transfer(owner, id, func(r *engine.Record) { r.Subject = []string{"one", "two"}[i%2] })
			}
		}
		for _, c := range []struct {
			q    evidence.Query
			want []string
		}{
			{evidence.Query{}, []string{"d", "c", "b", "a"}},
			{evidence.Query{Limit: 3}, []string{"d", "c", "b"}},
			{evidence.Query{Before: "b"}, []string{"a"}},
			{evidence.Query{Before: "bb", Limit: 1}, []string{"b"}},
			{evidence.Query{Agreement: "one"}, []string{"c", "a"}},
			{evidence.Query{Agreement: "one", Before: "c", Limit: 5}, []string{"a"}},
			{evidence.Query{Agreement: "three"}, nil},
		} {
			got, err := b.e().EvidenceTransfers(b.ctx, owner, c.q)
			b.must(err)
			b.equal(fmt.Sprintf("%+v", c.q), got, c.want)
		}
	}},
}

func (b *box) unsealed(since time.Time, after engine.Change, limit int) (ids []string) {
	b.Helper()
	list, err := b.e().UnsealedEvidence(b.ctx, since, after, limit)
	b.must(err)
	for _, c := range list {
		ids = append(ids, c.Context+"/"+c.Process)
	}
	return ids
}

// sealing seals a transfer and returns what its row was made of.
func (b *box) sealing(id string) (of []evidence.Part, did bool) {
	b.Helper()
	did, err := b.e().SealEvidence(b.ctx, owner, id, func(list []evidence.Part) (engine.Entry, error) {
		of = list
		return engine.Entry{Context: owner, ID: b.id("seal"), Process: id, Kind: engine.Transfer, Event: "transfer.data-totals", At: t0}, nil
	})
	b.must(err)
	return of, did
}

var evidenceSeals = []contract{
	{"UnsealedEvidence returns what has come to rest, and what has no process", func(b *box) {
		now := at(1000)
		for i, state := range []engine.State{transfer.Requested, transfer.Started, transfer.Suspended, transfer.Completed, transfer.Terminated} {
			id := fmt.Sprint("p", i)
			b.transfer(owner, id, func(r *engine.Record) {
				r.State, r.Final, r.Updated = state, i > 2, at(i)
			})
			b.count(counted(id, "1", true, 1), counted(id, "1", false, 1))
		}
		b.count(counted("none", "1", true, 1))
		all := []string{owner + "/none", owner + "/p2", owner + "/p3", owner + "/p4"}
		b.equal("all", b.unsealed(now, engine.Change{}, 0), all)
		b.equal("moved lately", b.unsealed(at(3), engine.Change{}, 0), all[:3])
		b.equal("page", b.unsealed(now, engine.Change{}, 2), all[:2])
		b.equal("next page", b.unsealed(now, engine.Change{Context: owner, Process: "p2"}, 2), all[2:])
		b.equal("next participant", b.unsealed(now, engine.Change{Context: owner + "x"}, 2), []string(nil))
	}},
	{"SealEvidence writes one row of all parts, once, and again once more was moved", func(b *box) {
		want := []evidence.Part{counted("x", "1", false, 1), counted("x", "1", true, 2)}
		b.count(append(want, counted("y", "1", true, 9))...)
		got, did := b.sealing("x")
		b.equal("first", did, true)
		b.equal("of", got, want)
		if _, did = b.sealing("x"); did {
			b.Fatal("it was sealed twice")
		}
		b.equal("open", b.unsealed(t0, engine.Change{}, 0), []string{owner + "/y"})
		b.count(want...)
		b.equal("kept again", b.unsealed(t0, engine.Change{}, 0), []string{owner + "/y"})
		b.count(counted("x", "1", true, 3))
		b.equal("more", b.unsealed(t0, engine.Change{}, 0), []string{owner + "/x", owner + "/y"})
		got, did = b.sealing("x")
		b.equal("again", did, true)
		b.equal("of", got, []evidence.Part{want[0], counted("x", "1", true, 3)})
		b.linked(owner, 2)
	}},
	{"what is not there is not sealed", func(b *box) {
		_, did := b.sealing("x")
		b.equal("did", did, false)
		b.equal("journal", len(b.journal(owner)), 0)
	}},
	{"an entry that fails, or is none, seals nothing", func(b *box) {
		b.count(counted("x", "1", true, 1))
		failed := errors.New("failed")
		_, err := b.e().SealEvidence(b.ctx, owner, "x", func([]evidence.Part) (engine.Entry, error) { return engine.Entry{}, failed })
		b.is("failed", err, failed)
		_, err = b.e().SealEvidence(b.ctx, owner, "x", func([]evidence.Part) (engine.Entry, error) { return engine.Entry{}, nil })
		b.notKept("none", err)
		b.equal("open", b.unsealed(t0, engine.Change{}, 0), []string{owner + "/x"})
		b.equal("journal", len(b.journal(owner)), 0)
	}},
	{"of many that seal at the same time, one does", func(b *box) {
		b.count(counted("x", "1", true, 1), counted("x", "2", false, 1))
		stores, did := b.stores(), make(chan bool, 16)
		for i := range 16 {
			go func() {
				sealed, err := evidenceOf(b, stores[i%len(stores)]).SealEvidence(b.ctx, owner, "x", func([]evidence.Part) (engine.Entry, error) {
					return engine.Entry{Context: owner, ID: fmt.Sprint("seal", i), Process: "x", Kind: engine.Transfer, Event: "e", At: t0}, nil
				})
				if err != nil {
					b.Error(err)
				}
				did <- sealed
			}()
		}
		n := 0
		for range 16 {
			if <-did {
				n++
			}
		}
		b.equal("sealed", n, 1)
		b.linked(owner, 1)
	}},
}

var evidenceSurvival = []contract{
	{"evidence is there after a restart, and what was sealed is", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		b.must(b.e().KeepEvidence(b.ctx, evidence.Batch{
			Parts: []evidence.Part{counted("x", "1", true, 1), counted("y", "1", true, 1)}, Bodies: []evidence.Kept{large("x", "1")},
		}))
		b.sealing("x")
		b.Store = b.Restart()
		b.equal("parts", b.parts("x"), []evidence.Part{counted("x", "1", true, 1)})
		b.equal("bodies", b.bodies("x", "", 0), []evidence.Body{large("x", "1").Body})
		b.equal("open", b.unsealed(t0, engine.Change{}, 0), []string{owner + "/y"})
	}},
}
