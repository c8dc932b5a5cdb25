// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// identify gives a participant one of everything, under ids that all share.
func (b *box) identify(contextID string) {
	b.Helper()
	s := b.t()
	b.use(contextID, someone, "token")
	b.bind(contextID, someone, "number of "+contextID)
	request, credential, asked := heldRequest("request"), stored("held"), issuance("asked")
	request.Reason, credential.Raw, asked.Token = contextID, "raw of "+contextID, "token of "+contextID
	given := issuedBy("asked", "given", 1, 0)
	given.Raw = "given by " + contextID
	_, err := s.Deliver(b.ctx, contextID, request, []holder.Stored{credential})
	b.issue(contextID, asked, given)
	b.must(errors.Join(err,
		s.PutTrustList(b.ctx, contextID, authority, 1, "list of "+contextID),
		s.PutTrustDraft(b.ctx, contextID, dcp.TrustedIssuer{ID: someone, Types: []string{contextID}}),
		s.PutCredentialOffer(b.ctx, contextID, holder.Offer{ID: "offer", Issuer: someone, Document: []byte(contextID)}),
	))
}

// identified reads what identify wrote.
type identified struct {
	Bindings   map[string]trust.Identifier
	List       string
	Draft      []dcp.TrustedIssuer
	Requests   []holder.Request
	Wallet     []holder.Stored
	Offers     []holder.Offer
	Asked      []issuer.Request
	Given      []issuer.Credential
	OfRequest  []issuer.Credential
	Newest     int
	Taken      int
	Active     []int
	ByID       holder.Request
	Held       holder.Stored
	AskedByID  issuer.Request
	GivenByID  issuer.Credential
	TokenKnown bool
}

func (b *box) identified(contextID string) (c identified) {
	b.Helper()
	s := b.t()
	errs := make([]error, 14)
	c.Bindings, errs[0] = s.Bindings(b.ctx, contextID)
	_, c.List, errs[1] = s.TrustList(b.ctx, contextID, authority)
	c.Draft, errs[2] = s.TrustDraft(b.ctx, contextID)
	c.Requests, errs[3] = s.Requests(b.ctx, contextID, "", 10)
	c.Wallet, errs[4] = s.Credentials(b.ctx, contextID)
	c.Offers, errs[5] = s.CredentialOffers(b.ctx, contextID)
	c.Asked, errs[6] = s.IssuerRequests(b.ctx, contextID, "", "", 10)
	c.Given, errs[7] = s.IssuedCredentials(b.ctx, contextID, "", "", 10)
	c.OfRequest, errs[8] = s.CredentialsOfRequest(b.ctx, contextID, "asked")
	c.Newest, c.Taken, errs[9] = s.ListUse(b.ctx, contextID)
	c.Active, errs[10] = s.Marked(b.ctx, contextID, 1, issuer.Active)
	c.ByID, errs[11] = s.Request(b.ctx, contextID, "request")
	c.Held, errs[12] = s.Credential(b.ctx, contextID, "held")
	c.AskedByID, errs[13] = s.IssuerRequest(b.ctx, contextID, "asked")
	b.must(errors.Join(errs...))
	c.GivenByID, c.TokenKnown = b.issued(contextID, "given"), !b.use(contextID, someone, "token")
	return c
}

var trustContexts = []contract{
	{"participants may have the same ids for all they own", func(b *box) {
		for _, c := range []string{"one", "two", "Two"} {
			b.identify(c)
		}
		for _, c := range []string{"one", "two", "Two"} {
			got := b.identified(c)
			b.equal("rows of "+c, []int{
				len(got.Bindings), len(got.Draft), len(got.Requests), len(got.Wallet), len(got.Offers), len(got.Asked),
				len(got.Given), len(got.OfRequest), got.Newest, got.Taken, len(got.Active),
			}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
			b.equal("texts of "+c, []string{
				got.Bindings[someone].Value, got.List, got.Draft[0].Types[0], got.Requests[0].Reason, got.Wallet[0].Raw,
				string(got.Offers[0].Document), got.Asked[0].Token, got.Given[0].Raw, got.OfRequest[0].Raw, got.ByID.Reason,
				got.Held.Raw, got.AskedByID.Token, got.GivenByID.Raw,
			}, []string{
				"number of " + c, "list of " + c, c, c, "raw of " + c, c, "token of " + c, "given by " + c, "given by " + c, c,
				"raw of " + c, "token of " + c, "given by " + c,
			})
			b.equal("token of "+c, got.TokenKnown, true)
		}
	}},
	{"a change of one participant changes nothing of another", func(b *box) {
		b.identify("one")
		b.identify("two")
		was, s := b.identified("one"), b.t()
		two := b.identified("two")
		two.ByID.State, two.AskedByID.State, two.Held.State = holder.Failed, issuer.Lost, holder.Revoked
		_, err := s.SaveRequest(b.ctx, "two", two.ByID)
		b.issue("two", two.AskedByID, issuedBy("asked", "more", 1, 1), issuedBy("asked", "most", 2, 0))
		b.must(errors.Join(err,
			s.MarkCredential(b.ctx, "two", two.Held), s.DeleteCredential(b.ctx, "two", "held"),
			s.SetCredentialState(b.ctx, "two", "given", issuer.Revoked, "", t0),
			s.ReleaseToken(b.ctx, "two", someone, "token"), s.Unbind(b.ctx, "two", someone),
			s.PutTrustList(b.ctx, "two", authority, 2, "newer"), s.PutTrustDraft(b.ctx, "two", dcp.TrustedIssuer{ID: someone}),
		))
		for i := range 101 {
			b.must(s.PutCredentialOffer(b.ctx, "two", holder.Offer{ID: fmt.Sprint(i), Issuer: someone, Received: at(i)}))
		}
		b.equal("the other one", b.identified("one"), was)
	}},
	{"a participant that owns nothing has nothing, and changes nothing", func(b *box) {
		b.identify("one")
		was, s := b.identified("one"), b.t()
		for _, c := range []string{"on", "one ", "ONE", ""} {
			errs := make([]error, 9)
			_, _, errs[0] = s.TrustList(b.ctx, c, authority)
			_, errs[1] = s.Request(b.ctx, c, "request")
			_, errs[2] = s.Credential(b.ctx, c, "held")
			_, errs[3] = s.IssuerRequest(b.ctx, c, "asked")
			_, errs[4] = s.IssuedCredential(b.ctx, c, "given")
			errs[5] = s.Unbind(b.ctx, c, someone)
			errs[6] = s.DeleteCredential(b.ctx, c, "held")
			errs[7] = s.MarkCredential(b.ctx, c, was.Held)
			errs[8] = s.SetCredentialState(b.ctx, c, "given", issuer.Revoked, "", t0)
			for i, want := range []error{
				trustlist.ErrNone, holder.ErrNotFound, holder.ErrNotFound, issuer.ErrNotFound, issuer.ErrNotFound,
				trust.ErrUnknownPeer, holder.ErrNotFound, holder.ErrNotFound, issuer.ErrNotFound,
			} {
				b.is(fmt.Sprintf("%q, %d", c, i), errs[i], want)
			}
			b.must(s.ReleaseToken(b.ctx, c, someone, "token"))
			b.listUse("lists", c, 0, 0)
			b.equal("marks", b.marked(c, 1, issuer.Active), []int(nil))
			b.equal("rows", len(b.bound(c))+len(b.draft(c))+len(b.wallet(c))+len(b.offered(c)), 0)
		}
		b.equal("the one", b.identified("one"), was)
	}},
}

var trustSurvivals = []contract{
	{"everything kept is there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		b.identify("one")
		was := b.identified("one")
		b.Store = b.Restart()
		b.equal("content", b.identified("one"), was)
	}},
}
