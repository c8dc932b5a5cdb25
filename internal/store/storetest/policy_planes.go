// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"

	"github.com/musubi-ods/musubi/transfer"
)

var planes = []contract{
	{"PutPlane keeps data planes, each for its participant, and replaces", func(b *box) {
		want := []transfer.Registered{
			{Context: owner, ID: "one", Doc: []byte(`{"n":2}`)},
			{Context: owner, ID: "two", Doc: []byte(`{"n":3}`)},
			{Context: owner + "x", ID: "one", Doc: []byte(`{"n":4}`)},
		}
		for _, p := range append([]transfer.Registered{{Context: owner, ID: "one", Doc: []byte(`{"n":1}`)}}, want...) {
			b.must(b.o().PutPlane(b.ctx, p))
		}
		got, err := b.o().RegisteredPlanes(b.ctx)
		b.must(err)
		b.equal("kept", got, want)
	}},
	{"DropPlane forgets one as it was read, and no other", func(b *box) {
		rest := []transfer.Registered{{Context: owner, ID: "two", Doc: []byte(`{}`)}, {Context: owner + "x", ID: "one", Doc: []byte(`{}`)}}
		read, anew := transfer.Registered{Context: owner, ID: "one", Doc: []byte(`{}`)}, transfer.Registered{Context: owner, ID: "one", Doc: []byte(`{"n":1}`)}
		for _, p := range append([]transfer.Registered{read, anew}, rest...) {
			b.must(b.o().PutPlane(b.ctx, p))
		}
		if err := b.o().DropPlane(b.ctx, read); !errors.Is(err, transfer.ErrPlaneChanged) {
			b.Errorf("one that registered anew: %v", err)
		}
		for range 2 {
			b.must(b.o().DropPlane(b.ctx, anew))
		}
		got, err := b.o().RegisteredPlanes(b.ctx)
		b.must(err)
		b.equal("kept", got, rest)
	}},
	{"PutPlane refuses what is not whole", func(b *box) {
		for _, bad := range []transfer.Registered{{Context: owner, ID: "one"}, {Context: owner, Doc: []byte("x")}, {ID: "one", Doc: []byte("x")}} {
			if err := b.o().PutPlane(b.ctx, bad); err == nil {
				b.Errorf("the data plane %+v was kept", bad)
			}
		}
	}},
}
