// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// begins starts a flow of a process, with or without the header of a control
// plane that gives verdicts.
func begins(t *testing.T, s *Server, process, header string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/dataflows/start", strings.NewReader(ask(process, "m-"+process, "x-pull", "")))
	if header != "" {
		r.Header.Set(HeaderVerdicts, header)
	}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", process, w.Code, w.Body)
	}
}

// TestJudgeKnown: once it is known that a control plane gives verdicts, by its
// word or by one verdict, a 404 that is not of ours lets nothing pass in any of
// its flows, also after a restart. What never said so rules by its signals.
func TestJudgeKnown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		learn func(*testing.T, *Server, *judge)
		want  error
	}{
		"never":        {func(*testing.T, *Server, *judge) {}, nil},
		"by a verdict": {func(t *testing.T, s *Server, _ *judge) { running(t, s, nil) }, errNoVerdict},
		"by its own refusal": {func(t *testing.T, s *Server, j *judge) {
			j.says(func(j *judge) { j.unknown = true })
			running(t, s, transfer.ErrEnded)
		}, errNoVerdict},
		"by a start": {func(t *testing.T, s *Server, _ *judge) { begins(t, s, "other", "given") }, errNoVerdict},
		"by its answer to a registration": {func(t *testing.T, s *Server, _ *judge) {
			if err := s.Judges(t.Context(), "cp"); err != nil {
				t.Error(err)
			}
		}, errNoVerdict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
				tc.learn(t, s, j)
				j.says(func(j *judge) { j.gone, j.unknown = true, false })
				begins(t, s, "q", "")
				passes(believed)
				for range 2 {
					for _, process := range []string{"p", "q"} {
						if _, err := s.Running(t.Context(), "us", process); !errors.Is(err, tc.want) {
							t.Errorf("%s: %v, want %v", process, err, tc.want)
						}
					}
					s.Close()
					again := j.server(s.cfg.Flows, s.cfg.Planes, VerdictsWhereOffered)
					defer again.Close()
					s = again
				}
			})
		})
	}
}

// TestJudgeKnownByTheFirstStart: the flow that says it is judged itself, and
// where it is ruled that signals alone count, they do.
func TestJudgeKnownByTheFirstStart(t *testing.T) {
	t.Parallel()
	for rule, want := range map[Rule]error{VerdictsWhereOffered: errNoVerdict, SignalsAlone: nil} {
		judged(t, rule, func(t *testing.T, s *Server, j *judge) {
			j.says(func(j *judge) { j.gone = true })
			begins(t, s, "q", "given")
			if _, err := s.Running(t.Context(), "us", "q"); !errors.Is(err, want) {
				t.Errorf("rule %d: %v, want %v", rule, err, want)
			}
		})
	}
}

// TestJudgeUnread: while it cannot be told whether a control plane gives
// verdicts, nothing passes; a start is not taken that could not be noted.
func TestJudgeUnread(t *testing.T) {
	t.Parallel()
	judged(t, VerdictsWhereOffered, func(t *testing.T, s *Server, j *judge) {
		j.says(func(j *judge) { j.gone = true })
		again := j.server(forgetful{s.cfg.Flows}, s.cfg.Planes, VerdictsWhereOffered)
		defer again.Close()
		running(t, again, errNoVerdict)
		r := httptest.NewRequest(http.MethodPost, "/dataflows/start", strings.NewReader(ask("q", "m", "x-pull", "")))
		r.Header.Set(HeaderVerdicts, "given")
		w := httptest.NewRecorder()
		if again.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
			t.Errorf("the start: %d %s", w.Code, w.Body)
		}
	})
}

// forgetful can neither keep nor tell who gives verdicts.
type forgetful struct{ Flows }

var errForgotten = errors.New("the store is down")

func (forgetful) PutJudge(context.Context, string) error      { return errForgotten }
func (forgetful) Judge(context.Context, string) (bool, error) { return false, errForgotten }

// doer is a Doer.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// TestJudgeSaysSo: our control plane says with each call that it gives verdicts,
// and others do not.
func TestJudgeSaysSo(t *testing.T) {
	for verdicts, want := range map[bool]string{true: "given", false: ""} {
		var got *http.Request
		client := NewClient(ClientConfig{Endpoint: "https://plane.example", Verdicts: verdicts, Now: time.Now, HTTP: doer(func(r *http.Request) (*http.Response, error) {
			got = r
			w := httptest.NewRecorder()
			_, _ = w.WriteString(`{"dataFlowId":"p","state":"STARTED"}`)
			return w.Result(), nil
		})})
		_, err := client.Start(t.Context(), transfer.Flow{MessageID: "m", Process: "p", Role: "provider", Format: "x-pull"})
		if err != nil || got.Header.Get(HeaderVerdicts) != want {
			t.Errorf("the header is %q, want %q: %v", got.Header.Get(HeaderVerdicts), want, err)
		}
	}
}
