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

// asset returns one with every field set.
func asset(id string) catalog.Asset {
	return catalog.Asset{
		ID: id,
		Properties: map[string]any{
			"dct:title":                   "Title of " + id + " <&> 日本",
			"https://example.org/ns#list": []any{"b", 1.5, true, map[string]any{"@value": "x", "@language": "en"}},
			"https://example.org/ns#size": 1e21,
		},
		Labels:  map[string]string{"kind": "battery", "who's": `"me"`},
		Formats: []string{"HttpData-PULL", "https://example.org/push"},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: "https://source.example/" + id, Headers: map[string]string{"X-Key": "secret of " + id, "Accept": "*/*"}, Passage: catalog.Passage{
			Paths: []catalog.PathRule{{Path: "/orders/**", Methods: []string{"GET", "POST"}}}, Query: []string{"日"}, Renew: true,
			Response: catalog.HeaderRules{Pass: []string{"X-Total"}, Set: map[string]string{"X-Of": id}},
		}},
		Created: at(1), Updated: at(2),
	}
}

// plain returns one that has little more than its id.
func plain(id string, labels ...string) catalog.Asset {
	a := catalog.Asset{ID: id, Formats: []string{catalog.DefaultFormat}, Created: t0, Updated: t0}
	for i := 0; i < len(labels); i += 2 {
		if a.Labels == nil {
			a.Labels = map[string]string{}
		}
		a.Labels[labels[i]] = labels[i+1]
	}
	return a
}

func offer(id string, s catalog.Selector) catalog.Offer {
	return catalog.Offer{ID: id, Assets: s, Access: open, Usage: usage, Created: t0, Updated: t0}
}

func named(ids ...string) catalog.Selector { return catalog.Selector{IDs: ids} }

var all = catalog.Selector{All: true}

func labelled(pairs ...string) catalog.Selector {
	return catalog.Selector{Labels: plain("", pairs...).Labels}
}

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

func (b *box) withdraw(assetIDs, offerIDs []string) {
	b.Helper()
	b.must(b.d().Withdraw(b.ctx, owner, assetIDs, offerIDs))
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

func sorted(texts ...string) []string { return slices.Sorted(slices.Values(texts)) }
