// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

var lawTime = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

// lawPolicies are the terms of the matrix: by what is proved, recorded,
// declared, counted and by the clock.
func lawPolicies() (access, usage []policy.Policy) {
	japan, america := policy.RegisteredIn("JP"), policy.RegisteredIn("US")
	before, after := lawTime.Add(-time.Hour), lawTime.Add(time.Hour)
	access = []policy.Policy{
		policy.Permit("use"),
		policy.Permit("use", policy.ActiveMember()),
		policy.Permit("use", policy.DirectCustomer()),
		policy.Permit("use", japan),
		policy.Permit("use", policy.CorporateNumber("9900000000018")),
		policy.Permit("use", policy.AnyOf(policy.ActiveMember(), policy.DirectCustomer())),
		policy.Permit("use", policy.OneOf(policy.ActiveMember(), policy.DirectCustomer())),
		policy.Permit("use", policy.AllOf(policy.ActiveMember(), japan)),
		policy.Permit("use", policy.Until(before)),
		policy.Permit("use", policy.Since(before), policy.Until(after)),
		policy.Permit("use").Forbid("use", america),
		policy.Permit("use", policy.DirectCustomer()).Permit("use", japan),
	}
	usage = []policy.Policy{
		policy.Permit("use"),
		policy.Permit("use", policy.ForPurpose(policy.PurposeCFPAggregation)),
		policy.Permit("use", policy.AtMost("P1Y")),
		policy.Permit("use", policy.Until(before)),
		policy.Permit("use", policy.Times(1)),
		policy.Permit("use", policy.Times(2), policy.ActiveMember()),
		policy.Permit("use", policy.Volume(1000)),
		policy.Permit("use", policy.ActiveMember(), policy.ForPurpose(policy.PurposeCFPAggregation)),
		policy.Permit("use", policy.DirectCustomer()),
		policy.Permit("use").Forbid("use", policy.ActiveMember()),
		policy.Permit("use", policy.Atomic{Left: policy.LeftInForceDate, Operator: policy.Lt, Right: policy.Text("contractAgreement+P1D")}),
		policy.Permit("use").Forbid("use", america).Forbid("distribute").DeleteAfterUse(),
	}
	return access, usage
}

// lawClaims are counterparties by what they can prove, half of them customers.
func lawClaims() (all []trust.Claims, customers []string) {
	credential := func(id, kind, subject string, from, until time.Time) trust.Credential {
		return trust.Credential{ID: id, Issuer: "did:web:authority.example", Types: []string{kind}, ValidFrom: from, ValidUntil: until, Subject: json.RawMessage(subject)}
	}
	year := 365 * 24 * time.Hour
	for member, span := range map[string][2]time.Duration{"none": {}, "good": {-year, year}, "expired": {-year, -time.Second}, "early": {time.Hour, year}} {
		for _, country := range []string{"", "JP", "US"} {
			for _, customer := range []bool{false, true} {
				who := fmt.Sprintf("urn:example:%s-%s-%t", member, country, customer)
				c := trust.Claims{Participant: who, Profile: preshared, Proved: lawTime}
				if member != "none" {
					c.Credentials = append(c.Credentials, credential(who+":m", trust.MembershipCredential, `{"id":"`+who+`","dataspace":"x","membershipNumber":"1"}`, lawTime.Add(span[0]), lawTime.Add(span[1])))
				}
				if country != "" {
					c.Credentials = append(c.Credentials, credential(who+":c", trust.CorporateIdentityCredential,
						`{"id":"`+who+`","country":"`+country+`","identifier":[{"scheme":"iso6523:0188","value":"`+map[string]string{"JP": "9900000000018", "US": "9900000000026"}[country]+`","verifiedBy":"nta-register","primary":true}]}`, lawTime.Add(-year), lawTime.Add(year)))
				}
				if customer {
					customers = append(customers, who)
				}
				all = append(all, c)
			}
		}
	}
	slices.SortFunc(all, func(a, b trust.Claims) int { return compareText(a.Participant, b.Participant) })
	return all, customers
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// law is a connector that does not run, and what came out.
type law struct {
	*testing.T
	c      *Connector
	access []policy.Policy
	usage  []policy.Policy
	counts map[string]int
	seen   map[string]bool // of each policy
	cases  int
	// explains are the cases of which the whole explanation was asked for.
	explains int
}

const lawContext = "supplier"

func newLaw(t *testing.T) *law {
	t.Helper()
	l := &law{T: t, c: lawConnector(t, "memory:"), counts: map[string]int{}, seen: map[string]bool{}}
	l.access, l.usage = lawPolicies()
	return l
}

// lawConnector has a provider that is known to nobody, and does not run.
func lawConnector(t testing.TB, store string) *Connector {
	t.Helper()
	cfg := Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "-", "-"
	cfg.Participants = []ParticipantConfig{{Context: lawContext, ID: "urn:example:supplier", Profile: preshared, PublicURL: "http://localhost:8080/supplier"}}
	c, err := New(cfg, WithClock(func() time.Time { return lawTime }))
	if err == nil {
		err = c.seed(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return c
}

func lawID(kind string, a, u int) string { return fmt.Sprintf("urn:example:%s:%02d-%02d", kind, a, u) }

// publish offers each pair of policies, every third dataset twice.
func (l *law) publish() {
	l.Helper()
	var assets []catalog.Asset
	var offers []catalog.Offer
	offer := func(kind string, a, u, access int) {
		offers = append(offers, catalog.Offer{ID: lawID(kind, a, u), Assets: catalog.Selector{IDs: []string{lawID("data", a, u)}}, Access: l.access[access], Usage: l.usage[u]})
	}
	for a := range l.access {
		for u := range l.usage {
			assets = append(assets, catalog.Asset{ID: lawID("data", a, u), Properties: map[string]any{"dct:title": "x"}})
			offer("offer", a, u, a)
			if (a+u)%3 == 0 {
				offer("second", a, u, (a+5)%len(l.access))
			}
		}
	}
	if _, err := l.c.catalog.Publish(l.Context(), lawContext, assets, offers); err != nil {
		l.Fatal(err)
	}
}

// note counts an outcome, and says where two ways to it differ.
func (l *law) note(what string, does bool, says ...bool) {
	l.Helper()
	l.counts[what+" "+strconv.FormatBool(does)]++
	for _, s := range says {
		if s != does {
			l.Errorf("%s: the point says %t, the others %v", what, does, says)
		}
	}
}

// TestLawOfPoints: for every offer and counterparty, all ways to the same
// answer give the same: the catalogue as a list and one by one, what can be
// negotiated, the explanations, and what transfers do at their start and while
// they run.
func TestLawOfPoints(t *testing.T) {
	t.Parallel()
	l := newLaw(t)
	l.publish()
	all, customers := lawClaims()
	for _, who := range customers {
		if err := l.c.store.PutRelation(t.Context(), lawContext, trust.Relation{Party: who, Kind: policy.DirectSupply, Since: lawTime}); err != nil {
			t.Fatal(err)
		}
	}
	least := 10_000
	if testing.Short() { // a third of the counterparties, each kind among them
		least = 3000
		all = slices.DeleteFunc(all, func(c trust.Claims) bool { return len(c.Participant)%3 != 0 })
	}
	for _, claims := range all {
		listed := l.list(claims)
		for a := range l.access {
			for u := range l.usage {
				l.dataset(claims, a, u, listed)
			}
		}
		if t.Failed() {
			t.Fatalf("it began with %s", claims.Participant)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.counts)) {
		t.Logf("%-40s %6d", name, l.counts[name])
	}
	// All but those that are the same for everybody come out either way: three
	// of access; at the negotiation two of usage that permit to nobody. The rest
	// is denied at least to whose credential has expired.
	if want := 2*len(l.access) - 3 + 2*len(l.usage) - 2; len(l.seen) != want {
		t.Errorf("the policies have %d outcomes, want %d: %v", len(l.seen), want, slices.Sorted(maps.Keys(l.seen)))
	}
	if l.explains < l.cases/4 || !testing.Short() && l.explains != l.cases {
		t.Errorf("%d of %d cases were explained", l.explains, l.cases)
	}
	if l.cases < least || len(l.counts) != 2*5 {
		t.Errorf("%d cases with %d outcomes, want %d and every outcome of five points", l.cases, len(l.counts), least)
	}
}

// list is the catalogue as a counterparty gets it: the offers of each dataset.
func (l *law) list(claims trust.Claims) map[string][]string {
	l.Helper()
	shown := map[string][]string{}
	for token := ""; ; {
		page, err := l.c.catalog.Request(l.Context(), lawContext, claims, []byte(`{"@context":["`+wire.ContextURL+`"],"@type":"CatalogRequestMessage"}`), token)
		if err != nil {
			l.Fatal(err)
		}
		got, err := wire.DecodeAs[*wire.Catalog](page.Body)
		if err != nil {
			l.Fatal(err)
		}
		for _, d := range got.Dataset {
			shown[d.ID] = offerIDs(d)
		}
		if token = page.Next; token == "" {
			return shown
		}
	}
}

func offerIDs(d wire.Dataset) (ids []string) {
	for _, o := range d.HasPolicy {
		ids = append(ids, o.ID)
	}
	return ids
}

// dataset goes through all offers of one dataset.
func (l *law) dataset(claims trust.Claims, a, u int, listed map[string][]string) {
	l.Helper()
	id := lawID("data", a, u)
	body, err := l.c.catalog.Dataset(l.Context(), lawContext, claims, id)
	var alone []string
	if err == nil {
		d, err := wire.DecodeAs[*wire.Dataset](body)
		if err != nil {
			l.Fatal(err)
		}
		alone = offerIDs(*d)
	} else if !errors.Is(err, catalog.ErrNotFound) {
		l.Fatal(err)
	}
	views, err := l.c.catalog.Explain(l.Context(), lawContext, id, claims)
	if err != nil {
		l.Fatal(err)
	}
	_, isListed := listed[id]
	l.note("dataset shown", isListed, len(alone) > 0, slices.ContainsFunc(views, func(v catalog.OfferView) bool { return v.Access.Permit }))
	for _, v := range views {
		_, err := l.c.catalog.Resolve(l.Context(), lawContext, id, v.WireID, claims)
		visible := slices.Contains(listed[id], v.WireID)
		if v.Offer == lawID("offer", a, u) {
			l.seen[fmt.Sprintf("access %d is open: %t", a, visible)] = true
		}
		l.note("offer shown", visible, slices.Contains(alone, v.WireID), v.Access.Permit, err == nil)
		for _, purpose := range []string{"", policy.PurposeCFPAggregation, policy.PurposePriceNegotiation} {
			l.cases++
			declared := map[string][]string{}
			if purpose != "" {
				declared["purpose"] = []string{purpose}
			}
			extra, err := policy.Declare(declared)
			if err != nil {
				l.Fatal(err)
			}
			agreed := l.negotiate(claims, id, v, extra, visible)
			l.transfer(claims, id, v, extra, func(a negotiation.Agreement, starts bool) {
				l.explained(explain.Query{Asset: id, Counterparty: claims.Participant, Claims: &claims, Declared: declared, Agreement: a.ID}, v, visible, agreed, starts)
			})
		}
	}
}

// negotiate asks for an agreement and looks at what our side answers.
func (l *law) negotiate(claims trust.Claims, id string, v catalog.OfferView, declared map[string]json.RawMessage, visible bool) (agreed bool) {
	l.Helper()
	terms := l.object(v.Usage)
	terms["@id"], terms["@type"], terms["target"] = v.WireID, "Offer", id
	body := l.message("ContractRequestMessage", declared, map[string]any{"offer": terms})
	reply, err := l.c.negotiations.Receive(l.Context(), negotiation.Incoming{Context: lawContext, Claims: claims, Body: body}, negotiation.EndpointRequest)
	if !visible {
		if !errors.Is(err, catalog.ErrNotFound) {
			l.Errorf("what is not shown can be asked for: %v", err)
		}
		return false
	}
	if err != nil {
		l.Fatal(err)
	}
	act := l.decide(engine.Negotiation, reply.Body)
	says, err := l.explain(v.Usage, policy.Case{Context: lawContext, Point: policy.AtNegotiation, Claims: claims, Declared: policy.ReadDeclared(declared)})
	if err != nil {
		l.Fatal(err)
	}
	l.seen[fmt.Sprintf("usage %s is agreed: %t", v.Usage.Hash(), says)] = true
	l.note("agreed", act == engine.Message(wire.TypeContractAgreement), says)
	return says
}

// explained asks for the explanation that a user gets, and holds it against
// what the points did.
func (l *law) explained(q explain.Query, v catalog.OfferView, visible, agreed, starts bool) {
	l.Helper()
	l.explains++
	e, err := l.c.explain(l.Context(), lawContext, q)
	if err != nil {
		l.Fatal(err)
	}
	at := slices.IndexFunc(e.Offers, func(o explain.Offer) bool { return o.WireID == v.WireID })
	if at < 0 {
		l.Fatalf("%s is not explained", v.WireID)
	}
	verdict, _ := mayNegotiate(e.Offers[at])
	if e.Offers[at].Visible.Permit != visible || verdict.Permit != agreed || e.Transferable.Yes != starts {
		l.Errorf("%s of %s: it is explained as visible %t, negotiable %t, transferable %t; it is %t, %t, %t", q.Asset, q.Counterparty,
			e.Offers[at].Visible.Permit, verdict.Permit, e.Transferable.Yes, visible, agreed, starts)
	}
	for _, a := range []explain.Answer{e.Visible, e.Negotiable, e.Transferable} {
		if a.Yes == (a.Reason != "") {
			l.Errorf("%s of %s: an answer is %t for the reason %q", q.Asset, q.Counterparty, a.Yes, a.Reason)
		}
	}
}

// decide is the message that our side answers a first request with.
func (l *law) decide(kind engine.Kind, reply []byte) engine.Message {
	l.Helper()
	var named struct{ ProviderPID string }
	if err := json.Unmarshal(reply, &named); err != nil {
		l.Fatal(err)
	}
	r, err := l.c.store.For(lawContext).Load(l.Context(), named.ProviderPID)
	if err != nil {
		l.Fatal(err)
	}
	d, err := l.c.runner.Domains[kind].Decide(l.Context(), r, nil)
	if err != nil || d.Act == nil {
		l.Fatalf("%s is not decided: %v", kind, err)
	}
	if kind == engine.Transfer && d.Act.Message == transfer.StartMessage { // the last word has the claim
		_, err := l.c.runner.Domains[kind].Do(l.Context(), r, engine.Call{ID: "call", Verb: "start", Act: d.Act})
		if err != nil {
			l.Errorf("what is to be started is not: %v", err)
		}
	}
	return d.Act.Message
}

func (l *law) explain(p policy.Policy, k policy.Case) (bool, error) {
	v, err := l.c.policies.Explain(l.Context(), l.c.policies.Registry.Compile(p), k)
	return v.Permit, err
}

// transfer asks for the data under an agreement that is there, whatever the
// access policy says by now, and looks at its start and at one that runs.
func (l *law) transfer(claims trust.Claims, id string, v catalog.OfferView, declared map[string]json.RawMessage, explained func(_ negotiation.Agreement, starts bool)) {
	l.Helper()
	raw, err := v.Usage.JSON()
	if err != nil {
		l.Fatal(err)
	}
	a := negotiation.Agreement{
		Context: lawContext, ID: "agreement-" + strconv.Itoa(l.cases), Role: "provider", Peer: claims.Participant, Target: id, Offer: v.Offer,
		Concluded: lawTime.Add(-time.Duration(l.cases%3) * 12 * time.Hour), Document: []byte(`{}`), Policy: raw, PolicyHash: v.Usage.Hash(), DocumentHash: v.Usage.Hash(),
		Claims: claims, Declared: declared, Final: true, Imported: true,
	}
	if err := l.c.store.PutAgreement(l.Context(), a); err != nil {
		l.Fatal(err)
	}
	before := int64(l.cases % 2)
	if before > 0 {
		if _, err := l.c.store.ClaimStart(l.Context(), lawContext, a.ID, "another", -1); err != nil {
			l.Fatal(err)
		}
	}
	k := policy.Case{
		Context: lawContext, Claims: claims, Declared: policy.ReadDeclared(declared), Agreement: a.ID, Agreed: a.Concluded,
		Point: policy.AtTransfer, Usage: &policy.Usage{Started: before + 1},
	}
	says := l.both(v, k)
	if !testing.Short() || l.cases%4 == 0 { // 4 and the three purposes have no common divisor
		explained(a, says)
	}
	body := l.message("TransferRequestMessage", nil, map[string]any{"agreementId": a.ID, "format": "HttpData-PULL"})
	reply, err := l.c.transfers.Receive(l.Context(), transfer.Incoming{Context: lawContext, Claims: claims, Body: body}, transfer.EndpointRequest)
	if err != nil {
		l.Fatal(err)
	}
	l.note("started", l.decide(engine.Transfer, reply.Body) == transfer.StartMessage, says)

	k.Point, k.Usage = policy.WhileRunning, nil
	says = l.both(v, k)
	_, err = l.c.transfers.Running(l.Context(), lawContext, runningTransfer(l, l.c, claims, a))
	if err != nil && !errors.Is(err, transfer.ErrDenied) {
		l.Fatal(err)
	}
	l.note("goes on", err == nil, says)
}

// both explains the usage policy and the access policy of an offer.
func (l *law) both(v catalog.OfferView, k policy.Case) bool {
	l.Helper()
	access, err := l.c.catalog.Access(l.Context(), lawContext, v.Offer)
	if err != nil {
		l.Fatal(err)
	}
	f, err := l.c.policies.Facts(l.Context(), k, l.c.policies.Registry.Compile(v.Usage), l.c.policies.Registry.Compile(access))
	if err != nil {
		l.Fatal(err)
	}
	return f.Explain(l.c.policies.Registry.Compile(v.Usage)).Permit && f.Explain(l.c.policies.Registry.Compile(access)).Permit
}

// runningTransfer writes a transfer that has started.
func runningTransfer(t testing.TB, c *Connector, claims trust.Claims, a negotiation.Agreement) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"dataset": a.Target, "format": "HttpData-PULL", "flow": "open", "grant": "g", "callback": "http://localhost:8080", "ownId": "urn:example:supplier", "claims": claims,
	})
	if err != nil {
		t.Fatal(err)
	}
	r := engine.Record{
		Context: lawContext, ID: newID(), Kind: engine.Transfer, Role: engine.Provider, Peer: claims.Participant, PeerPID: newID(), Subject: a.ID,
		State: transfer.Started, Data: data, Version: 1, Created: lawTime, Updated: lawTime, Address: "http://localhost:8080",
	}
	if err := c.store.For(lawContext).Commit(t.Context(), engine.Commit{Record: r}); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func (l *law) object(p policy.Policy) map[string]any {
	l.Helper()
	raw, err := p.JSON()
	out := map[string]any{}
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		l.Fatal(err)
	}
	return out
}

func (l *law) message(kind string, declared map[string]json.RawMessage, members map[string]any) []byte {
	l.Helper()
	members["@context"], members["@type"] = []string{wire.ContextURL}, kind
	members["consumerPid"], members["callbackAddress"] = newID(), "http://localhost:8080/maker"
	for name, value := range declared {
		members[name] = value
	}
	body, err := json.Marshal(members)
	if err != nil {
		l.Fatal(err)
	}
	return body
}
