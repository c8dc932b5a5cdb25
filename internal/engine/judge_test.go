// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/engine"
)

func status(list ...int) func(int) engine.Answer {
	return func(n int) engine.Answer {
		if n > len(list) {
			return engine.Answer{Status: 200}
		}
		if list[n-1] == 0 {
			return engine.Answer{Err: errors.New("connection reset")}
		}
		return engine.Answer{Status: list[n-1]}
	}
}

// TestFirstRequest names how each answer to the first request is taken, and
// when it is sent again.
func TestFirstRequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(int) engine.Answer
		wait   time.Duration // after the first attempt
		state  engine.State
		posts  int
	}{
		{"200 is an acknowledgement", status(200), 0, "OPEN", 1},
		{"201 is an acknowledgement", status(201), 0, "OPEN", 1},
		{"400 ends it, nobody is told", status(400), 0, "ENDED", 1},
		{"404 before any 2xx is final", status(404), 0, "ENDED", 1},
		{"302 is final", status(302), 0, "ENDED", 1},
		{"500 is sent again", status(500), time.Second, "OPEN", 2},
		{"503 twice is sent again", status(503, 503), time.Minute, "OPEN", 3},
		{"429 is sent again", status(429), time.Second, "OPEN", 2},
		{"no answer is sent again", status(0), time.Second, "OPEN", 2},
		{"401 is sent once more at once", status(401), 0, "OPEN", 2},
		{"401 twice waits long", status(401, 401), 0, "", 2},
		{"401 twice is tried again later", status(401, 401), time.Hour, "OPEN", 3},
		{"an address never to be called ends it", func(int) engine.Answer { return engine.Answer{Err: errors.New("private"), Never: true} }, 0, "ENDED", 1},
		{"an unreadable acknowledgement is sent again", func(n int) engine.Answer {
			return engine.Answer{Status: 200, Body: []byte([]string{"nonsense", ""}[min(n-1, 1)])}
		}, time.Second, "OPEN", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.answer = c.answer
			b.open()
			b.work()
			for step := time.Duration(0); step < c.wait; step += c.wait / 10 {
				b.now = b.now.Add(c.wait / 10)
				b.work()
			}
			if r := b.record(); r.State != c.state || len(b.posts) != c.posts {
				t.Errorf("state %q after %d posts, want %q after %d; last error %+v", r.State, len(b.posts), c.state, c.posts, r.LastError)
			}
			for _, p := range b.posts {
				if p != b.posts[0] {
					t.Errorf("a repetition differs: %q, first %q", p, b.posts[0])
				}
			}
		})
	}
}

// busy brings a process to BUSY, where the consumer is to send.
func busy(t *testing.T) *bench {
	b := newBench(t)
	b.open()
	b.work()
	if err := b.receive("work", "m1"); err != nil {
		t.Fatal(err)
	}
	b.work()
	return b
}

func TestLaterMessages(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(int) engine.Answer
		look   engine.Answer
		late   time.Duration // since the last 2xx
		state  engine.State
		posts  int
		looks  int
	}{
		{"409 right after a 2xx is the peer's race", status(409), engine.Answer{}, 0, "OPEN", 2, 0},
		{"404 right after a 2xx is the peer's race", status(404), engine.Answer{}, 0, "OPEN", 2, 0},
		{"409 later may be the race of a slow peer still", status(409), engine.Answer{}, 29 * time.Second, "OPEN", 2, 0},
		{"404 later is final", status(404), engine.Answer{}, 6 * time.Second, "BUSY", 1, 0},
		{"409 long after is final", status(409), engine.Answer{}, time.Minute, "BUSY", 1, 0},
		{"400 is final at once", status(400), engine.Answer{}, 0, "BUSY", 1, 0},
		{"no answer, and the peer shows the target, which may be its state of before", status(0), engine.Answer{Status: 200, Body: []byte("OPEN")}, 0, "OPEN", 2, 1},
		{"no answer, and the peer shows the old state", status(0), engine.Answer{Status: 200, Body: []byte("BUSY")}, 0, "OPEN", 2, 1},
		{"no answer, and the peer knows nothing", status(0), engine.Answer{Status: 404}, 0, "OPEN", 2, 1},
		{"a no to a repetition is checked with the peer", status(0, 400), engine.Answer{Status: 500}, 0, "BUSY", 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := busy(t)
			b.posts, b.answer, b.look = nil, c.answer, c.look
			b.now = b.now.Add(c.late)
			if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "work"}); err != nil {
				t.Fatal(err)
			}
			b.work()
			b.now = b.now.Add(300 * time.Millisecond)
			b.work()
			r := b.record()
			if r.State != c.state || len(b.posts) != c.posts || b.looks != c.looks {
				t.Errorf("state %q, %d posts, %d looks; want %q, %d, %d; last error %+v", r.State, len(b.posts), b.looks, c.state, c.posts, c.looks, r.LastError)
			}
		})
	}
}

func TestDeadlineIsFinal(t *testing.T) {
	b := newBench(t)
	b.answer = func(int) engine.Answer { return engine.Answer{Status: 503} }
	b.open()
	for range 2000 {
		b.work()
		b.now = b.now.Add(time.Minute)
	}
	r := b.record()
	if r.State != "ENDED" || r.LastError.Code != "deadline" || len(r.Work) != 0 {
		t.Errorf("state %q, last error %+v, work %v", r.State, r.LastError, r.Work)
	}
}

func TestReceiveOrder(t *testing.T) {
	t.Run("an @id accepted before has no effect", func(t *testing.T) {
		b := busy(t)
		before := b.record()
		if err := b.receive("work", "m1"); err != nil {
			t.Fatal(err)
		}
		if after := b.record(); after.Version != before.Version {
			t.Errorf("version %d became %d", before.Version, after.Version)
		}
	})
	t.Run("illegal is refused and changes nothing", func(t *testing.T) {
		b := busy(t)
		before := b.record()
		if err := b.receive("work", "m2"); !errors.Is(err, engine.ErrRefused) {
			t.Errorf("error %v", err)
		}
		after := b.record()
		after.Version, after.Refused, after.Updated = before.Version, nil, before.Updated // its @id is remembered
		after.Work = before.Work                                                          // the decider is asked anew
		if d := cmp.Diff(before, after); d != "" {
			t.Error(d)
		}
	})
	t.Run("another peer finds nothing", func(t *testing.T) {
		b := busy(t)
		_, err := b.core.Receive(t.Context(), engine.Inbound{Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "mallory", ConsumerPID: "ours", Message: "bye"})
		if !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a body without our pid is refused", func(t *testing.T) {
		b := busy(t)
		_, err := b.core.Receive(t.Context(), engine.Inbound{Context: "acme", Process: "ours", Kind: engine.Negotiation, Peer: "peer", ConsumerPID: "x", ProviderPID: "y", Message: "bye"})
		if !errors.Is(err, engine.ErrRefused) {
			t.Errorf("error %v", err)
		}
	})
}

func TestTerminationReplacesWhatWasNeverSent(t *testing.T) {
	b := busy(t)
	b.posts = nil
	for _, m := range []engine.Message{"work", "bye"} {
		if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: m}); err != nil {
			t.Fatal(err)
		}
	}
	b.work()
	if r := b.record(); r.State != "ENDED" || len(b.posts) != 1 {
		t.Errorf("state %q after %d posts", r.State, len(b.posts))
	}
}

func TestStaleDecisionIsDropped(t *testing.T) {
	b := busy(t)
	asked := 0
	b.domain.decide = func(engine.Record) (engine.Decision, error) {
		if asked++; asked == 1 { // the peer ends the process while we think
			if err := b.receive("bye", "m9"); err != nil {
				t.Fatal(err)
			}
		}
		return engine.Decision{Act: &engine.Act{Message: "work"}}, nil
	}
	if _, err := b.core.Do(t.Context(), "acme", "ours", engine.Act{Message: "work"}); err != nil {
		t.Fatal(err)
	}
	b.work() // to OPEN, where the decider is asked
	if r := b.record(); r.State != "ENDED" || asked != 1 {
		t.Errorf("state %q, asked %d times", r.State, asked)
	}
}
