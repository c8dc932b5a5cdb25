// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust/policy"
)

// until is a policy with a constraint: it differs from plain use.
func until(t *testing.T, date string) policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(`{"permission":[{"action":"use","constraint":[{"leftOperand":"http://www.w3.org/ns/odrl/2/dateTime","operator":"lteq","rightOperand":"` + date + `"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRules(t *testing.T) {
	use, other, third := policy.Permit("use"), until(t, "2027-01-01"), until(t, "2028-01-01")
	published := &Terms{OfferID: "offer-1", Policy: use}
	refused := &engine.Fault{Code: "http-400", Reason: "the peer answered 400"}
	for _, c := range []struct {
		name   string
		n      Negotiation
		want   Act
		person bool
	}{
		{"provider agrees to what it published", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Offered: Terms{Policy: use}}, Agree, false},
		{"provider refuses other terms", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Offered: Terms{Policy: other}}, Terminate, false},
		{"rule: refuse", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Offered: Terms{Policy: use}, Rules: []catalog.Rule{{Do: catalog.Refuse}}}, Terminate, false},
		{"rule: approve", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Offered: Terms{Policy: use}, Rules: []catalog.Rule{{Do: catalog.Approve}}}, Wait, true},
		{"rule: for another counterparty", Negotiation{Role: "provider", State: "REQUESTED", Peer: "b", Published: published, Offered: Terms{Policy: use}, Rules: []catalog.Rule{{Counterparty: "a", Do: catalog.Refuse}}}, Agree, false},
		{"rule: the first that fits wins", Negotiation{Role: "provider", State: "REQUESTED", Peer: "b", Published: published, Offered: Terms{Policy: use}, Rules: []catalog.Rule{{Counterparty: "b", Do: catalog.Approve}, {Do: catalog.Refuse}}}, Wait, true},
		{"rule: counter offers other terms", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Offered: Terms{Policy: use}, Rules: []catalog.Rule{{Do: catalog.Counter, Counter: &other}}}, Offer, false},
		{"rule: counter is agreed when taken", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Own: &Terms{Policy: other}, Offered: Terms{Policy: other}, Rules: []catalog.Rule{{Do: catalog.Counter, Counter: &other}}}, Agree, false},
		{"rule: counter is made once", Negotiation{Role: "provider", State: "REQUESTED", Published: published, Own: &Terms{Policy: other}, Offered: Terms{Policy: third}, Rules: []catalog.Rule{{Do: catalog.Counter, Counter: &other}}}, Terminate, false},
		{"provider agrees to its accepted offer", Negotiation{Role: "provider", State: "ACCEPTED", Published: published}, Agree, false},
		{"provider finalizes", Negotiation{Role: "provider", State: "VERIFIED"}, Finalize, false},
		{"provider waits for the consumer", Negotiation{Role: "provider", State: "OFFERED"}, Wait, false},
		{"consumer accepts its own terms", Negotiation{Role: "consumer", State: "OFFERED", Own: &Terms{Policy: use}, Offered: Terms{Policy: use}}, Accept, false},
		{"consumer leaves other terms to a person", Negotiation{Role: "consumer", State: "OFFERED", Own: &Terms{Policy: use}, Offered: Terms{Policy: other}}, Wait, true},
		{"consumer leaves an unasked offer to a person", Negotiation{Role: "consumer", State: "OFFERED", Offered: Terms{Policy: use}}, Wait, true},
		{"consumer verifies", Negotiation{Role: "consumer", State: "AGREED"}, Verify, false},
		{"consumer ends a mismatch", Negotiation{Role: "consumer", State: "AGREED", Mismatch: "its target is another"}, Terminate, false},
		{"consumer waits for the provider", Negotiation{Role: "consumer", State: "REQUESTED"}, Wait, false},
		{"what was refused for good ends it", Negotiation{Role: "consumer", State: "AGREED", LastError: refused}, Terminate, false},
		{"where our side may not end it, it waits", Negotiation{Role: "consumer", State: "ACCEPTED", LastError: refused}, Wait, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Rules{}.Decide(t.Context(), c.n)
			if err != nil || d.Act != c.want || d.Person != c.person {
				t.Errorf("decided %+v, %v; want %q, person %v", d, err, c.want, c.person)
			}
			if d.Act == Terminate && d.Reason == "" {
				t.Error("a termination without a reason")
			}
		})
	}
}

func TestApprovalCommitsToNothing(t *testing.T) {
	use := policy.Permit("use")
	for _, n := range []Negotiation{
		{Role: "provider", State: "REQUESTED", Published: &Terms{Policy: use}, Offered: Terms{Policy: use}},
		{Role: "consumer", State: "OFFERED", Own: &Terms{Policy: use}, Offered: Terms{Policy: use}},
	} {
		if d, err := (Approval{}).Decide(t.Context(), n); err != nil || d.Act != Wait || !d.Person {
			t.Errorf("%s in %s: decided %+v, %v", n.Role, n.State, d, err)
		}
	}
}
