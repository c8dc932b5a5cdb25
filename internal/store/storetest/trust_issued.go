// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

var issuedCredentials = []contract{
	{"a request and what was issued by it are stored together", func(b *box) {
		one, two := issuedBy("r", "b", 1, 7), issuedBy("r", "a", 1, 3)
		b.issue(owner, issuance("r"), one, two)
		b.equal("one", b.issued(owner, "b"), keptIssued(one))
		list, err := b.t().CredentialsOfRequest(b.ctx, owner, "r")
		b.must(err)
		b.equal("of the request", list, []issuer.Credential{keptIssued(two), keptIssued(one)})
	}},
	{"a place that is taken, or an id, is ErrChanged, and nothing is written", func(b *box) {
		r := b.issue(owner, issuance("r"), issuedBy("r", "a", 1, 0))
		for what, list := range map[string][]issuer.Credential{
			"place":                {issuedBy("r", "b", 1, 1), issuedBy("r", "c", 1, 0)},
			"id":                   {issuedBy("r", "b", 1, 1), issuedBy("r", "a", 1, 2)},
			"place, both new":      {issuedBy("r", "b", 1, 1), issuedBy("r", "c", 1, 1)},
			"id, both new":         {issuedBy("r", "b", 1, 1), issuedBy("r", "b", 2, 2)},
			"place of the old one": {issuedBy("r", "b", 2, 0), issuedBy("r", "c", 1, 0)},
		} {
			_, err := b.t().SaveIssuerRequest(b.ctx, owner, r, list)
			b.is(what, err, issuer.ErrChanged)
		}
		b.equal("request", b.issuance(owner, "r"), r)
		b.listUse("taken", owner, 1, 1)
		b.issue(owner, r, issuedBy("r", "b", 1, 1), issuedBy("r", "c", 2, 0))
	}},
	{"ListUse counts what is taken of the newest list", func(b *box) {
		b.listUse("none", owner, 0, 0)
		r := b.issue(owner, issuance("r"), issuedBy("r", "a", 1, 0), issuedBy("r", "b", 1, 9))
		b.listUse("one list", owner, 1, 2)
		r = b.issue(owner, r, issuedBy("r", "c", 2, 5))
		b.listUse("two lists", owner, 2, 1)
		r = b.issue(owner, r, issuedBy("r", "d", 1, 1))
		b.listUse("an old list grows", owner, 2, 1)
		b.issue(owner, r)
		b.listUse("nothing issued", owner, 2, 1)
	}},
	{"replicas that issue at the same time never share a place", func(b *box) {
		var done, lost atomic.Int64
		b.replicas(24, func(i int, s Trust) error {
			id := fmt.Sprint("r", i)
			_, err := s.SaveIssuerRequest(b.ctx, owner, issuance(id), []issuer.Credential{issuedBy(id, id, 1, i%8), issuedBy(id, id+"x", 2, i%8)})
			if err == nil {
				done.Add(1)
			} else {
				b.is("lost", err, issuer.ErrChanged)
				lost.Add(1)
			}
			return nil
		})
		b.equal("issued and lost", [2]int64{done.Load(), lost.Load()}, [2]int64{8, 16})
		b.listUse("taken", owner, 2, 8)
		b.equal("places", b.marked(owner, 1, issuer.Active), []int{0, 1, 2, 3, 4, 5, 6, 7})
	}},
	{"Marked returns the places in a list whose credentials are in a state, in order", func(b *box) {
		b.issue(owner, issuance("r"), issuedBy("r", "a", 1, 100_000), issuedBy("r", "b", 1, 9), issuedBy("r", "c", 1, 10), issuedBy("r", "d", 2, 9))
		for _, id := range []string{"a", "b", "d"} {
			b.must(b.t().SetCredentialState(b.ctx, owner, id, issuer.Revoked, "", t0))
		}
		b.must(b.t().SetCredentialState(b.ctx, owner, "c", issuer.Suspended, "", t0))
		b.equal("revoked", b.marked(owner, 1, issuer.Revoked), []int{9, 100_000})
		b.equal("suspended", b.marked(owner, 1, issuer.Suspended), []int{10})
		b.equal("active", b.marked(owner, 1, issuer.Active), []int(nil))
		b.equal("in another list", b.marked(owner, 2, issuer.Revoked), []int{9})
		b.equal("in no list", b.marked(owner, 3, issuer.Revoked), []int(nil))
	}},
	{"SetCredentialState changes state, reason and time; a revoked one stays so", func(b *box) {
		c := issuedBy("r", "a", 1, 0)
		b.issue(owner, issuance("r"), c)
		for i, state := range []string{issuer.Suspended, issuer.Active, issuer.Active, issuer.Revoked} {
			b.must(b.t().SetCredentialState(b.ctx, owner, "a", state, fmt.Sprint("reason ", i), fine(20+i)))
			c.State, c.Reason, c.Changed = state, fmt.Sprint("reason ", i), fine(20+i)
			b.equal(fmt.Sprint("change ", i), b.issued(owner, "a"), keptIssued(c))
		}
		for _, state := range []string{issuer.Active, issuer.Suspended, issuer.Revoked} {
			b.is("to "+state, b.t().SetCredentialState(b.ctx, owner, "a", state, "", fine(30)), issuer.ErrChanged)
		}
		b.equal("still", b.issued(owner, "a"), keptIssued(c))
		b.is("none", b.t().SetCredentialState(b.ctx, owner, "b", issuer.Revoked, "", t0), issuer.ErrNotFound)
		b.notKept("state", b.t().SetCredentialState(b.ctx, owner, "a", "GONE", "", t0))
	}},
	{"IssuedCredentials pages, newest first, those of one moment by id, of all holders or one", func(b *box) {
		var list []issuer.Credential
		for i, id := range []string{"c", "a", "d", "b", "e"} {
			c := issuedBy("r", id, 1, i)
			c.Issued, c.Holder = at(i/2), []string{"h", "g"}[i%2]
			list = append(list, c)
		}
		b.issue(owner, issuance("r"), list...)
		for _, c := range []struct {
			holder, before string
			want           []string
		}{
			{"", "", []string{"e", "d", "b"}},
			{"", "b", []string{"c", "a"}},
			{"h", "", []string{"e", "d", "c"}},
			{"h", "d", []string{"c"}},
			{"g", "", []string{"b", "a"}},
			{"H", "", nil},
		} {
			page, err := b.t().IssuedCredentials(b.ctx, owner, c.holder, c.before, 3)
			b.must(err)
			var ids []string
			for _, c := range page {
				ids = append(ids, c.ID)
			}
			b.equal(c.holder+" behind "+c.before, ids, c.want)
		}
	}},
	{"an issued credential that says what cannot be is refused", func(b *box) {
		for what, wrong := range map[string]func(*issuer.Credential){
			"no id":              func(c *issuer.Credential) { c.ID = "" },
			"of another request": func(c *issuer.Credential) { c.Request = "other" },
			"no holder":          func(c *issuer.Credential) { c.Holder = "" },
			"no type":            func(c *issuer.Credential) { c.Type = "" },
			"no profile":         func(c *issuer.Credential) { c.Profile = "" },
			"nothing in it":      func(c *issuer.Credential) { c.Raw = "" },
			"in no list":         func(c *issuer.Credential) { c.List = 0 },
			"at no place":        func(c *issuer.Credential) { c.Index = -1 },
			"an unknown state":   func(c *issuer.Credential) { c.State = "HELD" },
			"a long type":        func(c *issuer.Credential) { c.Type = strings.Repeat("t", 200) },
		} {
			c := issuedBy("r", "a", 1, 0)
			wrong(&c)
			_, err := b.t().SaveIssuerRequest(b.ctx, owner, issuance("r"), []issuer.Credential{c})
			b.notKept(what, err)
		}
	}},
}
