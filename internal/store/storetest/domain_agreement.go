// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// agreement returns one with every field set.
func agreement(contextID, id string) negotiation.Agreement {
	return negotiation.Agreement{
		Context: contextID, ID: id, Role: "provider", Peer: "did:web:oem.example", Address: "https://oem.example/dsp", Foreign: true,
		Negotiation: "urn:uuid:n", Target: "dataset-1", Assigner: "did:web:us.example", Assignee: "did:web:oem.example",
		Concluded: t0, Document: []byte("{ \"exact\":  \"bytes\", \"<&>\": \"日本\" }\n"), Policy: json.RawMessage(`{"permission" : []}`),
		Dataset: json.RawMessage(`{"@id":  "dataset-1"}`), Claims: trust.Claims{
			Participant: "did:web:oem.example", Profile: "dcp", Proved: at(-5), Credentials: []trust.Credential{{
				ID: "urn:uuid:c", Issuer: "did:web:issuer.example", Types: []string{"VerifiableCredential", "X"},
				ValidFrom: at(-1000), ValidUntil: at(1000), Subject: json.RawMessage(`{ "spaces" : "<stay>", "n": 1.50 }`),
				Status: []trust.StatusEntry{{ID: "s", Type: "BitstringStatusListEntry", Purpose: "revocation", List: "https://issuer.example/1", Index: 1<<63 + 7}},
			}, {ID: "second"}},
		},
		DocumentHash: strings.Repeat("a", 64), PolicyHash: strings.Repeat("b", 64), Unenforced: true, Offer: "offer-1",
		Declared: map[string]json.RawMessage{
			"https://example.org/ns#purpose": json.RawMessage(`"battery <passport>"`),
			"https://example.org/ns#trade":   json.RawMessage(`{ "spaces" : "\u0000 stay", "n": 1.50 }`),
		},
	}
}

func imported(contextID, id string) negotiation.Agreement {
	return negotiation.Agreement{
		Context: contextID, ID: id, Role: "consumer", Concluded: t0, Document: []byte(`{}`),
		DocumentHash: strings.Repeat("a", 64), PolicyHash: strings.Repeat("b", 64), Imported: true, Final: true,
	}
}

func (b *box) agreement(contextID, id string) negotiation.Agreement {
	b.Helper()
	a, err := b.d().Agreement(b.ctx, contextID, id)
	b.must(err)
	return a
}

func (b *box) noAgreement(contextID, id string) {
	b.Helper()
	if _, err := b.d().Agreement(b.ctx, contextID, id); !errors.Is(err, negotiation.ErrNoAgreement) {
		b.Fatalf("agreement %s: got %v, want ErrNoAgreement", id, err)
	}
}

func (b *box) agreementIDs(before string, limit int) (ids []string) {
	b.Helper()
	list, err := b.d().Agreements(b.ctx, owner, negotiation.AgreementQuery{Before: before, Limit: limit})
	b.must(err)
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

var agreements = []contract{
	{"PutAgreement keeps one, every byte of it", func(b *box) {
		for _, a := range []negotiation.Agreement{agreement(owner, "a"), imported(owner, "b")} {
			b.must(b.d().PutAgreement(b.ctx, a))
			b.equal("kept", b.agreement(owner, a.ID), a)
		}
	}},
	{"an agreement is found by id in whichever role, else it is ErrNoAgreement", func(b *box) {
		a, c := agreement(owner, "a"), agreement(owner, "c")
		c.Role = "consumer"
		b.must(b.d().PutAgreement(b.ctx, a))
		b.must(b.d().PutAgreement(b.ctx, c))
		b.equal("provider", b.agreement(owner, "a").Role, "provider")
		b.equal("consumer", b.agreement(owner, "c").Role, "consumer")
		b.noAgreement(owner, "b")
	}},
	{"PutAgreement of an id that is kept is ErrAgreementExists and changes nothing", func(b *box) {
		a := agreement(owner, "a")
		b.must(b.d().PutAgreement(b.ctx, a))
		other := agreement(owner, "a")
		other.Target = "another"
		if err := b.d().PutAgreement(b.ctx, other); !errors.Is(err, negotiation.ErrAgreementExists) {
			b.Fatal(err)
		}
		b.equal("kept", b.agreement(owner, "a"), a)
	}},
	{"times come back to the microsecond, in UTC", func(b *box) {
		a := agreement(owner, "a")
		a.Concluded = a.Concluded.Add(789)
		b.must(b.d().PutAgreement(b.ctx, a))
		got := b.agreement(owner, "a")
		if !got.Concluded.Equal(t0) || got.Concluded.Location().String() != "UTC" {
			b.Fatal(got.Concluded)
		}
	}},
	{"Agreements lists them, newest first", func(b *box) {
		for i := range 5 {
			a := agreement(owner, fmt.Sprint("a", i))
			a.Concluded = at(i % 3) // ties, by id
			b.must(b.d().PutAgreement(b.ctx, a))
		}
		b.equal("all", b.agreementIDs("", 10), []string{"a2", "a4", "a1", "a3", "a0"})
		list, err := b.d().Agreements(b.ctx, owner, negotiation.AgreementQuery{Before: "a2", Limit: 1})
		b.must(err)
		b.equal("whole", list[0], b.agreement(owner, "a4"))
	}},
	{"before and limit page through the list", func(b *box) {
		for i := range 7 {
			a := agreement(owner, fmt.Sprint("a", i))
			a.Concluded = at(i / 3)
			b.must(b.d().PutAgreement(b.ctx, a))
		}
		var paged []string
		for page := b.agreementIDs("", 2); len(page) > 0; page = b.agreementIDs(paged[len(paged)-1], 2) {
			if len(page) > 2 {
				b.Fatalf("a page of %d", len(page))
			}
			paged = append(paged, page...)
		}
		b.equal("paged", paged, b.agreementIDs("", 100))
		b.equal("count", len(paged), 7)
	}},
	{"a cursor that names no agreement is ErrNoAgreement", func(b *box) {
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "a")))
		if _, err := b.d().Agreements(b.ctx, owner, negotiation.AgreementQuery{Before: "none", Limit: 5}); !errors.Is(err, negotiation.ErrNoAgreement) {
			b.Fatal(err)
		}
	}},
	{"an agreement that cannot be one is refused", func(b *box) {
		for name, change := range map[string]func(*negotiation.Agreement){
			"context":          func(a *negotiation.Agreement) { a.Context = "" },
			"id":               func(a *negotiation.Agreement) { a.ID = "" },
			"role":             func(a *negotiation.Agreement) { a.Role = "x" },
			"hash":             func(a *negotiation.Agreement) { a.PolicyHash = "" },
			"text":             func(a *negotiation.Agreement) { a.Target = "a\x00b" },
			"import of a step": func(a *negotiation.Agreement) { a.Imported = true },
			"ended":            func(a *negotiation.Agreement) { a.Ended = t0 },
			"offer":            func(a *negotiation.Agreement) { a.Offer = "a\x00b" },
			"declared name":    func(a *negotiation.Agreement) { a.Declared[""] = json.RawMessage(`1`) },
			"declared nothing": func(a *negotiation.Agreement) { a.Declared["https://x"] = nil },
			"declared value":   func(a *negotiation.Agreement) { a.Declared["https://x"] = json.RawMessage(`{`) },
			"declared bytes":   func(a *negotiation.Agreement) { a.Declared["https://x"] = json.RawMessage("\"\xff\"") },
			"subject":          func(a *negotiation.Agreement) { a.Claims.Credentials[0].Subject = json.RawMessage("\xff") },
		} {
			a := agreement(owner, "a")
			change(&a)
			if err := b.d().PutAgreement(b.ctx, a); !errors.Is(err, rule.ErrInvalid) {
				b.Errorf("%s: got %v, want ErrInvalid", name, err)
			}
		}
		b.noAgreement(owner, "a")
	}},
	{"what is given and returned is not shared", func(b *box) {
		a := agreement(owner, "a")
		b.must(b.d().PutAgreement(b.ctx, a))
		for range 2 {
			a.Document[0], a.Policy[0], a.Claims.Credentials[0].ID = 'x', 'x', "x"
			a.Declared["https://example.org/ns#purpose"][1] = 'x'
			a.Declared["https://example.org/ns#more"] = json.RawMessage(`1`)
			a.Claims.Credentials[0].Subject[0], a.Claims.Credentials[0].Types[0] = 'x', "x"
			a = b.agreement(owner, "a")
			b.equal("kept", a, agreement(owner, "a"))
		}
	}},
}
