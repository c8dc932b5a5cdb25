// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
)

const someone = "did:web:oem.example"

// use uses a token until t0+60 s.
func (b *box) use(contextID, issuer, id string) bool {
	b.Helper()
	first, err := b.t().UseToken(b.ctx, contextID, issuer, id, at(60))
	b.must(err)
	return first
}

// usedToken is what a step records of one.
func usedToken(contextID, id string) trust.UsedToken {
	return trust.UsedToken{Context: contextID, Issuer: someone, TokenID: id, Until: at(60)}
}

func (b *box) drop(seconds, limit int) int {
	b.Helper()
	n, err := b.t().DropTokens(b.ctx, at(seconds), limit)
	b.must(err)
	return n
}

var tokens = []contract{
	{"a token is used for the first time once", func(b *box) {
		for i, want := range []bool{true, false, false} {
			b.equal(fmt.Sprint("use ", i), b.use(owner, someone, "t"), want)
		}
	}},
	{"a token is one of its issuer and participant, and every byte of its id counts", func(b *box) {
		b.use(owner, someone, "t")
		long := strings.Repeat("t", 100_000)
		for _, other := range [][3]string{
			{"other", someone, "t"},
			{owner, someone + "t", ""},
			{owner, "did:web:oem.exampl", "et"},
			{owner, someone, "T"},
			{owner, someone, "t "},
			{owner, someone, "t\x00"},
			{owner, someone, "t\xff"},
			{owner, someone, long},
			{owner, someone, long + "t"},
		} {
			if other[2] == "" {
				_, err := b.t().UseToken(b.ctx, other[0], other[1], "", at(60))
				b.notKept("no id", err)
				continue
			}
			b.equal("first", b.use(other[0], other[1], other[2]), true)
			b.equal("second", b.use(other[0], other[1], other[2]), false)
		}
	}},
	{"a released token can be used once more, and no other can", func(b *box) {
		b.use(owner, someone, "t")
		b.use(owner, someone, "u")
		b.must(b.t().ReleaseToken(b.ctx, owner, someone, "t"))
		b.must(b.t().ReleaseToken(b.ctx, owner, someone, "t"))
		b.must(b.t().ReleaseToken(b.ctx, "other", someone, "u"))
		b.must(b.t().ReleaseToken(b.ctx, owner, "other", "u"))
		for i, want := range []bool{true, false} {
			b.equal(fmt.Sprint("use ", i), b.use(owner, someone, "t"), want)
		}
		b.equal("the other one", b.use(owner, someone, "u"), false)
	}},
	{"a token is on record until its time is over and it is dropped", func(b *box) {
		b.use(owner, someone, "t")
		b.equal("dropped at its end", b.drop(60, 10), 0)
		b.equal("at its end", b.use(owner, someone, "t"), false)
		b.equal("dropped", b.drop(61, 10), 1)
		b.equal("after", b.use(owner, someone, "t"), true)
		b.equal("again", b.use(owner, someone, "t"), false)
	}},
	{"a second use does not make a record last longer or shorter", func(b *box) {
		b.use(owner, someone, "t")
		for _, s := range []int{10, 600} {
			first, err := b.t().UseToken(b.ctx, owner, someone, "t", at(s))
			b.must(err)
			b.equal("first", first, false)
		}
		b.equal("dropped early", b.drop(60, 10), 0)
		b.equal("dropped", b.drop(61, 10), 1)
	}},
	{"DropTokens forgets of all participants, at most as many as it may, and only what is over", func(b *box) {
		for i := range 7 {
			b.use([]string{owner, "other"}[i%2], someone, fmt.Sprint(i))
		}
		first, err := b.t().UseToken(b.ctx, owner, someone, "later", at(61))
		b.must(err)
		b.equal("later", first, true)
		for _, want := range []int{3, 3, 1, 0} {
			b.equal("dropped", b.drop(61, 3), want)
		}
		b.equal("none allowed", b.drop(100, 0), 0)
		b.equal("the later one", b.use(owner, someone, "later"), false)
	}},
	{"of many at the same time exactly one is the first", func(b *box) {
		var firsts atomic.Int64
		b.replicas(64, func(_ int, s Trust) error {
			first, err := s.UseToken(b.ctx, owner, someone, "t", at(60))
			if first {
				firsts.Add(1)
			}
			return err
		})
		b.equal("firsts", firsts.Load(), int64(1))
	}},
	{"replicas that forget at the same time forget each once", func(b *box) {
		for i := range 40 {
			b.use(owner, someone, fmt.Sprint(i))
		}
		var gone atomic.Int64
		b.replicas(8, func(int, Trust) error { return nil }) // both are open
		b.replicas(8, func(_ int, s Trust) error {
			n, err := s.DropTokens(b.ctx, at(61), 5)
			gone.Add(int64(n))
			return err
		})
		gone.Add(int64(b.drop(61, 100)))
		b.equal("forgotten", gone.Load(), int64(40))
	}},
	{"a step records the token of its message", func(b *box) {
		r := b.put()
		c := update(r)
		c.Writes = []any{usedToken(owner, "t")}
		b.commit(c)
		b.equal("after the step", b.use(owner, someone, "t"), false)
		b.equal("dropped at its end", b.drop(60, 10), 0)
		b.equal("dropped", b.drop(61, 10), 1)
	}},
	{"a step whose message brings a used token is not done, and one that is not done uses none", func(b *box) {
		r := b.put()
		b.use(owner, someone, "t")
		c := update(r)
		c.Writes = []any{usedToken(owner, "t")}
		b.refused(c, trust.ErrUsed)
		b.equal("unchanged", b.load(r.ID), r)
		c.Expect, c.Record.Version, c.Writes = 5, 6, []any{usedToken(owner, "u")}
		b.refused(c, engine.ErrConflict)
		b.equal("of the step that was not done", b.use(owner, someone, "u"), true)
	}},
	{"a step does not record a token for another participant, nor half a token", func(b *box) {
		r := b.put()
		for _, wrong := range []trust.UsedToken{usedToken("other", "t"), usedToken(owner, "")} {
			c := update(r)
			c.Writes = []any{wrong}
			b.notKept("step", b.Store.For(owner).Commit(b.ctx, c))
			b.equal("unchanged", b.load(r.ID), r)
		}
	}},
	{"of many steps with one token at the same time exactly one is done", func(b *box) {
		var done atomic.Int64
		var steps [32]engine.Commit
		for i := range steps {
			steps[i] = update(b.put())
			steps[i].Writes = []any{usedToken(owner, "t")}
		}
		b.replicas(len(steps), func(i int, s Trust) error {
			err := s.(engine.Store).For(owner).Commit(b.ctx, steps[i])
			if errors.Is(err, trust.ErrUsed) {
				return nil
			}
			done.Add(1)
			return err
		})
		b.equal("done", done.Load(), int64(1))
	}},
	{"a token without participant, issuer, id or end is refused", func(b *box) {
		for _, wrong := range [][3]string{{"", "i", "t"}, {"c", "", "t"}, {"c", "i", ""}} {
			_, err := b.t().UseToken(b.ctx, wrong[0], wrong[1], wrong[2], at(60))
			b.notKept(fmt.Sprint(wrong), err)
		}
		_, err := b.t().UseToken(b.ctx, "c", "i", "t", trust.SealedKey{}.Active)
		b.notKept("no end", err)
	}},
}
