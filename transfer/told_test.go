// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

// TestPlaneIsToldLastWhatIs: where messages of the two sides cross, the last
// that the consumer's plane hears fits the state that both end in.
func TestPlaneIsToldLastWhatIs(t *testing.T) {
	for name, tc := range map[string]struct {
		formats []string
		play    func(w *world, consumerPID, providerPID string)
		story   string // of the consumer
		calls   string // of its plane
		state   string
	}{
		"a suspension is crossed by a suspension and a start": {
			[]string{pull, push},
			func(w *world, consumerPID, providerPID string) {
				w.acts(w.p, providerPID, negotiation.Suspend, negotiation.Start)
				w.claim(w.p) // the plane
				w.claim(w.p) // the suspension is on its way
				w.acts(w.c, consumerPID, negotiation.Suspend)
			},
			"-> Suspension acknowledged; <- Suspension ; <- Start ; ", "suspend resume suspend", "SUSPENDED",
		},
		"a start is crossed by a start and a suspension": {
			[]string{push},
			func(w *world, consumerPID, providerPID string) {
				w.acts(w.p, providerPID, negotiation.Suspend)
				w.settle()
				w.acts(w.p, providerPID, negotiation.Start)
				w.claim(w.p) // the plane
				w.claim(w.p) // the start is on its way
				w.acts(w.p, providerPID, negotiation.Suspend)
				w.acts(w.c, consumerPID, negotiation.Start)
			},
			"-> Start acknowledged; <- Start ; <- Suspension ; ", "suspend resume resume suspend resume", "STARTED",
		},
	} {
		for _, format := range tc.formats {
			t.Run(name+"/"+format, func(t *testing.T) {
				w := newWorld(t, format, true)
				w.c.set.Builtin(format, "consumer", w.c.plane)
				consumerPID, providerPID := w.open(format)
				tc.play(w, consumerPID, providerPID)
				w.settle()
				w.agree(t, format, consumerPID, providerPID)
				c := w.c.get(t, consumerPID)
				if c.State != tc.state || !strings.HasSuffix(story(c), tc.story) {
					t.Errorf("the consumer is in %s after %s", c.State, story(c))
				}
				if got := strings.Join(w.c.plane.calls, " "); got != "prepare start "+tc.calls {
					t.Errorf("its plane was called %q", got)
				}
				if err := w.c.svc.Receiving(context.Background(), "consumer", consumerPID); (err == nil) != (tc.state == "STARTED") {
					t.Errorf("what it receives: %v", err)
				}
			})
		}
	}
}

func (w *world) acts(s *side, id string, acts ...negotiation.Act) {
	for _, a := range acts {
		if err := s.act(id, negotiation.Decision{Act: a}); err != nil {
			w.t.Fatalf("%s: %s: %v", s.name, a, err)
		}
	}
}

// TestRefusedStartIsClosed: the plane that was asked before a start hears that
// it is not to be, and can be asked again.
func TestRefusedStartIsClosed(t *testing.T) {
	for name, tc := range map[string]struct {
		format string
		who    func(w *world) *side
		first  bool
		calls  string
	}{
		"the first":                     {pull, func(w *world) *side { return w.p }, true, "start suspend resume"},
		"the provider's":                {pull, func(w *world) *side { return w.p }, false, "start suspend resume suspend resume"},
		"the consumer's, of a push":     {push, func(w *world) *side { return w.c }, false, "prepare start suspend resume suspend resume"},
		"the provider's, of a push":     {push, func(w *world) *side { return w.p }, false, "start suspend resume suspend resume"},
		"the consumer's, without calls": {pull, func(w *world) *side { return w.c }, false, "prepare start suspend resume"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.format, true)
			w.c.set.Builtin(tc.format, "consumer", w.c.plane)
			s := tc.who(w)
			refused := 0 // so many more
			w.refuse = func(o engine.Delivery) bool {
				refused--
				return refused >= 0 && strings.HasSuffix(o.Path, "/start")
			}
			if tc.first {
				refused = 2 // of the request as well, which goes
			}
			consumerPID, providerPID := w.open(tc.format)
			id := map[*side]string{w.p: providerPID, w.c: consumerPID}[s]
			if !tc.first {
				w.acts(s, id, negotiation.Suspend)
				w.settle()
				refused = 1
				w.acts(s, id, negotiation.Start)
				w.settle()
				w.agree(t, tc.format, consumerPID, providerPID)
				if p := s.get(t, id); p.State != "SUSPENDED" || p.LastError == nil || p.AwaitsStart || p.Open {
					t.Errorf("after the refusal it is in %s: %+v, awaits a start: %t, open: %t", p.State, p.LastError, p.AwaitsStart, p.Open)
				}
				w.acts(s, id, negotiation.Start)
				w.settle()
			}
			w.agree(t, tc.format, consumerPID, providerPID)
			if got := strings.Join(s.plane.calls, " "); got != tc.calls {
				t.Errorf("the plane was called %q", got)
			}
		})
	}
}
