// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"iter"

	"github.com/musubi-ods/musubi/catalog"
)

// inTurn yields batches, and calls between before each.
func inTurn(between func(), batches ...catalog.Batch) iter.Seq2[catalog.Batch, error] {
	return func(yield func(catalog.Batch, error) bool) {
		for _, b := range batches {
			between()
			if !yield(b, nil) {
				return
			}
		}
		between()
	}
}

func assetsOf(list ...catalog.Asset) catalog.Batch { return catalog.Batch{Assets: list} }
func offersOf(list ...catalog.Offer) catalog.Batch { return catalog.Batch{Offers: list} }

var publishingAll = []contract{
	{"batches are published as one, in whichever order they come", func(b *box) {
		b.publish([]catalog.Asset{plain("a", "k", "v"), plain("old", "k", "v")}, offer("old", all))
		want := []string{"a named", "a old", "b labelled", "b named", "b old", "old labelled", "old old"}
		batches := []catalog.Batch{
			offersOf(offer("labelled", labelled("k", "v"))), assetsOf(plain("a")),
			offersOf(offer("named", named("a", "b"))),
			{},
			assetsOf(plain("b", "k", "v")),
		}
		b.must(b.d().PublishAll(b.ctx, owner, inTurn(func() {}, batches...)))
		b.equal("pairs", b.pairs(), want)
	}},
	{"nothing is published where the batches end in an error, which is returned", func(b *box) {
		b.publish([]catalog.Asset{plain("a")}, offer("o", all))
		broken := errors.New("broken")
		err := b.d().PublishAll(b.ctx, owner, func(yield func(catalog.Batch, error) bool) {
			_ = yield(assetsOf(plain("a", "k", "v"), plain("b")), nil) && yield(catalog.Batch{}, broken)
		})
		if !errors.Is(err, broken) {
			b.Fatal(err)
		}
		b.equal("asset", b.asset("a"), plain("a"))
		b.equal("pairs", b.pairs(), []string{"a o"})
	}},
	{"nothing is published where an offer of any batch names an unknown asset", func(b *box) {
		err := b.d().PublishAll(b.ctx, owner, inTurn(func() {},
			offersOf(offer("good", named("a")), offer("bad", named("a", "gone"))), assetsOf(plain("a"))))
		var unknown *catalog.UnknownAssetError
		if !errors.As(err, &unknown) {
			b.Fatal(err)
		}
		b.equal("the error", *unknown, catalog.UnknownAssetError{Offer: "bad", Asset: "gone"})
		b.absent([]string{"a"}, []string{"good", "bad"})
	}},
	{"nothing is seen before the end, and nobody waits for it: steps and pages go on", func(b *box) {
		b.publish([]catalog.Asset{plain("a")}, offer("o", all))
		steps := 0
		b.must(b.d().PublishAll(b.ctx, owner, inTurn(func() {
			r := record(owner, b.id("process"))
			b.commit(insert(r))
			steps++
			b.equal("pairs", b.pairs(), []string{"a o"})
		}, assetsOf(plain("b")), offersOf(offer("p", all)), assetsOf(plain("a", "k", "v")))))
		if steps < 4 {
			b.Fatalf("%d steps", steps)
		}
		b.equal("pairs", b.pairs(), []string{"a o", "a p", "b o", "b p"})
	}},
}
