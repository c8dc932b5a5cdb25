// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

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
