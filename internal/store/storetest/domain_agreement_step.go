// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
)

// saving is a step that saves an agreement.
func saving(c engine.Commit, rows ...any) engine.Commit {
	c.Writes = rows
	return c
}

var agreementSteps = []contract{
	{"SaveAgreement keeps an agreement in the step", func(b *box) {
		r := b.put()
		a := agreement(owner, "a")
		b.commit(saving(update(r), negotiation.SaveAgreement{Agreement: a}))
		b.equal("kept", b.agreement(owner, "a"), a)
		b.equal("version", b.load(r.ID).Version, int64(2))
	}},
	{"SaveAgreement of an id that is kept is ErrAgreementExists from Commit, and nothing is written", func(b *box) {
		r, a := b.put(engine.OpSend), agreement(owner, "a")
		b.must(b.d().PutAgreement(b.ctx, a))
		other := a
		other.Target = "another"
		step := saving(update(r), negotiation.SaveAgreement{Agreement: other})
		step.Journal = []engine.Entry{event(r, "e")}
		step.Remove = r.Work
		b.refused(step, negotiation.ErrAgreementExists)
		b.refused(saving(insert(record(owner, "fresh")), negotiation.SaveAgreement{Agreement: other}), negotiation.ErrAgreementExists)
		b.refused(saving(update(r), negotiation.SaveAgreement{Agreement: agreement(owner, "b")},
			negotiation.SaveAgreement{Agreement: agreement(owner, "b")}), negotiation.ErrAgreementExists)
		b.equal("agreement", b.agreement(owner, "a"), a)
		b.noAgreement(owner, "b")
		b.equal("process", b.load(r.ID), r)
		b.equal("journal", len(b.journal(owner)), 0)
		if _, err := b.p.Load(b.ctx, "fresh"); !errors.Is(err, engine.ErrNotFound) {
			b.Fatalf("the other process: %v", err)
		}
	}},
	{"a step that is refused keeps no agreement", func(b *box) {
		r := b.put()
		b.commit(update(r))
		b.refused(saving(update(r), negotiation.SaveAgreement{Agreement: agreement(owner, "a")}), engine.ErrConflict)
		b.noAgreement(owner, "a")
	}},
	{"FinalizeAgreement makes an agreement final, again too, and changes nothing else", func(b *box) {
		r, a := b.put(), agreement(owner, "a")
		b.must(b.d().PutAgreement(b.ctx, agreement(owner, "other")))
		b.commit(saving(update(r), negotiation.SaveAgreement{Agreement: a}))
		final := negotiation.FinalizeAgreement{Context: owner, ID: "a"}
		a.Final = true
		for range 2 {
			b.commit(saving(update(b.load(r.ID)), final))
			b.equal("agreement", b.agreement(owner, "a"), a)
		}
		b.equal("the other one", b.agreement(owner, "other").Final, false)
	}},
	{"one step may save and finalize", func(b *box) {
		b.commit(saving(update(b.put()), negotiation.SaveAgreement{Agreement: agreement(owner, "a")},
			negotiation.FinalizeAgreement{Context: owner, ID: "a"}))
		b.equal("final", b.agreement(owner, "a").Final, true)
	}},
	{"FinalizeAgreement of one that is not kept is ErrNoAgreement, and nothing is written", func(b *box) {
		r := b.put()
		b.refused(saving(update(r), negotiation.FinalizeAgreement{Context: owner, ID: "none"}), negotiation.ErrNoAgreement)
		b.refused(saving(update(r), negotiation.FinalizeAgreement{Context: owner, ID: "a"},
			negotiation.SaveAgreement{Agreement: agreement(owner, "a")}), negotiation.ErrNoAgreement)
		b.equal("process", b.load(r.ID), r)
		b.noAgreement(owner, "a")
	}},
	{"a step of one participant does not touch another's agreement", func(b *box) {
		r := b.put()
		b.must(b.d().PutAgreement(b.ctx, agreement("other", "a")))
		b.refused(saving(update(r), negotiation.SaveAgreement{Agreement: agreement("other", "b")}), rule.ErrInvalid)
		b.refused(saving(update(r), negotiation.FinalizeAgreement{Context: "other", ID: "a"}), rule.ErrInvalid)
		b.refused(saving(update(r), negotiation.FinalizeAgreement{Context: owner, ID: "a"}), negotiation.ErrNoAgreement)
		b.noAgreement("other", "b")
		b.equal("final", b.agreement("other", "a").Final, false)
	}},
	{"of many that keep one id at the same time, one does", func(b *box) {
		one := b.race(negotiation.ErrAgreementExists)
		b.domains(12, func(i int, d Domain) error {
			a := agreement(owner, "a")
			a.Negotiation = fmt.Sprint("n", i)
			r := record(owner, a.Negotiation)
			return one.came(i, d.For(owner).Commit(b.ctx, saving(insert(r), negotiation.SaveAgreement{Agreement: a})))
		})
		one.end()
		b.equal("processes", ids(b.list(engine.Query{})), []string{b.agreement(owner, "a").Negotiation})
	}},
}
