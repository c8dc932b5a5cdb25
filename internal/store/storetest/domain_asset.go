// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

var assets = []contract{
	{"one that is not stored is ErrNotFound", func(b *box) {
		b.publish([]catalog.Asset{plain("a")}, offer("o", all))
		b.absent([]string{"o", "", "A"}, []string{"a", "", "O"})
	}},
	{"Assets and Offers page in order of id, by bytes", func(b *box) {
		ids := []string{"é", "a:b", "B", "ab", "a b", "b", "a"}
		var list []catalog.Asset
		var offers []catalog.Offer
		for _, id := range ids {
			list, offers = append(list, asset(id)), append(offers, offer(id, all))
		}
		b.publish(list, offers...)
		slices.Sort(ids)
		var gotAssets []catalog.Asset
		var gotOffers []catalog.Offer
		for after := ""; ; after = gotAssets[len(gotAssets)-1].ID {
			a, err := b.d().Assets(b.ctx, owner, after, 3)
			b.must(err)
			o, err := b.d().Offers(b.ctx, owner, after, 3)
			b.must(err)
			if len(a) > 3 || len(a) != len(o) {
				b.Fatalf("a page of %d and %d", len(a), len(o))
			}
			if len(a) == 0 {
				break
			}
			gotAssets, gotOffers = append(gotAssets, a...), append(gotOffers, o...)
		}
		for i, id := range ids {
			b.equal("asset", gotAssets[i], asset(id))
			b.equal("offer", gotOffers[i], offer(id, all))
		}
		b.equal("count", len(gotAssets), len(ids))
	}},
	{"the id to begin after need not exist", func(b *box) {
		b.publish([]catalog.Asset{plain("a"), plain("c")})
		list, err := b.d().Assets(b.ctx, owner, "b", 5)
		b.must(err)
		b.equal("assets", list, []catalog.Asset{plain("c")})
	}},
}

var policies = []contract{
	{"AccessHashes returns every access policy that an offer has now, each once, in order", func(b *box) {
		o, p, q := offer("o", all), offer("p", all), offer("q", all)
		o.Access, p.Access, q.Access = closed, open, closed
		b.publish(nil, o, p, q)
		b.equal("hashes", b.accessHashes(), sorted(open.Hash(), closed.Hash()))
		p.Access = usage
		b.publish(nil, p)
		b.equal("after an edit", b.accessHashes(), sorted(usage.Hash(), closed.Hash()))
		b.withdraw(nil, []string{"o", "q"})
		b.equal("after a withdrawal", b.accessHashes(), []string{usage.Hash()})
		b.withdraw(nil, []string{"p"})
		b.equal("of none", b.accessHashes(), []string(nil))
	}},
	{"Policies returns policies by hash, each once", func(b *box) {
		b.publish(nil, offer("o", all), offer("p", all))
		found, err := b.d().Policies(b.ctx, owner, []string{usage.Hash(), open.Hash(), usage.Hash()})
		b.must(err)
		b.equal("count", len(found), 2)
		for hash, p := range found {
			b.equal("policy", p.Hash(), hash)
		}
		found, err = b.d().Policies(b.ctx, owner, nil)
		b.must(err)
		b.equal("of none", len(found), 0)
	}},
	{"Policies is ErrNotFound where one is not stored", func(b *box) {
		b.publish(nil, offer("o", all))
		for _, hash := range []string{closed.Hash(), "", "x"} {
			if _, err := b.d().Policies(b.ctx, owner, []string{open.Hash(), hash}); !errors.Is(err, catalog.ErrNotFound) {
				b.Fatalf("%q: %v", hash, err)
			}
		}
	}},
}

func (b *box) accessHashes() []string {
	b.Helper()
	hashes, err := b.d().AccessHashes(b.ctx, owner)
	b.must(err)
	return hashes
}
