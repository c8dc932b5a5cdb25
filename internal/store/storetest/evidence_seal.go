// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

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
		var sealed atomic.Int64
		b.together(16, func(i int, s engine.Store) error {
			did, err := evidenceOf(b, s).SealEvidence(b.ctx, owner, "x", func([]evidence.Part) (engine.Entry, error) {
				return engine.Entry{Context: owner, ID: fmt.Sprint("seal", i), Process: "x", Kind: engine.Transfer, Event: "e", At: t0}, nil
			})
			if did {
				sealed.Add(1)
			}
			return err
		})
		b.equal("sealed", sealed.Load(), int64(1))
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
