// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// enough schedules to find any of the seeded faults.
const enough = 3000

// finds plays schedules with a seeded fault until one breaks, and as many
// without it, at least 300, none of which may.
func finds(t *testing.T, base planner, seeded func(*plan)) {
	t.Helper()
	faulty := func(r *rand.Rand) plan {
		p := base(r)
		seeded(&p)
		return p
	}
	cov, bad := playAll(faulty, 1, enough, 1)
	if len(bad) == 0 {
		t.Fatalf("not found in %d schedules", cov.schedules)
	}
	t.Logf("found in %d schedules: seed %d: %v", cov.schedules, bad[0].seed, bad[0].broken)
	cov, bad = playAll(base, 1, max(cov.schedules, 300), 1)
	for _, w := range bad {
		t.Errorf("without the fault, seed %d: %v", w.seed, w.broken)
	}
	t.Logf("without the fault %d schedules hold", cov.schedules)
}

// inside puts a store between the guard and the memory.
func inside(commit func(s *side, p engine.Processes, c engine.Commit) error) func(*plan) {
	return func(p *plan) {
		p.wrap = func(s *side, store engine.Store) engine.Store {
			return &tampered{store, func(p engine.Processes, c engine.Commit) error { return commit(s, p, c) }, false}
		}
	}
}

// tampered is a store with a fault.
type tampered struct {
	engine.Store
	commit func(engine.Processes, engine.Commit) error
	blind  bool // knows no message again
}

// For implements engine.Store.
func (t *tampered) For(context string) engine.Processes {
	return &tamperedProcesses{t.Store.For(context), t}
}

type tamperedProcesses struct {
	engine.Processes
	t *tampered
}

// Commit implements engine.Processes.
func (p *tamperedProcesses) Commit(_ context.Context, c engine.Commit) error {
	return p.t.commit(p.Processes, c)
}

// LoadFor implements engine.Processes.
func (p *tamperedProcesses) LoadFor(ctx context.Context, id, messageID string) (engine.Record, bool, error) {
	r, seen, err := p.Processes.LoadFor(ctx, id, messageID)
	return r, seen && !p.t.blind, err
}

func TestFinds_OutboxOutsideTransaction(t *testing.T) {
	finds(t, usual, inside(func(s *side, p engine.Processes, c engine.Commit) error {
		ctx := background
		put := c.Put
		c.Put = nil
		if err := p.Commit(ctx, c); err != nil || len(put) == 0 {
			return err
		}
		s.world.pause()
		if s.dead() {
			return nil // too late for the rest
		}
		now, err := p.Load(ctx, c.Record.ID)
		if err != nil || now.Version != c.Record.Version {
			return err // who came between has seen what is owed
		}
		again := engine.Commit{Record: now, Expect: now.Version}
		again.Record.Version++
		for _, w := range put {
			again.Put = append(again.Put, engine.WorkChange{Was: owedNow(now, w.Now.Op), Now: w.Now})
		}
		return p.Commit(ctx, again)
	}))
}

func owedNow(r engine.Record, op engine.Op) engine.Work {
	if i := slices.IndexFunc(r.Work, func(w engine.Work) bool { return w.Op == op }); i >= 0 {
		return r.Work[i]
	}
	return engine.Work{}
}

// hasty says that a message was acknowledged, and sends it then.
type hasty struct{ *sender }

// Send implements engine.Sender.
func (h hasty) Send(ctx context.Context, o engine.Delivery) engine.Answer {
	if o.PeerPID == "" {
		return h.sender.Send(ctx, o) // the answer to a first request is needed
	}
	h.side.world.spawn(h.side, "late sending", func() { h.sender.Send(ctx, o) })
	return engine.Answer{Status: 200}
}

func TestFinds_DoneBeforeSent(t *testing.T) {
	finds(t, usual, func(p *plan) {
		p.send = func(n *sender) engine.Sender { return hasty{n} }
	})
}

func TestFinds_FencingIgnored(t *testing.T) {
	// A worker that hangs with a bad answer, until another has the lease.
	slow := func(r *rand.Rand) plan {
		p := usual(r)
		p.faults, p.network, p.crash, p.stall, p.refuse, p.latency, p.strict = 2, 0, 0, 0, 0.2, 8*time.Second, true
		return p
	}
	finds(t, slow, inside(func(_ *side, p engine.Processes, c engine.Commit) error {
		ctx := background
		if c.Held != nil {
			r, err := p.Load(ctx, c.Record.ID)
			if err != nil {
				return err
			}
			now := owedNow(r, c.Held.Op)
			c.Held = &now
			if now.Owner == "" {
				c.Held = nil
			}
		}
		return p.Commit(ctx, c)
	}))
}

func TestFinds_NoDeduplication(t *testing.T) {
	finds(t, usual, func(p *plan) {
		p.wrap = func(_ *side, store engine.Store) engine.Store {
			return &tampered{store, func(p engine.Processes, c engine.Commit) error {
				c.Exchanges = slices.Clone(c.Exchanges)
				for i := range c.Exchanges {
					if c.Exchanges[i].Inbound {
						c.Exchanges[i].MessageID = ""
					}
				}
				return p.Commit(background, c)
			}, true}
		}
	})
}

func TestFinds_AcknowledgementWithoutCompareAndSet(t *testing.T) {
	finds(t, usual, inside(func(_ *side, p engine.Processes, c engine.Commit) error {
		ctx := background
		err := p.Commit(ctx, c)
		acknowledged := slices.ContainsFunc(c.Outcomes, func(o engine.Outcome) bool { return o.Outcome == "acknowledged" })
		if !errors.Is(err, engine.ErrConflict) || c.Held == nil || !acknowledged {
			return err
		}
		now, err := p.Load(ctx, c.Record.ID)
		if err != nil {
			return err
		}
		c.Expect, c.Record.Version = now.Version, now.Version+1
		put, remove := c.Put, c.Remove
		c.Put, c.Remove = nil, nil
		for _, w := range put {
			c.Put = append(c.Put, engine.WorkChange{Was: owedNow(now, w.Now.Op), Now: w.Now})
		}
		for _, w := range remove {
			if w = owedNow(now, w.Op); w.Key != "" {
				c.Remove = append(c.Remove, w)
			}
		}
		return p.Commit(ctx, c)
	}))
}
