// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
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
		b.together(16, func(i int, s engine.Store) (err error) {
			for n := range int64(5) {
				batch := evidence.Batch{Parts: []evidence.Part{counted("x", fmt.Sprint(i), true, n+1), counted("x", fmt.Sprint(i), false, n+1)}}
				err = errors.Join(err, evidenceOf(b, s).KeepEvidence(b.ctx, batch))
			}
			return err
		})
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
