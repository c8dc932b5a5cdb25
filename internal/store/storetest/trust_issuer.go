// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// issuance is a request to an issuer with something in every field.
func issuance(id string) issuer.Request {
	return issuer.Request{
		ID: id, Holder: "did:web:holder.example", HolderPID: "their pid", Credentials: []string{"a", "b"}, Token: "token of " + id,
		State: issuer.Received, Evidence: json.RawMessage(`{ "bytes":  "stay" }`), Reason: "理由", Decided: "rule",
		Claims: map[string]json.RawMessage{
			trust.MembershipCredential: json.RawMessage(`{ "n":  1.0, "s": "<\u00e9>" }`), "Empty": json.RawMessage(`{}`),
		},
		Created: fine(0), Updated: fine(1), Delivered: fine(2), NextTry: fine(3), Tries: 4, Deadline: fine(500), LastError: "x",
	}
}

func keptIssuance(r issuer.Request, version int64) issuer.Request {
	r.Version = version
	r.Created, r.Updated, r.Delivered = rule.Round(r.Created), rule.Round(r.Updated), rule.Round(r.Delivered)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r
}

// issuedBy is a credential with something in every field.
func issuedBy(request, id string, list, place int) issuer.Credential {
	return issuer.Credential{
		ID: id, Request: request, Holder: "did:web:holder.example", Type: trust.MembershipCredential, Profile: "vc20-bssl/jwt",
		Raw: "raw.of." + id, Issued: fine(10), ValidUntil: fine(900), List: list, Index: place, State: issuer.Active, Reason: "理由",
		Changed: fine(11),
	}
}

func keptIssued(c issuer.Credential) issuer.Credential {
	c.Issued, c.ValidUntil, c.Changed = rule.Round(c.Issued), rule.Round(c.ValidUntil), rule.Round(c.Changed)
	return c
}

func (b *box) issue(contextID string, r issuer.Request, list ...issuer.Credential) issuer.Request {
	b.Helper()
	r, err := b.t().SaveIssuerRequest(b.ctx, contextID, r, list)
	b.must(err)
	return r
}

func (b *box) issuance(contextID, id string) issuer.Request {
	b.Helper()
	r, err := b.t().IssuerRequest(b.ctx, contextID, id)
	b.must(err)
	return r
}

func (b *box) issued(contextID, id string) issuer.Credential {
	b.Helper()
	c, err := b.t().IssuedCredential(b.ctx, contextID, id)
	b.must(err)
	return c
}

// listUse checks the newest status list.
func (b *box) listUse(what, contextID string, list, taken int) {
	b.Helper()
	n, used, err := b.t().ListUse(b.ctx, contextID)
	b.must(err)
	b.equal(what, [2]int{n, used}, [2]int{list, taken})
}

func (b *box) marked(contextID string, list int, state string) []int {
	b.Helper()
	places, err := b.t().Marked(b.ctx, contextID, list, state)
	b.must(err)
	return places
}

var issuerRequests = []contract{
	{"SaveIssuerRequest inserts a request, replaces all of it, and counts the version up", func(b *box) {
		r := issuance("r")
		b.equal("inserted", b.issue(owner, r), keptIssuance(r, 1))
		b.equal("read", b.issuance(owner, "r"), keptIssuance(r, 1))
		r = issuer.Request{ID: "r", Holder: "did:web:h", HolderPID: "p", State: issuer.Rejected, Version: 1}
		b.equal("replaced", b.issue(owner, r), keptIssuance(r, 2))
		b.equal("read again", b.issuance(owner, "r"), keptIssuance(r, 2))
	}},
	{"a request that was changed meanwhile is ErrChanged, and nothing is written", func(b *box) {
		b.issue(owner, issuance("r"))
		r := b.issue(owner, b.issuance(owner, "r"))
		for _, version := range []int64{0, 1, 3} {
			stale := issuance("r")
			stale.Version, stale.State = version, issuer.Lost
			_, err := b.t().SaveIssuerRequest(b.ctx, owner, stale, []issuer.Credential{issuedBy("r", "c", 1, 0)})
			b.is(fmt.Sprint("version ", version), err, issuer.ErrChanged)
		}
		gone := issuance("none")
		gone.Version = 1
		_, err := b.t().SaveIssuerRequest(b.ctx, owner, gone, nil)
		b.is("none", err, issuer.ErrChanged)
		b.equal("kept", b.issuance(owner, "r"), r)
		b.listUse("lists", owner, 0, 0)
	}},
	{"of writers at the same time exactly one is the first", func(b *box) {
		r := b.issue(owner, issuance("r"))
		one := b.race(issuer.ErrChanged)
		b.replicas(12, func(i int, s Trust) error {
			_, err := s.SaveIssuerRequest(b.ctx, owner, r, []issuer.Credential{issuedBy("r", fmt.Sprint("c", i), 1, i)})
			return one.came(i, err)
		})
		one.end()
		b.listUse("issued", owner, 1, 1)
	}},
	{"what a holder asks for twice at the same time is opened once, until it is answered", func(b *box) {
		waiting := func(id string) issuer.Request {
			return issuer.Request{ID: id, Holder: "did:web:h", HolderPID: "p", Credentials: []string{"a", "b"}, State: issuer.Received}
		}
		one := b.race(issuer.ErrChanged)
		b.replicas(12, func(i int, s Trust) error {
			_, err := s.SaveIssuerRequest(b.ctx, owner, waiting(fmt.Sprint("r", i)), nil)
			return one.came(i, err)
		})
		one.end()
		list, err := b.t().IssuerRequests(b.ctx, owner, "", "", 20)
		b.must(err)
		b.equal("opened", len(list), 1)
		for name, change := range map[string]func(*issuer.Request){
			"another holder": func(r *issuer.Request) { r.Holder = "did:web:other" },
			"another id":     func(r *issuer.Request) { r.HolderPID = "q" },
			"less":           func(r *issuer.Request) { r.Credentials = []string{"a"} },
			"not asked yet":  func(r *issuer.Request) { r.HolderPID, r.State = "-", issuer.Approved },
			"prepared twice": func(r *issuer.Request) { r.HolderPID, r.State = "-", issuer.Approved },
			"answered":       func(r *issuer.Request) { r.State = issuer.Rejected },
			"delivered":      func(r *issuer.Request) { r.State, r.Delivered = issuer.Issued, at(9) },
		} {
			r := waiting(name)
			change(&r)
			b.issue(owner, r)
		}
		turned := waiting("turned")
		turned.Credentials = []string{"b", "a"}
		_, err = b.t().SaveIssuerRequest(b.ctx, owner, turned, nil)
		b.is("in another order", err, issuer.ErrChanged)
		late := b.issuance(owner, "less")
		late.Credentials = []string{"b", "a"}
		_, err = b.t().SaveIssuerRequest(b.ctx, owner, late, nil)
		b.is("changed into it", err, issuer.ErrChanged)
		list[0].State = issuer.Rejected
		b.issue(owner, list[0])
		b.issue(owner, turned)
	}},
	{"what is not stored is ErrNotFound", func(b *box) {
		_, err := b.t().IssuerRequest(b.ctx, owner, "none")
		b.is("request", err, issuer.ErrNotFound)
		_, err = b.t().IssuerRequests(b.ctx, owner, "", "none", 5)
		b.is("cursor of requests", err, issuer.ErrNotFound)
		_, err = b.t().IssuedCredential(b.ctx, owner, "none")
		b.is("credential", err, issuer.ErrNotFound)
		_, err = b.t().IssuedCredentials(b.ctx, owner, "", "none", 5)
		b.is("cursor of credentials", err, issuer.ErrNotFound)
		list, err := b.t().CredentialsOfRequest(b.ctx, owner, "none")
		b.must(err)
		b.equal("of a request", len(list), 0)
	}},
	{"a request that says what cannot be is refused", func(b *box) {
		for what, wrong := range map[string]func(*issuer.Request){
			"no id":             func(r *issuer.Request) { r.ID = "" },
			"no holder":         func(r *issuer.Request) { r.Holder = "" },
			"no pid":            func(r *issuer.Request) { r.HolderPID = "" },
			"an unknown state":  func(r *issuer.Request) { r.State = "NEW" },
			"tries below none":  func(r *issuer.Request) { r.Tries = -1 },
			"evidence, no JSON": func(r *issuer.Request) { r.Evidence = json.RawMessage(`{`) },
			"claims, no JSON":   func(r *issuer.Request) { r.Claims = map[string]json.RawMessage{"x": json.RawMessage(`{`)} },
			"a token, no text":  func(r *issuer.Request) { r.Token = "\xff" },
		} {
			r := issuance("r")
			wrong(&r)
			_, err := b.t().SaveIssuerRequest(b.ctx, owner, r, nil)
			b.notKept(what, err)
		}
	}},
	{"what is returned is the caller's", func(b *box) {
		r := b.issue(owner, issuance("r"))
		got := b.issuance(owner, "r")
		got.Credentials[0], got.Evidence[0], got.Claims["Empty"][0] = "x", 'x', 'x'
		b.equal("kept", b.issuance(owner, "r"), r)
	}},
}
