// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"

	"github.com/musubi-ods/musubi/catalog"
)

func (b *box) withdraw(assetIDs, offerIDs []string) {
	b.Helper()
	b.must(b.d().Withdraw(b.ctx, owner, assetIDs, offerIDs))
}

var withdrawing = []contract{
	{"assets and offers go, with their pairs", func(b *box) {
		b.publish([]catalog.Asset{plain("a"), plain("b"), plain("c")}, offer("o", all), offer("p", all), offer("q", named("b")))
		b.withdraw([]string{"a"}, []string{"p"})
		b.absent([]string{"a"}, []string{"p"})
		b.equal("pairs", b.pairs(), []string{"b o", "b q", "c o"})
	}},
	{"nothing goes where one of them is not stored", func(b *box) {
		b.publish([]catalog.Asset{plain("a")}, offer("o", all))
		for _, ids := range [][2][]string{{{"a", "x"}, {"o"}}, {{"a"}, {"o", "x"}}, {{"o"}, nil}, {nil, {"a"}}} {
			if err := b.d().Withdraw(b.ctx, owner, ids[0], ids[1]); !errors.Is(err, catalog.ErrNotFound) {
				b.Fatalf("%v: %v", ids, err)
			}
		}
		b.equal("pairs", b.pairs(), []string{"a o"})
	}},
	{"removing nothing at all is no error", func(b *box) { b.withdraw(nil, nil) }},
	{"an id given twice counts once", func(b *box) {
		b.publish([]catalog.Asset{plain("a")}, offer("o", all))
		b.withdraw([]string{"a", "a"}, []string{"o", "o"})
		b.absent([]string{"a"}, []string{"o"})
	}},
	{"an offer that names a removed asset stays, and finds the asset again", func(b *box) {
		b.publish([]catalog.Asset{plain("a"), plain("b")}, offer("o", named("a", "b")))
		b.withdraw([]string{"a"}, nil)
		b.equal("pairs", b.pairs(), []string{"b o"})
		b.equal("offer", b.offer("o"), offer("o", named("a", "b")))
		b.publish([]catalog.Asset{plain("a")})
		b.equal("pairs", b.pairs(), []string{"a o", "b o"})
		b.withdraw([]string{"a"}, nil)
		var unknown *catalog.UnknownAssetError
		if err := b.d().Publish(b.ctx, owner, catalog.Batch{Offers: []catalog.Offer{b.offer("o")}}); !errors.As(err, &unknown) {
			b.Fatalf("published again: %v", err)
		}
	}},
}
