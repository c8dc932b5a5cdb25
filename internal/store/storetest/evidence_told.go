// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

// saying is a message about a transfer.
func saying(transferID, id string, when time.Time) evidence.Told {
	return evidence.Told{Context: owner, Transfer: transferID, ID: id, At: when}
}

// asTold keeps a part that counts n bodies, as messages say.
func (b *box) asTold(n int64, list ...evidence.Told) error {
	return b.e().KeepEvidence(b.ctx, evidence.Batch{
		Told: list, Parts: []evidence.Part{counted("x", "1", true, n)}, Bodies: []evidence.Kept{large("x", fmt.Sprint("of ", n))},
	})
}

// keptTold fails unless n messages were kept, one after the other.
func (b *box) keptTold(what string, n int64) {
	b.Helper()
	b.equal(what, b.parts("x"), []evidence.Part{counted("x", "1", true, n)})
	b.equal(what+", bodies", len(b.bodies("x", "", 0)), int(n))
	b.equal(what+", journal", len(b.journalIDs(owner)), int(n))
}

func (b *box) dropTold(before time.Time, limit int) int {
	b.Helper()
	n, err := b.e().DropTold(b.ctx, before, limit)
	b.must(err)
	return n
}

var evidenceTold = []contract{
	{"what was told is kept with its message, once, and else nothing of it", func(b *box) {
		b.must(b.asTold(1, saying("x", "a", at(1))))
		b.is("again", b.asTold(2, saying("x", "a", at(9))), evidence.ErrTold)
		b.keptTold("again", 1)
		b.is("with another", b.asTold(2, saying("x", "b", at(1)), saying("x", "a", at(1))), evidence.ErrTold)
		b.keptTold("with another", 1)
		b.must(b.asTold(2, saying("x", "b", at(1)))) // it was not noted
		b.must(b.asTold(3, saying("y", "a", at(1))))
		other := saying("x", "a", at(1))
		other.Context = "other"
		b.must(b.asTold(4, other))
		b.keptTold("others", 4)
	}},
	{"of many who are told the same at the same time one keeps it", func(b *box) {
		stores, failed := b.stores(), make(chan error, 16)
		for i := range 16 {
			go func() {
				failed <- evidenceOf(b, stores[i%len(stores)]).KeepEvidence(b.ctx, evidence.Batch{
					Told: []evidence.Told{saying("x", "a", at(1))}, Parts: []evidence.Part{counted("x", fmt.Sprint(i), true, 1)},
				})
			}()
		}
		kept := 0
		for range 16 {
			if err := <-failed; !errors.Is(err, evidence.ErrTold) {
				b.must(err)
				kept++
			}
		}
		b.equal("kept", kept, 1)
		b.equal("parts", len(b.parts("x")), 1)
	}},
	{"what cannot be a message is refused, and nothing is written", func(b *box) {
		for name, change := range map[string]func(*evidence.Told){
			"no context":  func(t *evidence.Told) { t.Context = "" },
			"no transfer": func(t *evidence.Told) { t.Transfer = "" },
			"no id":       func(t *evidence.Told) { t.ID = "" },
			"no time":     func(t *evidence.Told) { t.At = time.Time{} },
			"text":        func(t *evidence.Told) { t.ID = "a\x00" },
		} {
			t := saying("x", "b", at(1))
			change(&t)
			b.notKept(name, b.asTold(1, saying("x", "a", at(1)), t))
		}
		b.equal("parts", len(b.parts("x")), 0)
		b.must(b.asTold(1, saying("x", "a", at(1))))
	}},
	{"DropTold forgets messages of long ago first, at most so many", func(b *box) {
		for i, when := range []int{4, 2, 3} {
			b.must(b.asTold(int64(i+1), saying("x", fmt.Sprint(when), fine(when))))
		}
		b.equal("none", b.dropTold(at(9), 0), 0)
		b.equal("at that very time", b.dropTold(at(2), 9), 0)
		b.equal("one", b.dropTold(at(9), 1), 1)
		b.is("another", b.asTold(9, saying("x", "3", at(9))), evidence.ErrTold)
		b.must(b.asTold(4, saying("x", "2", at(9))))
		b.equal("the others", b.dropTold(at(5), 9), 2)
		b.equal("nothing more", b.dropTold(at(5), 9), 0)
		b.equal("the parts", b.parts("x"), []evidence.Part{counted("x", "1", true, 4)})
	}},
}
