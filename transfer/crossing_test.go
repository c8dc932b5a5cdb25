// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
)

// TestCrossings: whatever the two sides do, and whatever the network loses,
// both end in the same state, and what flows fits to it. Without the built-in
// rules no termination hides a difference: nobody ends anything unasked.
func TestCrossings(t *testing.T) {
	rounds := 5 // of 100 schedules each
	if testkit.Full() {
		rounds = 40
	}
	for _, tc := range []struct {
		name, format string
		strict, own  bool // own: to the consumer's own plane
	}{
		{"pull", pull, true, false},
		{"push", push, true, false},
		{"push to a plane", push, true, true},
		{"pull by a plane", pull, true, true},
		{"pull with the built-in rules", pull, false, false},
		{"push with the built-in rules", push, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rounds := rounds
			if tc.own && !testkit.Full() {
				rounds = 1
			}
			for range rounds {
				rapid.Check(t, func(rt *rapid.T) { crossing(t, rt, tc.format, tc.strict, tc.own) })
			}
		})
	}
}

func crossing(t *testing.T, rt *rapid.T, format string, strict, own bool) {
	w := newWorld(t, format, strict)
	if own {
		w.c.set.Builtin(format, "consumer", w.c.plane)
	}
	consumerPID, providerPID := w.open(format)
	acts := []negotiation.Act{
		negotiation.Start, negotiation.Suspend, negotiation.Start, negotiation.Suspend, negotiation.Start,
		negotiation.Suspend, negotiation.Start, negotiation.Suspend, negotiation.Complete, negotiation.Terminate,
	}
	for range rapid.IntRange(5, 80).Draw(rt, "steps") {
		switch rapid.IntRange(0, 9).Draw(rt, "what") {
		case 0:
			_ = w.p.act(providerPID, negotiation.Decision{Act: rapid.SampledFrom(acts).Draw(rt, "provider")})
		case 1:
			_ = w.c.act(consumerPID, negotiation.Decision{Act: rapid.SampledFrom(acts).Draw(rt, "consumer")})
		case 2, 3:
			w.claim(w.p)
		case 4, 5:
			w.claim(w.c)
		case 6, 7, 8:
			w.network(rt)
		case 9:
			if !w.wake() && len(w.sends) == 0 {
				w.advance()
			}
		}
	}
	w.settle()
	w.agree(rt, format, consumerPID, providerPID)
}

// network moves one message, or loses it or its answer, or has a start refused
// that did not arrive before: nobody refuses what it has taken. What the sender
// gave up before it arrived never arrives: a message cannot outlive its exchange.
func (w *world) network(rt *rapid.T) {
	if len(w.sends) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.sends)-1).Draw(rt, "message")
	p := w.sends[i]
	fate := rapid.IntRange(0, 9).Draw(rt, "fate")
	switch {
	case fate < 2:
		w.reply(i, true)
	case fate == 2 && !p.arrived && !w.handled[string(p.o.Body)] && strings.HasSuffix(p.o.Path, "/start"):
		p.arrived, p.answer = true, &engine.Answer{Status: 400}
	case !p.arrived:
		w.arrive(p)
	case p.answer != nil:
		w.reply(i, false)
	}
}
