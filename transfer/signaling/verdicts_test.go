// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// judge is a control plane that gives verdicts, as ours does.
type judge struct {
	mu      sync.Mutex
	run     transfer.Running
	err     error
	changed chan struct{}
	asked   int
	silent  bool // it never answers
	gone    bool // somebody else answers, with 404
	unknown bool // it has no such transfer
	hasty   bool // it holds no question
	flips   bool // each answer is another one
	granted int64
	said    []Bytes
	counted []string // the paths they were said to
}

func newJudge() *judge {
	return &judge{
		run:     transfer.Running{Participant: "us", Peer: "them", Agreement: "a", Dataset: "s", Grant: "m"},
		changed: make(chan struct{}),
	}
}

// says changes the verdict.
func (j *judge) says(f func(*judge)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(j)
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *judge) call(ctx context.Context, _, _, path string, body []byte) (int, []byte, error) {
	if strings.HasSuffix(path, "/bytes") {
		var b Bytes
		_ = json.Unmarshal(body, &b)
		j.mu.Lock()
		defer j.mu.Unlock()
		j.said, j.counted = append(j.said, b), append(j.counted, path)
		return 200, fmt.Appendf(nil, `{"granted":%d}`, j.granted), nil
	}
	_, seen, _ := strings.Cut(path, "?seen=")
	over := time.NewTimer(HoldVerdict)
	defer over.Stop()
	j.mu.Lock()
	j.asked++
	j.mu.Unlock()
	for held := false; ; {
		j.mu.Lock()
		changed, silent, gone, unknown, hasty := j.changed, j.silent, j.gone, j.unknown, j.hasty
		v, _ := VerdictOf(j.run, j.err)
		if j.flips {
			v.Version = fmt.Sprint(j.asked)
		}
		j.mu.Unlock()
		switch {
		case silent:
			<-ctx.Done()
			return 0, nil, ctx.Err()
		case gone:
			return 404, []byte("not found"), nil
		case unknown:
			return 404, []byte(`{"code":"transfer-unknown"}`), nil
		case held || hasty || v.Version != seen:
			text, err := json.Marshal(v)
			return 200, text, err
		}
		select {
		case <-changed:
		case <-over.C:
			held = true
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
}

func (j *judge) asks() int { j.mu.Lock(); defer j.mu.Unlock(); return j.asked }

// judged runs a test of a flow that was started, on a clock of its own.
func judged(t *testing.T, rule Rule, f func(t *testing.T, s *Server, j *judge)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j := newJudge()
		sc := &scene{t: t, plane: &fakePlane{}}
		sc.Server = j.server(&Memory{}, sc.plane, rule)
		defer func() { sc.Close() }()
		if status, got, code := sc.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 200 {
			t.Fatal(status, got, code)
		}
		f(t, sc.Server, j)
	})
}

// server is a data plane of this control plane, as a start of the process makes
// it.
func (j *judge) server(flows Flows, planes transfer.Planes, rule Rule) *Server {
	return NewServer(ServerConfig{
		Flows: flows, Planes: planes, Call: j.call, Now: time.Now, NewID: func() string { return "id" },
		Caller:  func(*http.Request) (string, error) { return "cp", nil },
		Context: func(string, string) (string, bool) { return "us", true },
		Rules:   func(string) Rule { return rule },
		Timer: func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTimer(d)
			return t.C, func() { t.Stop() }
		},
	})
}

// passes lets time go by.
func passes(d time.Duration) { <-time.After(d) }

func running(t *testing.T, s *Server, want error) transfer.Running {
	t.Helper()
	run, err := s.Running(t.Context(), "us", "p")
	if !errors.Is(err, want) {
		t.Errorf("Running: %v, want %v", err, want)
	}
	return run
}

// TestVerdictFollowed: a verdict is asked for once every two seconds while it
// is needed, and not after.
func TestVerdictFollowed(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		for range 100 {
			if run := running(t, s, nil); run.Grant != "m" {
				t.Error(run)
			}
			passes(100 * time.Millisecond)
		}
		if n := j.asks(); n < 5 || n > 7 {
			t.Errorf("asked %d times in 10 s", n)
		}
		passes(inUse + 2*HoldVerdict)
		n := j.asks()
		passes(time.Minute)
		if more := j.asks() - n; more != 0 {
			t.Errorf("asked %d times when nobody sent", more)
		}
		running(t, s, nil)
	})
}

// TestVerdictChanged: who sends is woken at once, and told no.
func TestVerdictChanged(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		running(t, s, nil)
		passes(500 * time.Millisecond)
		changed, stop := s.Watch("us", "p")
		defer stop()
		j.says(func(j *judge) { j.err = transfer.ErrAgreementEnded })
		began := time.Now()
		<-changed
		running(t, s, transfer.ErrAgreementEnded)
		if took := time.Since(began); took != 0 {
			t.Errorf("after %v", took)
		}
		j.says(func(j *judge) { j.err = nil }) // what was a no may be a yes now
		running(t, s, nil)
	})
}

// TestVerdictSilent: no answer, no byte; soon.
func TestVerdictSilent(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*judge){
		"silent":         func(j *judge) { j.silent = true },
		"somebody else":  func(j *judge) { j.gone = true },
		"another flow's": func(j *judge) { j.run.Peer = "others" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
				running(t, s, nil)
				passes(500 * time.Millisecond)
				began := time.Now()
				j.says(fault)
				for {
					changed, stop := s.Watch("us", "p")
					_, err := s.Running(t.Context(), "us", "p")
					if err != nil {
						stop()
						break
					}
					select { // as the gate does
					case <-changed:
					case <-time.After(time.Second):
					}
					stop()
					if time.Since(began) > 5*time.Second {
						t.Fatal("data may flow still")
					}
				}
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("after %v", took)
				}
			})
		})
	}
}

// TestVerdictNotOffered: another vendor's control plane rules by its signals,
// unless a verdict was demanded.
func TestVerdictNotOffered(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		j.says(func(j *judge) { j.gone = true })
		for range 100 {
			running(t, s, nil)
		}
		if n := j.asks(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
	judged(t, VerdictsRequired, func(t *testing.T, s *Server, j *judge) {
		j.says(func(j *judge) { j.gone = true })
		running(t, s, errNoVerdict)
	})
	judged(t, SignalsAlone, func(t *testing.T, s *Server, j *judge) {
		running(t, s, nil)
		if n := j.asks(); n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestVerdictUnheld: a control plane that answers at once, whatever was seen, is
// not asked without a pause.
func TestVerdictUnheld(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*judge){
		"it ignores what was seen": func(j *judge) { j.hasty = true },
		"it has no such transfer":  func(j *judge) { j.unknown = true },
		"it always has news":       func(j *judge) { j.flips = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
				j.says(fault)
				_, _ = s.Running(t.Context(), "us", "p")
				passes(5 * time.Second)
				if n := j.asks(); n < 10 || n > 23 {
					t.Errorf("asked %d times in 5 s", n)
				}
			})
		})
	}
}

// TestVerdictDropped: an entry that is over takes no later one with it.
func TestVerdictDropped(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		running(t, s, nil)
		v, f := &s.verdicts, &Flow{ID: "p", ControlPlane: "cp"}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.drop(f, &verdict{})
		k := v.byFlow[[2]string{"cp", "p"}]
		if k == nil {
			t.Fatal("nobody is asked about the flow any more")
		}
		if v.drop(f, k); len(v.byFlow) != 0 {
			t.Error("it is there still")
		}
	})
}

// TestVerdictAfterRestart: a 404 of a control plane that judged any flow before
// the restart does not mean that it gives no verdicts, on that flow or another.
func TestVerdictAfterRestart(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		j.says(func(j *judge) { j.run.Metered, j.run.ByteLimit = true, 20 })
		running(t, s, nil)
		s.Close()
		j.says(func(j *judge) { j.gone = true })
		again := j.server(s.cfg.Flows, s.cfg.Planes, VerdictsWhereOffered)
		defer again.Close()
		running(t, again, errNoVerdict)
		other := &scene{t: t, Server: again}
		if status, got, code := other.post("/dataflows/start", ask("q", "m", "x-pull", "")); status != 200 {
			t.Fatal(status, got, code)
		}
		if _, err := again.Running(t.Context(), "us", "q"); !errors.Is(err, errNoVerdict) {
			t.Errorf("a flow on which there never was a verdict: %v", err)
		}
		running(t, again, errNoVerdict)
		j.says(func(j *judge) { j.gone = false })
		if run := running(t, again, nil); !run.Metered || run.ByteLimit != 20 {
			t.Error(run)
		}
	})
}

// TestVerdictUnkept: by a verdict that cannot be remembered nothing is sent.
func TestVerdictUnkept(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		full := errors.New("disk full")
		again := j.server(unwritable{s.cfg.Flows, full}, s.cfg.Planes, VerdictsWhereOffered)
		defer again.Close()
		running(t, again, full)
	})
}

// unwritable keeps no change.
type unwritable struct {
	Flows
	why error
}

func (u unwritable) PutFlow(context.Context, Flow) error { return u.why }

// TestVerdictGrant: the token of a start that the control plane does not name
// is void.
func TestVerdictGrant(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		j.says(func(j *judge) { j.run.Grant = "earlier" })
		if run := running(t, s, nil); run.Grant != "" {
			t.Error(run)
		}
		j.says(func(j *judge) { j.run.Grant = "m" })
		if run := running(t, s, nil); run.Grant != "m" {
			t.Error(run)
		}
	})
}

// TestVerdictBytes: bytes are counted where the policy is, by the transfer that
// takes them, also where another one under the same agreement was looked at since.
func TestVerdictBytes(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		m := s.Meters()
		if _, err := m.TakeBytes(t.Context(), "us", "a", "nobody's", 10, 20); err == nil {
			t.Error("bytes of a flow that nobody sends")
		}
		j.says(func(j *judge) { j.run.Metered, j.run.ByteLimit, j.granted = true, 20, 99 })
		if run := running(t, s, nil); !run.Metered || run.ByteLimit != 20 {
			t.Error(run)
		}
		sc := &scene{t: t, Server: s}
		if status, _, code := sc.post("/dataflows/start", ask("another", "m", "x-pull", "")); status != 200 {
			t.Fatal(status, code)
		}
		if _, err := s.Running(t.Context(), "us", "another"); err != nil {
			t.Fatal(err)
		}
		got, err := m.TakeBytes(t.Context(), "us", "a", "p", 10, 20)
		if err != nil || got != 10 { // never more than was asked for
			t.Error(got, err)
		}
		if err := m.ReturnBytes(t.Context(), "us", "a", "p", 3); err != nil {
			t.Error(err)
		}
		s.Exhausted("us", "p", 7)
		synctest.Wait()
		j.mu.Lock()
		defer j.mu.Unlock()
		want := []Bytes{{Take: 10, Limit: 20}, {Return: 3}, {Exhausted: 7}}
		if fmt.Sprint(j.said) != fmt.Sprint(want) {
			t.Error(j.said)
		}
		if want := slices.Repeat([]string{"/transfers/p/bytes"}, 3); !slices.Equal(j.counted, want) {
			t.Error(j.counted)
		}
	})
}
