// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// Policy is a store with what the enforcement of policies keeps.
type Policy interface {
	engine.Store
	transfer.Meters
	transfer.OpenStore
	transfer.AccessStore
	transfer.PlaneStore
	trust.RelationStore
	trust.SecretStore
}

// RunPolicy proves the contracts of what the enforcement of policies keeps. The
// stores that open returns, also by Another and Restart, must be a Policy.
func RunPolicy(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{
		{"Starts", starts},
		{"Bytes", metered},
		{"Relations", relations},
		{"OpenTransfers", openTransfers},
		{"Access", accesses},
		{"Secrets", secrets},
		{"Contexts", policyContexts},
		{"Planes", planes},
		{"Survival", policySurvivals},
	})
}

func (b *box) o() Policy { return policyOf(b, b.Store) }

func policyOf(b *box, s engine.Store) Policy {
	b.Helper()
	p, ok := s.(Policy)
	if !ok {
		b.Fatalf("%T keeps nothing of policies", s)
	}
	return p
}

// enforcers calls f n times at the same moment, on two processes if there can
// be two.
func (b *box) enforcers(n int, f func(i int, s Policy) error) {
	b.Helper()
	b.together(n, func(i int, s engine.Store) error { return f(i, policyOf(b, s)) })
}

// enforce gives a participant one of everything, under ids that all share.
func (b *box) enforce(contextID string, n int64) {
	b.Helper()
	s := b.o()
	_, err := s.ClaimStart(b.ctx, contextID, "agreement", "process", -1)
	_, err2 := s.TakeBytes(b.ctx, contextID, "agreement", "process", n, -1)
	b.must(errors.Join(err, err2, s.PutRelation(b.ctx, contextID, trust.Relation{Party: someone, Kind: "direct", Note: contextID, Since: t0})))
	b.transfer(contextID, "process", func(*engine.Record) {})
}

// enforced reads what enforce wrote.
type enforced struct {
	Usage     transfer.Usage
	Relations []trust.Relation
	Open      []engine.Change
}

func (b *box) enforced(contextID string) (c enforced) {
	b.Helper()
	c.Usage, c.Open = b.usage(contextID, "agreement"), nil
	var err error
	c.Relations, err = b.o().ListRelations(b.ctx, contextID, "", 0)
	b.must(err)
	for _, ch := range b.open(engine.Change{}, 0) {
		if ch.Context == contextID {
			c.Open = append(c.Open, ch)
		}
	}
	return c
}

var policyContexts = []contract{
	{"participants may have the same ids for all they own", func(b *box) {
		names := []string{"one", "two", "Two"}
		for i, c := range names {
			b.enforce(c, int64(i+1))
		}
		for i, c := range names {
			b.equal(c, b.enforced(c), enforced{
				Usage:     transfer.Usage{Started: 1, Bytes: int64(i + 1)},
				Relations: []trust.Relation{{Party: someone, Kind: "direct", Note: c, Since: t0}},
				Open:      []engine.Change{{Context: c, Process: "process"}},
			})
		}
	}},
	{"a change of one participant changes nothing of another", func(b *box) {
		b.enforce("one", 5)
		b.enforce("two", 5)
		was, s := b.enforced("one"), b.o()
		b.must(errors.Join(
			s.ReleaseStart(b.ctx, "two", "agreement", "process"), s.ReturnBytes(b.ctx, "two", "agreement", "process", 5),
			s.DeleteRelation(b.ctx, "two", someone, "direct"),
		))
		b.equal("the other one", b.enforced("one"), was)
	}},
	{"a participant that owns nothing has nothing, and changes nothing", func(b *box) {
		b.enforce("one", 5)
		was, s := b.enforced("one"), b.o()
		for _, c := range []string{"on", "one ", "ONE", ""} {
			b.equal("nothing", b.enforced(c), enforced{})
			found, err := s.Relations(b.ctx, c, []string{someone})
			b.must(err)
			b.equal("relations", len(found), 0)
			b.is("relation", s.DeleteRelation(b.ctx, c, someone, "direct"), trust.ErrNoRelation)
		}
		b.equal("the one", b.enforced("one"), was)
	}},
}

var policySurvivals = []contract{
	{"everything kept is there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		b.enforce("one", 7)
		was := b.enforced("one")
		b.Store = b.Restart()
		b.equal("content", b.enforced("one"), was)
		started, err := b.o().ClaimStart(b.ctx, "one", "agreement", "process", 0)
		b.must(err)
		b.equal("the same process", started, int64(1))
	}},
}
