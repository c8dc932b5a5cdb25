// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// stored is a credential with something in every field.
func stored(id string) holder.Stored {
	return holder.Stored{
		ID: id, Credential: "urn:credential:" + id, Issuer: "did:web:issuer.example",
		Types: []string{"VerifiableCredential", trust.MembershipCredential}, Profile: "vc20-bssl/jwt", Raw: "raw.of." + id,
		ValidFrom: fine(-50), ValidUntil: fine(5000), Request: "r", Received: fine(3), State: holder.Held, Checked: fine(4),
		Status:    []trust.StatusEntry{{ID: "i", Type: "BitstringStatusListEntry", Purpose: "revocation", List: "https://l", Index: 1 << 40}},
		NextCheck: fine(5), RenewAt: fine(6),
	}
}

func keptStored(s holder.Stored) holder.Stored {
	s.ValidFrom, s.ValidUntil, s.Received = rule.Round(s.ValidFrom), rule.Round(s.ValidUntil), rule.Round(s.Received)
	s.Checked, s.NextCheck, s.RenewAt = rule.Round(s.Checked), rule.Round(s.NextCheck), rule.Round(s.RenewAt)
	return s
}

// deliver stores credentials by a fresh request.
func (b *box) deliver(contextID string, list ...holder.Stored) {
	b.Helper()
	_, err := b.t().Deliver(b.ctx, contextID, heldRequest(b.id("request")), list)
	b.must(err)
}

func (b *box) wallet(contextID string) []holder.Stored {
	b.Helper()
	list, err := b.t().Credentials(b.ctx, contextID)
	b.must(err)
	return list
}

func walletIDs(list []holder.Stored) (ids []string) {
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

var wallets = []contract{
	{"Deliver stores credentials and their request", func(b *box) {
		r := b.save(heldRequest("r"))
		r.State = holder.Issued
		one, two := stored("1"), holder.Stored{ID: "2", Issuer: "did:web:i", Profile: "p", Raw: "x", State: holder.Expired, Received: t0}
		got, err := b.t().Deliver(b.ctx, owner, r, []holder.Stored{one, two})
		b.must(err)
		b.equal("request", got, kept(r, 2))
		b.equal("request kept", b.request(owner, "r"), kept(r, 2))
		b.equal("wallet", b.wallet(owner), []holder.Stored{keptStored(one), keptStored(two)})
		c, err := b.t().Credential(b.ctx, owner, "1")
		b.must(err)
		b.equal("one", c, keptStored(one))
	}},
	{"a request that was changed meanwhile delivers nothing", func(b *box) {
		r := b.save(heldRequest("r"))
		b.save(r)
		_, err := b.t().Deliver(b.ctx, owner, r, []holder.Stored{stored("1")})
		b.is("delivered", err, holder.ErrClosed)
		b.equal("wallet", b.wallet(owner), []holder.Stored(nil))
	}},
	{"a credential that cannot be stored leaves the request and the others as they were", func(b *box) {
		b.deliver(owner, stored("1"))
		r := b.save(heldRequest("r"))
		taken := stored("1")
		taken.Credential = "urn:other"
		_, err := b.t().Deliver(b.ctx, owner, r, []holder.Stored{stored("2"), taken})
		b.is("delivered", err, holder.ErrClosed)
		b.equal("wallet", b.wallet(owner), []holder.Stored{keptStored(stored("1"))})
		b.equal("request", b.request(owner, "r"), r)
	}},
	{"the same credential of an issuer, in a profile, is replaced and keeps its id", func(b *box) {
		b.deliver(owner, stored("1"))
		same := stored("2")
		same.Credential, same.Raw, same.Types, same.State, same.Received = "urn:credential:1", "new", []string{"T"}, holder.Suspended, at(9)
		b.deliver(owner, same)
		same.ID = "1"
		b.equal("replaced", b.wallet(owner), []holder.Stored{keptStored(same)})
		b.deliver(owner, same) // under the id that it has
		b.equal("again", b.wallet(owner), []holder.Stored{keptStored(same)})
		for i, change := range []func(*holder.Stored){
			func(s *holder.Stored) { s.Issuer = "did:web:other.example" },
			func(s *holder.Stored) { s.Profile = "vc11-sl2021/jwt" },
			func(s *holder.Stored) { s.Credential = "urn:credential:3" },
		} {
			other := same
			other.ID = fmt.Sprint("other", i)
			change(&other)
			b.deliver(owner, other)
		}
		b.equal("others", len(b.wallet(owner)), 4)
	}},
	{"credentials without an id of their own are all kept", func(b *box) {
		one, two := stored("1"), stored("2")
		one.Credential, two.Credential = "", ""
		b.deliver(owner, one, two)
		b.equal("wallet", len(b.wallet(owner)), 2)
	}},
	{"one delivery with the same credential twice keeps it once", func(b *box) {
		again := stored("2")
		again.Credential, again.Raw = "urn:credential:1", "last"
		b.deliver(owner, stored("1"), again)
		again.ID = "1"
		b.equal("wallet", b.wallet(owner), []holder.Stored{keptStored(again)})
	}},
	{"Credentials lists the newest first, those of one moment by id", func(b *box) {
		for i, id := range []string{"c", "a", "d", "b"} {
			s := stored(id)
			s.Received = at(i / 2)
			b.deliver(owner, s)
		}
		b.equal("wallet", walletIDs(b.wallet(owner)), []string{"d", "b", "c", "a"})
	}},
	{"ClaimCredentials returns what is to be checked, longest ago first, and moves it on", func(b *box) {
		for i, id := range []string{"later", "b", "never", "a"} {
			s := stored(id)
			s.NextCheck = []time.Time{at(11), at(5), {}, at(3)}[i]
			b.deliver([]string{owner, "other"}[i%2], s)
		}
		claim := func(seconds, limit int) []string {
			list, err := b.t().ClaimCredentials(b.ctx, at(seconds), lease, limit)
			b.must(err)
			for _, o := range list {
				b.equal("moved on", o.Row.NextCheck, at(seconds).Add(lease))
				c, err := b.t().Credential(b.ctx, o.Context, o.Row.ID)
				b.must(err)
				b.equal("as it is kept", c, o.Row)
			}
			return claimed(list, ourID)
		}
		b.equal("one", claim(10, 1), []string{"other a"})
		b.equal("the rest", claim(10, 9), []string{"other b"})
		b.equal("no more", claim(10, 9), []string(nil))
		b.equal("when the leases are over", slices.Sorted(slices.Values(claim(40, 9))), []string{"other a", "other b", owner + " later"})
	}},
	{"replicas claim each credential once", func(b *box) {
		var list []holder.Stored
		for i := range 30 {
			list = append(list, stored(fmt.Sprint(i)))
		}
		b.deliver(owner, list...)
		var sum atomic.Int64
		b.replicas(8, func(_ int, s Trust) error {
			list, err := s.ClaimCredentials(b.ctx, at(10), lease, 7)
			sum.Add(int64(len(list)))
			return err
		})
		rest, err := b.t().ClaimCredentials(b.ctx, at(10), lease, 100)
		b.must(err)
		b.equal("claimed", sum.Load()+int64(len(rest)), int64(30))
	}},
	{"MarkCredential writes what was found out, and nothing else", func(b *box) {
		want := stored("1")
		b.deliver(owner, want)
		want.State, want.Checked, want.NextCheck, want.RenewAt = holder.Revoked, fine(20), time.Time{}, fine(21)
		b.must(b.t().MarkCredential(b.ctx, owner, holder.Stored{ID: "1", Raw: "other", Issuer: "other", State: want.State, Checked: want.Checked, RenewAt: want.RenewAt}))
		b.equal("wallet", b.wallet(owner), []holder.Stored{keptStored(want)})
		b.is("none", b.t().MarkCredential(b.ctx, owner, stored("2")), holder.ErrNotFound)
		want.State = "LOST"
		b.notKept("state", b.t().MarkCredential(b.ctx, owner, want))
	}},
	{"DeleteCredential removes one; what is not there is ErrNotFound", func(b *box) {
		b.deliver(owner, stored("1"), stored("2"))
		b.must(b.t().DeleteCredential(b.ctx, owner, "1"))
		b.is("again", b.t().DeleteCredential(b.ctx, owner, "1"), holder.ErrNotFound)
		_, err := b.t().Credential(b.ctx, owner, "1")
		b.is("read", err, holder.ErrNotFound)
		b.equal("the other one", walletIDs(b.wallet(owner)), []string{"2"})
	}},
	{"a credential that says what cannot be is refused", func(b *box) {
		for what, wrong := range map[string]func(*holder.Stored){
			"no id":             func(s *holder.Stored) { s.ID = "" },
			"no issuer":         func(s *holder.Stored) { s.Issuer = "" },
			"no profile":        func(s *holder.Stored) { s.Profile = "" },
			"nothing in it":     func(s *holder.Stored) { s.Raw = "" },
			"an unknown state":  func(s *holder.Stored) { s.State = "" },
			"a long profile":    func(s *holder.Stored) { s.Profile = strings.Repeat("p", 200) },
			"a long id":         func(s *holder.Stored) { s.Credential = strings.Repeat("c", 1025) },
			"bytes in a type":   func(s *holder.Stored) { s.Types = []string{"\xff"} },
			"bytes in a status": func(s *holder.Stored) { s.Status = []trust.StatusEntry{{List: "\xff"}} },
		} {
			s := stored("1")
			wrong(&s)
			_, err := b.t().Deliver(b.ctx, owner, heldRequest("r"), []holder.Stored{s})
			b.notKept(what, err)
		}
	}},
	{"what is returned is the caller's", func(b *box) {
		b.deliver(owner, stored("1"))
		s := b.wallet(owner)[0]
		s.Types[0], s.Status[0].Type = "x", "x"
		b.equal("wallet", b.wallet(owner), []holder.Stored{keptStored(stored("1"))})
	}},
}

func (b *box) offered(contextID string) []holder.Offer {
	b.Helper()
	list, err := b.t().CredentialOffers(b.ctx, contextID)
	b.must(err)
	return list
}

var credentialOffers = []contract{
	{"an offer of the same issuer with the same id is replaced", func(b *box) {
		one := holder.Offer{ID: "1", Issuer: "did:web:a", Document: []byte(`[ {"id": 1} ]`), Received: t0}
		other := holder.Offer{ID: "1", Issuer: "did:web:b", Document: []byte(`[]`), Received: at(1)}
		b.must(b.t().PutCredentialOffer(b.ctx, owner, one))
		b.must(b.t().PutCredentialOffer(b.ctx, owner, other))
		b.equal("both", b.offered(owner), []holder.Offer{other, one})
		one.Document, one.Received = []byte(`[2]`), at(2)
		b.must(b.t().PutCredentialOffer(b.ctx, owner, one))
		b.equal("replaced", b.offered(owner), []holder.Offer{one, other})
		b.offered(owner)[0].Document[0] = 'x'
		b.equal("the caller's", b.offered(owner), []holder.Offer{one, other})
	}},
	{"only the newest 100 are kept", func(b *box) {
		var want []holder.Offer
		for i := range 105 {
			o := holder.Offer{ID: fmt.Sprint("o", i), Issuer: "did:web:a", Document: []byte(`[]`), Received: at(i)}
			b.must(b.t().PutCredentialOffer(b.ctx, owner, o))
			want = append(want, o)
		}
		slices.Reverse(want)
		b.equal("kept", b.offered(owner), want[:100])
		b.must(b.t().PutCredentialOffer(b.ctx, owner, holder.Offer{ID: "old", Issuer: "did:web:a", Received: at(-1)}))
		b.equal("after an older one", b.offered(owner), want[:100])
	}},
	{"an offer without an id or an issuer is refused", func(b *box) {
		b.notKept("id", b.t().PutCredentialOffer(b.ctx, owner, holder.Offer{Issuer: "i"}))
		b.notKept("issuer", b.t().PutCredentialOffer(b.ctx, owner, holder.Offer{ID: "i"}))
		b.notKept("participant", b.t().PutCredentialOffer(b.ctx, "", holder.Offer{ID: "i", Issuer: "i"}))
	}},
}
