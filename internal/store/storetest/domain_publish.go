// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Access policies: what they say does not matter to a store.
var (
	open   = policy.Permit(policy.Use)
	closed = policy.Permit("https://example.org/ns#look")
	usage  = policy.Permit("https://example.org/ns#study")
)

func (b *box) publish(assets []catalog.Asset, offers ...catalog.Offer) {
	b.Helper()
	b.must(b.d().Publish(b.ctx, owner, catalog.Batch{Assets: assets, Offers: offers}))
}

func (b *box) asset(id string) catalog.Asset {
	b.Helper()
	a, err := b.d().Asset(b.ctx, owner, id)
	b.must(err)
	return a
}

func (b *box) offer(id string) catalog.Offer {
	b.Helper()
	o, err := b.d().Offer(b.ctx, owner, id)
	b.must(err)
	return o
}

func (b *box) absent(assetIDs, offerIDs []string) {
	b.Helper()
	for _, id := range assetIDs {
		if _, err := b.d().Asset(b.ctx, owner, id); !errors.Is(err, catalog.ErrNotFound) {
			b.Fatalf("asset %s: got %v, want ErrNotFound", id, err)
		}
	}
	for _, id := range offerIDs {
		if _, err := b.d().Offer(b.ctx, owner, id); !errors.Is(err, catalog.ErrNotFound) {
			b.Fatalf("offer %s: got %v, want ErrNotFound", id, err)
		}
	}
}

// pairs returns every pair of an asset and an offer, as pages show them to
// whom every access policy is open.
func (b *box) pairs() []string {
	b.Helper()
	access, err := b.d().AccessHashes(b.ctx, owner)
	b.must(err)
	return b.pairsUnder(access...)
}

func (b *box) pairsUnder(access ...string) (pairs []string) {
	b.Helper()
	rows, more, err := b.d().Datasets(b.ctx, owner, catalog.DatasetQuery{Access: access, Limit: 1000})
	b.must(err)
	b.equal("more", more, false)
	for _, r := range rows {
		for _, o := range r.Offers {
			pairs = append(pairs, r.Asset.ID+" "+o.ID)
		}
	}
	return pairs
}

var publishing = []contract{
	{"an asset is inserted, every field of it", func(b *box) {
		file := plain("b")
		file.Source = catalog.Source{Type: catalog.SourceFile, Path: "/data/日本.csv"}
		b.publish([]catalog.Asset{asset("a"), file})
		b.equal("asset", b.asset("a"), asset("a"))
		b.equal("another", b.asset("b"), file)
	}},
	{"an offer is inserted, every field of it", func(b *box) {
		counter := closed
		for _, s := range []catalog.Selector{all, named("a", "b"), labelled("kind", "x", "who's", `"me"`)} {
			o := offer("o", s)
			o.Access = closed
			o.Rules = []catalog.Rule{{Counterparty: "did:web:x", Do: catalog.Counter, Counter: &counter}, {Do: catalog.Refuse, Reason: "no"}}
			b.publish([]catalog.Asset{plain("a"), plain("b")}, o)
			b.equal("offer", b.offer("o"), o)
		}
	}},
	{"one whose id is stored is replaced, its Created kept", func(b *box) {
		b.publish([]catalog.Asset{asset("a")}, offer("o", all))
		a, o := plain("a", "new", "label"), offer("o", named("a"))
		a.Created, a.Updated, o.Created, o.Updated = at(7), at(8), at(7), at(8)
		o.Access, o.Usage = usage, open
		b.publish([]catalog.Asset{a}, o)
		a.Created, o.Created = at(1), t0
		b.equal("asset", b.asset("a"), a)
		b.equal("offer", b.offer("o"), o)
		rows, _, err := b.d().Datasets(b.ctx, owner, catalog.DatasetQuery{Access: []string{usage.Hash()}, Limit: 5})
		b.must(err)
		a.Labels = nil
		b.equal("rows", rows, []catalog.Row{{Asset: a, Offers: []catalog.RowOffer{{ID: "o", Assets: o.Assets, Usage: open.Hash()}}}})
	}},
	{"times come back to the microsecond, in UTC", func(b *box) {
		a := plain("a")
		a.Created = t0.Add(789).In(time.FixedZone("JST", 9*3600))
		b.publish([]catalog.Asset{a})
		if got := b.asset("a").Created; got != rule.Round(t0) {
			b.Fatal(got)
		}
	}},
	{"a policy is kept in canonical form", func(b *box) {
		p := policy.Policy{ID: "x", Target: "y", Permissions: []policy.Rule{{Action: "use"}, {Action: "https://example.org/ns#b"}}}
		o := offer("o", all)
		o.Usage = p
		b.publish(nil, o)
		got := b.offer("o").Usage
		b.equal("canonical", string(got.Canonical()), string(p.Canonical()))
		b.equal("frame", got.ID+got.Target, "")
	}},
	{"an offer that names an asset neither stored nor in the batch is refused whole", func(b *box) {
		b.publish([]catalog.Asset{plain("stored")}, offer("old", all))
		batch := catalog.Batch{
			Assets: []catalog.Asset{plain("fresh"), asset("stored")},
			Offers: []catalog.Offer{offer("good", named("fresh", "stored")), offer("bad", named("fresh", "gone")), offer("old", named("fresh"))},
		}
		var unknown *catalog.UnknownAssetError
		if err := b.d().Publish(b.ctx, owner, batch); !errors.As(err, &unknown) {
			b.Fatalf("got %v", err)
		}
		b.equal("the error", *unknown, catalog.UnknownAssetError{Offer: "bad", Asset: "gone"})
		b.absent([]string{"fresh"}, []string{"good", "bad"})
		b.equal("asset", b.asset("stored"), plain("stored"))
		b.equal("offer", b.offer("old"), offer("old", all))
		b.equal("pairs", b.pairs(), []string{"stored old"})
	}},
	{"the outcome does not depend on the order within a batch", func(b *box) {
		assets := []catalog.Asset{plain("b", "k", "v"), plain("a", "k", "v"), plain("c")}
		offers := []catalog.Offer{offer("3", named("c", "a")), offer("1", all), offer("2", labelled("k", "v"))}
		want := []string{"a 1", "a 2", "a 3", "b 1", "b 2", "c 1", "c 3"}
		b.publish(assets, offers...)
		b.equal("pairs", b.pairs(), want)
		b.withdraw([]string{"a", "b", "c"}, []string{"1", "2", "3"})
		slices.Reverse(assets)
		slices.Reverse(offers)
		b.publish(assets, offers...)
		b.equal("pairs", b.pairs(), want)
	}},
	{"pairs follow the selector, whichever of the two is written last", func(b *box) {
		b.publish(nil, offer("all", all), offer("two", labelled("k", "v", "l", "w")), offer("one", labelled("k", "v")))
		b.publish([]catalog.Asset{plain("a", "k", "v"), plain("b", "k", "v", "l", "w", "m", "x"), plain("c", "k", "w"), plain("d")})
		b.publish(nil, offer("named", named("a", "d")))
		want := []string{"a all", "a named", "a one", "b all", "b one", "b two", "c all", "d all", "d named"}
		b.equal("pairs", b.pairs(), want)

		b.publish([]catalog.Asset{plain("a", "l", "w"), plain("c", "k", "v", "l", "w")})
		b.equal("after assets", b.pairs(), []string{"a all", "a named", "b all", "b one", "b two", "c all", "c one", "c two", "d all", "d named"})

		b.publish(nil, offer("all", named("d")), offer("two", labelled("m", "x")))
		b.equal("after offers", b.pairs(), []string{"a named", "b one", "b two", "c one", "d all", "d named"})
	}},
	{"nothing is published by an empty batch", func(b *box) {
		b.publish(nil)
		b.equal("pairs", b.pairs(), []string(nil))
	}},
	{"what is given and returned is not shared", func(b *box) {
		a, o := asset("a"), offer("o", catalog.Selector{IDs: []string{"a"}})
		o.Rules = []catalog.Rule{{Do: catalog.Accept}}
		b.publish([]catalog.Asset{a}, o)
		for range 2 {
			a.Properties["dct:title"], a.Labels["kind"], a.Formats[0], a.Source.Headers["Accept"] = "x", "x", "x", "x"
			a.Properties["https://example.org/ns#list"].([]any)[0] = "x"
			o.Assets.IDs[0], o.Rules[0].Do = "x", "x"
			a, o = b.asset("a"), b.offer("o")
			b.equal("asset", a, asset("a"))
			b.equal("offer", o, catalog.Offer{ID: "o", Assets: named("a"), Access: open, Usage: usage, Rules: []catalog.Rule{{Do: catalog.Accept}}, Created: t0, Updated: t0})
		}
	}},
	{"an asset and an offer that are published at the same time find each other", func(b *box) {
		var want []string
		for _, a := range "abcdefgh" {
			for _, o := range "01234567" {
				want = append(want, string(a)+" "+string(o))
			}
		}
		b.domains(16, func(i int, d Domain) error {
			batch := catalog.Batch{Offers: []catalog.Offer{offer(string(rune('0'+i/2)), all)}}
			if i%2 == 0 {
				batch = catalog.Batch{Assets: []catalog.Asset{plain(string(rune('a' + i/2)))}}
			}
			return d.Publish(b.ctx, owner, batch)
		})
		b.equal("pairs", b.pairs(), want)
	}},
	{"a large batch is published", func(b *box) {
		var assets []catalog.Asset
		for i := range 1700 {
			assets = append(assets, plain(b.id("asset"), "half", string(rune('0'+i%2))))
		}
		b.publish(assets, offer("all", all), offer("half", labelled("half", "1")), offer("named", named(assets[1234].ID)))
		rows, _, err := b.d().Datasets(b.ctx, owner, catalog.DatasetQuery{Access: []string{open.Hash()}, Limit: 2000})
		b.must(err)
		b.equal("assets", len(rows), len(assets))
		pairs := 0
		for _, r := range rows {
			pairs += len(r.Offers)
		}
		b.equal("pairs", pairs, len(assets)*3/2+1)
	}},
}
