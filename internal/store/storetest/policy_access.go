// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

func access(process string, version int64, doc string) transfer.Access {
	a := transfer.Access{Context: owner, Process: process, Version: version}
	if doc != "" {
		a.Doc = []byte(doc)
	}
	return a
}

func (b *box) accessed(process string, version int64, doc string) {
	b.Helper()
	a, err := b.o().Access(b.ctx, owner, process)
	b.must(err)
	b.equal("access", a, access(process, version, doc))
}

func (b *box) putAccess(process string, version int64, doc string) {
	b.Helper()
	next, err := b.o().PutAccess(b.ctx, access(process, version, doc))
	b.must(err)
	b.equal("version", next, version+1)
}

var accesses = []contract{
	{"PutAccess writes over the version that it names, and no other", func(b *box) {
		b.accessed("p", 0, "")
		b.putAccess("p", 0, "one")
		b.accessed("p", 1, "one")
		b.putAccess("p", 1, "two")
		for _, version := range []int64{0, 1, 3} {
			_, err := b.o().PutAccess(b.ctx, access("p", version, "lost"))
			b.is(fmt.Sprint("version ", version), err, transfer.ErrAccessChanged)
		}
		_, err := b.o().PutAccess(b.ctx, access("q", 1, "lost"))
		b.is("of none", err, transfer.ErrAccessChanged)
		b.accessed("p", 2, "two")
		b.accessed("q", 0, "")
	}},
	{"DropAccess forgets one, and begins anew", func(b *box) {
		b.must(b.o().DropAccess(b.ctx, owner, "p"))
		b.putAccess("p", 0, "one")
		b.putAccess("q", 0, "one")
		b.must(errors.Join(b.o().DropAccess(b.ctx, owner, "p"), b.o().DropAccess(b.ctx, "another", "q")))
		b.accessed("p", 0, "")
		b.accessed("q", 1, "one")
		b.putAccess("p", 0, "again")
	}},
	{"of many that write at the same time, one does", func(b *box) {
		for version := range int64(4) {
			one := b.race(transfer.ErrAccessChanged)
			b.enforcers(32, func(i int, s Policy) error {
				_, err := s.PutAccess(b.ctx, access("p", version, fmt.Sprint(i)))
				return one.came(i, err)
			})
			one.end()
		}
	}},
	{"what is no access is refused", func(b *box) {
		for _, a := range []transfer.Access{
			access("", 0, "x"), access("p", 0, ""), access("p", -1, "x"), access(strings.Repeat("p", rule.MaxID+1), 0, "x"), {Process: "p", Doc: []byte("x")},
		} {
			_, err := b.o().PutAccess(b.ctx, a)
			b.notKept("access", err)
		}
	}},
}

var secrets = []contract{
	{"PutSecret keeps a value, and replaces it", func(b *box) {
		s := b.o()
		b.must(errors.Join(s.PutSecret(b.ctx, owner, "erp", "値 one", t0), s.PutSecret(b.ctx, owner, "erp", "two", at(5)), s.PutSecret(b.ctx, owner, "API.key-1", "three", fine(7))))
		for name, want := range map[string]string{"erp": "two", "API.key-1": "three"} {
			got, err := s.Secret(b.ctx, owner, name)
			b.must(err)
			b.equal(name, got, want)
		}
		list, err := s.Secrets(b.ctx, owner)
		b.must(err)
		b.equal("names", list, []trust.NamedSecret{{Name: "API.key-1", Changed: at(7)}, {Name: "erp", Changed: at(5)}})
	}},
	{"a secret is its participant's, and gone when it is deleted", func(b *box) {
		s := b.o()
		b.must(errors.Join(s.PutSecret(b.ctx, owner, "erp", "ours", t0), s.PutSecret(b.ctx, "another", "erp", "theirs", t0)))
		b.must(s.DeleteSecret(b.ctx, owner, "erp"))
		_, err := s.Secret(b.ctx, owner, "erp")
		b.is("value", err, trust.ErrNoSecret)
		b.is("again", s.DeleteSecret(b.ctx, owner, "erp"), trust.ErrNoSecret)
		theirs, err := s.Secret(b.ctx, "another", "erp")
		b.must(err)
		b.equal("theirs", theirs, "theirs")
		list, err := s.Secrets(b.ctx, owner)
		b.must(err)
		b.equal("names", len(list), 0)
	}},
	{"what is no secret is refused", func(b *box) {
		for name, value := range map[string]string{"": "x", "a b": "x", ".a": "x", "a": "", strings.Repeat("a", 65): "x", "long": strings.Repeat("x", 8<<10+1)} {
			b.notKept("secret", b.o().PutSecret(b.ctx, owner, name, value, t0))
		}
	}},
}
