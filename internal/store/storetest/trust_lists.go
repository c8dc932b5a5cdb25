// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

func identifier(value string) trust.Identifier {
	return trust.Identifier{Scheme: trust.CorporateNumber, Value: value}
}

func (b *box) bind(contextID, participant, value string) trust.Identifier {
	b.Helper()
	i, err := b.t().Bind(b.ctx, contextID, participant, identifier(value), t0)
	b.must(err)
	return i
}

func (b *box) bound(contextID string) map[string]trust.Identifier {
	b.Helper()
	found, err := b.t().Bindings(b.ctx, contextID)
	b.must(err)
	return found
}

var bindings = []contract{
	{"the first identifier of a counterparty stays", func(b *box) {
		b.equal("first", b.bind(owner, someone, "1"), identifier("1"))
		b.equal("same", b.bind(owner, someone, "1"), identifier("1"))
		b.equal("second", b.bind(owner, someone, "2"), identifier("1"))
		b.equal("another's", b.bind(owner, "did:web:other.example", "1"), identifier("1"))
		b.equal("all", b.bound(owner), map[string]trust.Identifier{someone: identifier("1"), "did:web:other.example": identifier("1")})
	}},
	{"Unbind removes one, and is ErrUnknownPeer where there is none", func(b *box) {
		b.bind(owner, someone, "1")
		b.bind(owner, "did:web:other.example", "3")
		b.must(b.t().Unbind(b.ctx, owner, someone))
		b.is("again", b.t().Unbind(b.ctx, owner, someone), trust.ErrUnknownPeer)
		b.is("nobody's", b.t().Unbind(b.ctx, "other", someone), trust.ErrUnknownPeer)
		b.equal("after", b.bind(owner, someone, "2"), identifier("2"))
		b.equal("the other one", b.bind(owner, "did:web:other.example", "4"), identifier("3"))
	}},
	{"replicas that bind at the same time agree", func(b *box) {
		var one atomic.Pointer[trust.Identifier]
		b.replicas(16, func(i int, s Trust) error {
			got, err := s.Bind(b.ctx, owner, someone, identifier(fmt.Sprint(i)), t0)
			if err == nil && !one.CompareAndSwap(nil, &got) && *one.Load() != got {
				err = fmt.Errorf("two: %v and %v", got, *one.Load())
			}
			return err
		})
		b.equal("kept", b.bound(owner), map[string]trust.Identifier{someone: *one.Load()})
	}},
	{"a binding of nobody, to nothing, or too long for an index is refused", func(b *box) {
		for _, wrong := range []struct {
			context, participant string
			identifier           trust.Identifier
		}{
			{"", someone, identifier("1")},
			{owner, "", identifier("1")},
			{owner, someone, identifier("")},
			{owner, someone, trust.Identifier{Value: "1"}},
			{owner, strings.Repeat("x", 1025), identifier("1")},
			{owner, someone, identifier("\xff")},
		} {
			_, err := b.t().Bind(b.ctx, wrong.context, wrong.participant, wrong.identifier, t0)
			b.notKept(fmt.Sprint(wrong), err)
		}
	}},
	{"what is returned is the caller's", func(b *box) {
		b.bind(owner, someone, "1")
		clear(b.bound(owner))
		b.equal("kept", len(b.bound(owner)), 1)
	}},
}

const authority = "did:web:authority.example"

func (b *box) putList(sequence int64, raw string) error {
	return b.t().PutTrustList(b.ctx, owner, authority, sequence, raw)
}

// list checks the list that is kept.
func (b *box) listIs(what, contextID, who string, sequence int64, raw string) {
	b.Helper()
	n, text, err := b.t().TrustList(b.ctx, contextID, who)
	b.must(err)
	b.equal(what, fmt.Sprint(n, text), fmt.Sprint(sequence, raw))
}

func (b *box) draft(contextID string) []dcp.TrustedIssuer {
	b.Helper()
	list, err := b.t().TrustDraft(b.ctx, contextID)
	b.must(err)
	return list
}

var trustLists = []contract{
	{"the list with the highest sequence is kept, and an older or another one is ErrRollback", func(b *box) {
		_, _, err := b.t().TrustList(b.ctx, owner, authority)
		b.is("none", err, trustlist.ErrNone)
		b.must(b.putList(5, "five"))
		b.must(b.putList(5, "five"))
		b.is("same sequence", b.putList(5, "fünf"), trustlist.ErrRollback)
		b.is("older", b.putList(4, "four"), trustlist.ErrRollback)
		b.is("older, same text", b.putList(4, "five"), trustlist.ErrRollback)
		b.listIs("kept", owner, authority, 5, "five")
		b.must(b.putList(9, "neun"))
		b.listIs("newer", owner, authority, 9, "neun")
		b.is("the one before", b.putList(5, "five"), trustlist.ErrRollback)
	}},
	{"each authority has its list", func(b *box) {
		b.must(b.putList(5, "five"))
		b.must(b.t().PutTrustList(b.ctx, owner, "did:web:b.example", 1, "one"))
		b.listIs("first", owner, authority, 5, "five")
		b.listIs("second", owner, "did:web:b.example", 1, "one")
	}},
	{"replicas that take lists at the same time keep the newest", func(b *box) {
		var kept atomic.Int64
		b.replicas(24, func(i int, s Trust) error {
			err := s.PutTrustList(b.ctx, owner, authority, int64(i+1), fmt.Sprint("list ", i+1))
			if err == nil {
				kept.Add(1)
			}
			if n, _, _ := s.TrustList(b.ctx, owner, authority); n < int64(i+1) {
				return fmt.Errorf("after %d there is %d", i+1, n)
			}
			return nil
		})
		b.listIs("kept", owner, authority, 24, "list 24")
		if kept.Load() == 0 {
			b.Error("none was taken")
		}
	}},
	{"a list without an authority, a sequence or a text is refused", func(b *box) {
		b.notKept("authority", b.t().PutTrustList(b.ctx, owner, "", 1, "x"))
		b.notKept("context", b.t().PutTrustList(b.ctx, "", authority, 1, "x"))
		b.notKept("sequence", b.putList(0, "x"))
		b.notKept("text", b.putList(1, ""))
	}},
	{"a draft holds issuers in order of their ids, and one without types is removed", func(b *box) {
		b.equal("none", b.draft(owner), []dcp.TrustedIssuer(nil))
		one := dcp.TrustedIssuer{ID: "did:web:b.example", Types: []string{"*"}, Conformance: trust.Lenient}
		two := dcp.TrustedIssuer{ID: "did:web:a.example", Types: []string{trust.MembershipCredential, "X \"quoted\""}}
		b.must(b.t().PutTrustDraft(b.ctx, owner, one))
		b.must(b.t().PutTrustDraft(b.ctx, owner, two))
		b.equal("two", b.draft(owner), []dcp.TrustedIssuer{two, one})
		one.Types, one.Conformance = []string{"Other"}, trust.Strict
		b.must(b.t().PutTrustDraft(b.ctx, owner, one))
		b.equal("replaced", b.draft(owner), []dcp.TrustedIssuer{two, one})
		b.must(b.t().PutTrustDraft(b.ctx, owner, dcp.TrustedIssuer{ID: two.ID}))
		b.must(b.t().PutTrustDraft(b.ctx, owner, dcp.TrustedIssuer{ID: "did:web:none.example"}))
		b.equal("removed", b.draft(owner), []dcp.TrustedIssuer{one})
	}},
	{"an issuer without an id, of an empty type or of an unknown conformance is refused", func(b *box) {
		for _, wrong := range []dcp.TrustedIssuer{
			{Types: []string{"*"}}, {ID: "x", Types: []string{""}}, {ID: "x", Types: []string{"\xff"}}, {ID: "x", Types: []string{"*"}, Conformance: "lax"},
		} {
			b.notKept(fmt.Sprint(wrong), b.t().PutTrustDraft(b.ctx, owner, wrong))
		}
	}},
}
