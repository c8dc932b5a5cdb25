// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// fill gives a participant one of everything, under ids that all share.
func (b *box) fill(contextID string) {
	b.Helper()
	d := b.d()
	b.must(d.PutParticipant(b.ctx, trust.Participant{Context: contextID, ID: "of " + contextID}))
	b.must(d.PutPeer(b.ctx, contextID, trust.Peer{ID: "peer", Inbound: "in of " + contextID, Outbound: "out of " + contextID}))
	b.firstKey(contextID, trust.SealedKey{ID: "key", Use: "data", PEM: []byte("PEM of " + contextID)})
	a := agreement(contextID, "agreement")
	a.Target = contextID
	b.must(d.PutAgreement(b.ctx, a))
	thing := asset("asset")
	thing.Properties, thing.Labels = map[string]any{"dct:title": contextID}, map[string]string{"context": contextID}
	thing.Source.Headers["X-Key"] = "secret of " + contextID
	o := offer("offer", labelled("context", contextID))
	o.Rules = []catalog.Rule{{Counterparty: contextID, Do: catalog.Accept}}
	b.must(d.Publish(b.ctx, contextID, catalog.Batch{Assets: []catalog.Asset{thing}, Offers: []catalog.Offer{o}}))
}

// content reads what fill wrote.
type content struct {
	Participant trust.Participant
	Peers       []trust.Peer
	Current     trust.SealedKey
	ByID        trust.SealedKey
	Agreements  []negotiation.Agreement
	Assets      []catalog.Asset
	Offer       catalog.Rule
	Datasets    []catalog.Row
}

func (b *box) content(contextID string) (c content) {
	b.Helper()
	d, errs := b.d(), make([]error, 8)
	c.Participant, errs[0] = d.Participant(b.ctx, contextID)
	c.Peers, errs[1] = d.Peers(b.ctx, contextID)
	c.Current, errs[2] = d.CurrentKey(b.ctx, contextID, "data", t0)
	c.ByID, errs[3] = d.KeyByID(b.ctx, contextID, "key")
	c.Agreements, errs[4] = d.Agreements(b.ctx, contextID, negotiation.AgreementQuery{Limit: 10})
	c.Assets, errs[5] = d.Assets(b.ctx, contextID, "", 10)
	o, err := d.Offer(b.ctx, contextID, "offer")
	if errs[6] = err; err == nil {
		c.Offer = o.Rules[0]
	}
	c.Datasets, _, errs[7] = d.Datasets(b.ctx, contextID, query(10))
	b.must(errors.Join(errs...))
	return c
}

var contexts = []contract{
	{"participants may have the same ids for all they own", func(b *box) {
		for _, c := range []string{"one", "two", "Two"} {
			b.fill(c)
		}
		for _, c := range []string{"one", "two", "Two"} {
			got := b.content(c)
			b.equal("participant", got.Participant.ID, "of "+c)
			b.equal("peers", got.Peers, []trust.Peer{{ID: "peer", Inbound: "in of " + c, Outbound: "out of " + c}})
			b.equal("key", string(got.Current.PEM)+string(got.ByID.PEM), "PEM of "+c+"PEM of "+c)
			b.equal("agreements", len(got.Agreements), 1)
			b.equal("agreement", got.Agreements[0].Target, c)
			b.equal("assets", len(got.Assets), 1)
			b.equal("asset", got.Assets[0].Properties["dct:title"].(string)+got.Assets[0].Source.Headers["X-Key"], c+"secret of "+c)
			b.equal("offer", got.Offer.Counterparty, c)
			b.equal("datasets", len(got.Datasets), 1)
		}
	}},
	{"a change of one participant changes nothing of another", func(b *box) {
		b.fill("one")
		b.fill("two")
		was := b.content("one")
		d := b.d()
		b.must(d.DeletePeer(b.ctx, "two", "peer"))
		b.must(d.PutParticipant(b.ctx, trust.Participant{Context: "two", ID: "changed"}))
		b.must(d.Withdraw(b.ctx, "two", []string{"asset"}, []string{"offer"}))
		b.must(d.Publish(b.ctx, "two", catalog.Batch{Assets: []catalog.Asset{plain("asset")}, Offers: []catalog.Offer{offer("more", all)}}))
		b.equal("the other one", b.content("one"), was)
	}},
	{"a participant that owns nothing has nothing", func(b *box) {
		b.fill("one")
		d := b.d()
		for _, c := range []string{"on", "one ", "ONE", ""} {
			errs := make([]error, 6)
			_, errs[0] = d.Participant(b.ctx, c)
			_, errs[1] = d.Peer(b.ctx, c, "peer")
			_, errs[2] = d.KeyByID(b.ctx, c, "key")
			_, errs[3] = d.Agreement(b.ctx, c, "agreement")
			_, errs[4] = d.Asset(b.ctx, c, "asset")
			_, errs[5] = d.Policies(b.ctx, c, []string{open.Hash()})
			for i, want := range []error{
				trust.ErrUnknownParticipant, trust.ErrUnknownPeer, trust.ErrNoKey, negotiation.ErrNoAgreement, catalog.ErrNotFound, catalog.ErrNotFound,
			} {
				if !errors.Is(errs[i], want) {
					b.Fatalf("%q: got %v, want %v", c, errs[i], want)
				}
			}
			rows, more, err := d.Datasets(b.ctx, c, query(5))
			b.must(err)
			hashes, err := d.AccessHashes(b.ctx, c)
			b.must(err)
			b.equal("rows", len(rows)+len(hashes), 0)
			b.equal("more", more, false)
		}
	}},
	{"an offer does not find the assets of another participant", func(b *box) {
		b.must(b.d().Publish(b.ctx, "one", catalog.Batch{Assets: []catalog.Asset{plain("a", "k", "v")}}))
		b.must(b.d().Publish(b.ctx, "two", catalog.Batch{Offers: []catalog.Offer{offer("o", all), offer("p", labelled("k", "v"))}}))
		err := b.d().Publish(b.ctx, "two", catalog.Batch{Offers: []catalog.Offer{offer("q", named("a"))}})
		if _, ok := errors.AsType[*catalog.UnknownAssetError](err); !ok {
			b.Fatalf("named: %v", err)
		}
		for _, c := range []string{"one", "two"} {
			rows, _, err := b.d().Datasets(b.ctx, c, query(5))
			b.must(err)
			b.equal("rows of "+c, len(rows), 0)
		}
	}},
}

var survivals = []contract{
	{"everything kept is there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		b.fill("one")
		was := b.content("one")
		b.Store = b.Restart()
		b.equal("content", b.content("one"), was)
	}},
}
