// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// do has a side act, lets everything settle, and checks the state of both.
func (w *world) do(s *side, id string, a negotiation.Act) error {
	err := s.act(id, negotiation.Decision{Act: a, Reason: "because"})
	w.settle()
	return err
}

// TestLegalActs walks every way through the table that a user can take.
func TestLegalActs(t *testing.T) {
	type step struct {
		who string
		act negotiation.Act
	}
	for name, tc := range map[string]struct {
		steps []step
		state string
		calls string
	}{
		"started at once":             {nil, "STARTED", "start"},
		"provider suspends, resumes":  {[]step{{"p", "suspend"}, {"p", "start"}}, "STARTED", "start suspend resume"},
		"consumer suspends, resumes":  {[]step{{"c", "suspend"}, {"c", "start"}}, "STARTED", "start suspend resume"},
		"provider suspends, c starts": {[]step{{"p", "suspend"}, {"c", "start"}}, "STARTED", "start suspend resume"},
		"consumer suspends, p starts": {[]step{{"c", "suspend"}, {"p", "start"}}, "STARTED", "start suspend resume"},
		"suspended by the consumer":   {[]step{{"c", "suspend"}}, "SUSPENDED", "start suspend"},
		"completed by the consumer":   {[]step{{"c", "complete"}}, "COMPLETED", "start complete"},
		"completed by the provider":   {[]step{{"p", "complete"}}, "COMPLETED", "start complete"},
		"terminated by the consumer":  {[]step{{"c", "terminate"}}, "TERMINATED", "start terminate"},
		"terminated while suspended":  {[]step{{"p", "suspend"}, {"c", "terminate"}}, "TERMINATED", "start suspend terminate"},
		"completed after resumption":  {[]step{{"c", "suspend"}, {"c", "start"}, {"c", "complete"}}, "COMPLETED", "start suspend resume complete"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			consumerPID, providerPID := w.open(pull)
			for _, s := range tc.steps {
				side, id := w.p, providerPID
				if s.who == "c" {
					side, id = w.c, consumerPID
				}
				if err := w.do(side, id, s.act); err != nil {
					t.Fatalf("%v: %v", s, err)
				}
			}
			if got := w.p.get(t, providerPID).State; got != tc.state {
				t.Errorf("state %s, want %s", got, tc.state)
			}
			if got := strings.Join(w.p.plane.calls, " "); got != tc.calls {
				t.Errorf("the plane was called %q, want %q", got, tc.calls)
			}
			w.agree(t, pull, consumerPID, providerPID)
		})
	}
}

// TestIllegalActs: refused with a reason, and nothing changes.
func TestIllegalActs(t *testing.T) {
	for name, tc := range map[string]struct {
		before, act negotiation.Act
		who         string
		code        string
	}{
		"start what is started":        {"", "start", "p", "illegal-transition"},
		"complete what is suspended":   {"suspend", "complete", "p", "illegal-transition"},
		"suspend what is suspended":    {"suspend", "suspend", "c", "illegal-transition"},
		"suspend what is completed":    {"complete", "suspend", "c", "process-ended"},
		"start what is terminated":     {"terminate", "start", "p", "process-ended"},
		"an act of negotiations":       {"", "agree", "p", "unknown-act"},
		"start of a consumer, at once": {"", "start", "c", "illegal-transition"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			consumerPID, providerPID := w.open(pull)
			if tc.before != "" {
				if err := w.do(w.p, providerPID, tc.before); err != nil {
					t.Fatal(err)
				}
			}
			side, id := w.p, providerPID
			if tc.who == "c" {
				side, id = w.c, consumerPID
			}
			before := side.get(t, id)
			err := w.do(side, id, tc.act)
			if err == nil || !strings.HasPrefix(err.Error(), tc.code+":") {
				t.Errorf("error %v, want %s", err, tc.code)
			}
			if after := side.get(t, id); after.State != before.State || !after.Updated.Equal(before.Updated) {
				t.Errorf("changed from %s to %s", before.State, after.State)
			}
		})
	}
}

// TestStopsAtOnce: what our side decided to stop stops before the peer hears
// of it, also while another message of ours is still on its way.
func TestStopsAtOnce(t *testing.T) {
	for _, act := range []negotiation.Act{negotiation.Suspend, negotiation.Complete, negotiation.Terminate} {
		t.Run(string(act), func(t *testing.T) {
			w := newWorld(t, pull, false)
			_, providerPID := w.open(pull)
			if _, err := w.p.svc.Running(context.Background(), "provider", providerPID); err != nil {
				t.Fatal(err)
			}
			if err := w.p.act(providerPID, negotiation.Decision{Act: act}); err != nil {
				t.Fatal(err)
			}
			want := transfer.ErrEnded
			if act == negotiation.Suspend {
				want = transfer.ErrSuspended
			}
			if _, err := w.p.svc.Running(context.Background(), "provider", providerPID); !errors.Is(err, want) {
				t.Errorf("the flow says %v, want %v", err, want)
			}
		})
	}
	t.Run("queued behind a start", func(t *testing.T) {
		w := newWorld(t, pull, false)
		consumerPID, providerPID := w.open(pull)
		_ = w.do(w.p, providerPID, negotiation.Suspend)
		_ = w.p.act(providerPID, negotiation.Decision{Act: negotiation.Start})
		w.claim(w.p) // the plane
		w.claim(w.p) // the start is on its way
		if _, err := w.p.svc.Running(context.Background(), "provider", providerPID); err != nil {
			t.Fatalf("a start on its way has its token: %v", err)
		}
		if err := w.p.act(providerPID, negotiation.Decision{Act: negotiation.Suspend}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.p.svc.Running(context.Background(), "provider", providerPID); !errors.Is(err, transfer.ErrSuspended) {
			t.Errorf("the flow says %v", err)
		}
		w.settle()
		w.agree(t, pull, consumerPID, providerPID)
		if got := w.p.get(t, providerPID).State; got != "SUSPENDED" {
			t.Errorf("state %s", got)
		}
	})
}

// TestConsumerWaitsForTheAddress: rule 3 of guards.go.
func TestConsumerWaitsForTheAddress(t *testing.T) {
	w := newWorld(t, pull, true)
	consumerPID, providerPID := w.open(pull)
	_ = w.do(w.c, consumerPID, negotiation.Suspend)
	old := w.c.get(t, consumerPID)
	if old.DataAddress != nil {
		t.Error("a suspended pull keeps its address")
	}
	_ = w.c.act(consumerPID, negotiation.Decision{Act: negotiation.Start})
	w.claim(w.c)
	w.arrive(w.sends[0])
	w.reply(0, false)
	if c := w.c.get(t, consumerPID); c.State != "STARTED" || !c.AwaitsStart || c.DataAddress != nil {
		t.Fatalf("the consumer is in %s and awaits %v", c.State, c.AwaitsStart)
	}
	if p := w.p.get(t, providerPID); !p.OwesStart || p.Open {
		t.Fatalf("the provider owes %v, open %v", p.OwesStart, p.Open)
	}
	if err := w.c.act(consumerPID, negotiation.Decision{Act: negotiation.Suspend}); err == nil || !strings.HasPrefix(err.Error(), "awaits-start:") {
		t.Errorf("suspending now: %v", err)
	}
	// The engine refuses a decider's suspension as well.
	if _, err := w.c.core.Do(context.Background(), "consumer", consumerPID, engine.Act{Message: "TransferSuspensionMessage"}); !errors.Is(err, engine.ErrRefused) {
		t.Errorf("a decider suspends now: %v", err)
	}
	w.settle()
	w.agree(t, pull, consumerPID, providerPID)
	if err := w.do(w.c, consumerPID, negotiation.Suspend); err != nil {
		t.Errorf("suspending after the answer: %v", err)
	}
}

// TestConsumerMessageWaits: rule 1 of guards.go. A suspension that comes while
// the answer to our start is on its way back is neither refused nor applied
// before it; after too long a wait the peer is told to send it again.
func TestConsumerMessageWaits(t *testing.T) {
	for _, late := range []bool{false, true} {
		w := newWorld(t, pull, true)
		consumerPID, providerPID := w.open(pull)
		_ = w.do(w.p, providerPID, negotiation.Suspend)
		_ = w.p.act(providerPID, negotiation.Decision{Act: negotiation.Start})
		w.claim(w.p) // the plane
		w.claim(w.p)
		w.arrive(w.sends[0]) // the start; its answer stays on the way
		if err := w.c.act(consumerPID, negotiation.Decision{Act: negotiation.Suspend}); err != nil {
			t.Fatal(err)
		}
		for w.claim(w.c) && len(w.sends) < 2 { // the decider, then the message
		}
		if len(w.sends) != 2 {
			t.Fatalf("%d messages on their way", len(w.sends))
		}
		w.arrive(w.sends[1])
		if len(w.waits) != 1 || w.sends[1].answer != nil {
			t.Fatal("the suspension does not wait")
		}
		if late {
			w.now = w.now.Add(6 * time.Second)
			w.wake()
			if a := w.sends[1].answer; a == nil || a.Status != 503 {
				t.Fatalf("after the wait: %+v", a)
			}
		} else {
			w.reply(0, false)
			w.wake()
			if a := w.sends[0].answer; a == nil || a.Status != 200 {
				t.Fatalf("after our start was acknowledged: %+v", a)
			}
		}
		w.settle()
		w.agree(t, pull, consumerPID, providerPID)
		if got := w.p.get(t, providerPID).State; got != "SUSPENDED" {
			t.Errorf("state %s", got)
		}
	}
}

// TestNoStartAfterASuspension: a consumer of another make that resumes and at
// once suspends again is not resumed by the answer to its start.
func TestNoStartAfterASuspension(t *testing.T) {
	for name, claims := range map[string]int{"asked the decider": 1, "asked the plane": 2} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, true)
			consumerPID, providerPID := w.open(pull)
			_ = w.do(w.c, consumerPID, negotiation.Suspend)
			for _, at := range []string{"start", "suspension"} {
				body := message(t, at, consumerPID, providerPID, w.id())
				var err error
				w.run(func() {
					_, err = w.p.svc.Receive(context.Background(), w.c.call(providerPID, body), transfer.Endpoint(at))
				})
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; at == "start" && i < claims; i++ {
					w.claim(w.p)
				}
			}
			if len(w.sends) != 0 {
				t.Fatal("the start has left already")
			}
			if sent := w.answerAs(""); len(sent) != 0 {
				t.Errorf("sent %s", sent[0].Message)
			}
			if p := w.p.get(t, providerPID); p.State != "SUSPENDED" || p.Open || w.p.plane.state[providerPID] != transfer.FlowSuspended {
				t.Errorf("in %s, open %v, the plane %v", p.State, p.Open, w.p.plane.calls)
			}
			if err := w.p.act(providerPID, negotiation.Decision{Act: negotiation.Start}); err != nil {
				t.Errorf("it cannot be resumed any more: %v", err)
			}
		})
	}
}

// TestDataPlaneFails: a failure that passes is tried again; a refusal ends
// the transfer with its reason.
func TestDataPlaneFails(t *testing.T) {
	w := newWorld(t, pull, false)
	w.p.plane.fail = errors.New("not now")
	p, err := w.c.svc.Request(context.Background(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		_ = w.claim(w.c) || w.deliver() || w.claim(w.p)
	}
	providerPID := w.c.get(t, p.ID).PeerPID
	if got := w.p.get(t, providerPID); got.LastError == nil || got.LastError.Code != "data-plane" || got.NextTry.IsZero() || got.WaitingFor != "us" {
		t.Errorf("it does not say what it waits for: %+v %q", got.LastError, got.WaitingFor)
	}
	w.p.plane.fail = transfer.Refuse("no-capacity", "no capacity is left")
	w.settle()
	if c := w.c.get(t, p.ID); c.State != "TERMINATED" || !strings.Contains(c.StoppedFor, "no capacity is left") {
		t.Errorf("the consumer is in %s for %q", c.State, c.StoppedFor)
	}
}

// TestApproval: a person decides about the start, not about its answers.
func TestApproval(t *testing.T) {
	w := newWorld(t, pull, false)
	rules := transfer.Approval{Rules: transfer.Rules{Agreements: w.p}}
	ctx := context.Background()
	first := transfer.Process{Context: "provider", Role: "provider", State: "REQUESTED", Agreement: "agreement-1"}
	if d, err := rules.Decide(ctx, first); err != nil || !d.Person || d.Act != negotiation.Wait {
		t.Errorf("a request: %+v %v", d, err)
	}
	owing := first
	owing.State, owing.OwesStart = "STARTED", true
	if d, err := rules.Decide(ctx, owing); err != nil || d.Act != negotiation.Start {
		t.Errorf("a resumption: %+v %v", d, err)
	}
	gone := first
	gone.Agreement = "other"
	if d, err := rules.Decide(ctx, gone); err != nil || d.Act != negotiation.Terminate {
		t.Errorf("without an agreement: %+v %v", d, err)
	}
}

// TestSecretsStayInside: no list, history or text shows a token.
func TestSecretsStayInside(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, _ := w.open(pull)
	c := w.c.get(t, consumerPID)
	token := c.DataAddress.Get("authorization")
	if !strings.HasPrefix(token, "token-of-") {
		t.Fatalf("no token: %q", token)
	}
	list, err := w.c.svc.List(context.Background(), "consumer", transfer.Filter{})
	if err != nil || len(list) != 1 || list[0].DataAddress != nil || list[0].History != nil {
		t.Errorf("the list shows %+v %v", list, err)
	}
	if len(c.History) != 2 || len(c.History[1].Body) == 0 {
		t.Fatalf("history %+v", c.History)
	}
	for _, e := range c.History {
		if strings.Contains(string(e.Body), "token-of-") {
			t.Errorf("the history shows the token: %s", e.Body)
		}
	}
	if text := c.DataAddress.String() + c.DataAddress.LogValue().String() + c.DataAddress.Properties[0].String(); strings.Contains(text, token) {
		t.Errorf("printed with its token: %s", text)
	}
}

// TestDelay: After holds an act back, and a message of the peer undoes that.
func TestDelay(t *testing.T) {
	w := newWorld(t, pull, true)
	_, providerPID := w.open(pull)
	if err := w.p.act(providerPID, negotiation.Decision{Act: negotiation.Suspend, After: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if w.claim(w.p) || w.p.get(t, providerPID).State != "STARTED" {
		t.Fatal("suspended at once")
	}
	before := w.now
	w.settle()
	if got := w.p.get(t, providerPID).State; got != "SUSPENDED" || w.now.Sub(before) < time.Minute {
		t.Errorf("in %s after %s", got, w.now.Sub(before))
	}
}
