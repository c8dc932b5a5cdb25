// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

var issuerQueues = []contract{
	{"IssuerRequests pages, newest first, those of one moment by id, of all states or one", func(b *box) {
		for i, id := range []string{"c", "a", "d", "b", "e"} {
			r := issuance(id)
			r.Created, r.State = at(i/2), []string{issuer.Received, issuer.Approved}[i%2]
			b.issue(owner, r)
		}
		for _, c := range []struct {
			state, before string
			want          []string
		}{
			{"", "", []string{"e", "d", "b"}},
			{"", "b", []string{"c", "a"}},
			{issuer.Received, "", []string{"e", "d", "c"}},
			{issuer.Received, "b", []string{"c"}}, // the cursor is in another state by now
			{issuer.Approved, "", []string{"b", "a"}},
			{issuer.Lost, "", nil},
		} {
			list, err := b.t().IssuerRequests(b.ctx, owner, c.state, c.before, 3)
			b.must(err)
			var ids []string
			for _, r := range list {
				ids = append(ids, r.ID)
			}
			b.equal(c.state+" behind "+c.before, ids, c.want)
		}
		list, err := b.t().IssuerRequests(b.ctx, owner, "", "", 1)
		b.must(err)
		b.equal("all of it", list[0], b.issuance(owner, "e"))
	}},
	{"ClaimIssuerRequests returns what is due of any participant, longest ago first, and moves it on", func(b *box) {
		for i, id := range []string{"later", "b", "never", "a"} {
			r := issuance(id)
			r.NextTry = []time.Time{at(11), at(5), {}, at(3)}[i]
			b.issue([]string{owner, "other"}[i%2], r)
		}
		claim := func(seconds, limit int) (ids []string) {
			list, err := b.t().ClaimIssuerRequests(b.ctx, at(seconds), lease, limit)
			b.must(err)
			for _, o := range list {
				b.equal("moved on", o.Request.NextTry, at(seconds).Add(lease))
				b.equal("as it is kept", b.issuance(o.Context, o.Request.ID), o.Request)
				ids = append(ids, o.Context+" "+o.Request.ID)
			}
			return ids
		}
		b.equal("none allowed", claim(10, 0), []string(nil))
		b.equal("one", claim(10, 1), []string{"other a"})
		b.equal("the rest", claim(10, 9), []string{"other b"})
		b.equal("no more", claim(10, 9), []string(nil))
		b.equal("when the leases are over", slices.Sorted(slices.Values(claim(40, 9))), []string{"other a", "other b", owner + " later"})
	}},
	{"replicas claim each request once", func(b *box) {
		for i := range 30 {
			b.issue(owner, issuance(fmt.Sprint(i)))
		}
		var sum atomic.Int64
		b.replicas(8, func(_ int, s Trust) error {
			list, err := s.ClaimIssuerRequests(b.ctx, at(10), lease, 7)
			sum.Add(int64(len(list)))
			return err
		})
		rest, err := b.t().ClaimIssuerRequests(b.ctx, at(10), lease, 100)
		b.must(err)
		b.equal("claimed", sum.Load()+int64(len(rest)), int64(30))
	}},
}
