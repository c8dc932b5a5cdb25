// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"net/http"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// flowOne is the first transfer of a letterbox.
var flowOne = transfer.Flow{Context: "maker", Process: "one", MessageID: "m2"}

// resumes suspends and resumes, and returns the token of the new address; empty:
// there is none.
func (l *letterbox) resumes() string {
	l.Helper()
	l.now(transfer.ErrSuspended)
	if err := l.inbox.Suspend(l.Context(), flowOne); err != nil {
		l.Fatal(err)
	}
	s, err := l.inbox.Resume(l.Context(), flowOne)
	if err != nil || s.State != transfer.FlowStarted {
		l.Fatal(s, err)
	}
	if s.DataAddress == nil {
		return ""
	}
	if s.DataAddress.Endpoint != l.url {
		l.Errorf("the address is %s", s.DataAddress.Endpoint)
	}
	return s.DataAddress.Get("authorization")
}

// good fails unless a token is.
func (l *letterbox) good(token string) {
	l.Helper()
	if status, _, _ := l.send(letter{method: http.MethodHead, token: token}); status != 204 {
		l.Errorf("a good token: %d", status)
	}
}

// bad fails unless a token is refused by this status and code.
func (l *letterbox) bad(token string, status int, code string) {
	l.Helper()
	if got, said, _ := l.send(letter{method: http.MethodPost, token: token, body: chunks([]byte("bad"))}); got != status || said != code {
		l.Errorf("%d %s, want %d %s", got, said, status, code)
	}
}

// TestInboxTokenAfterAResumption: the new token voids those before it once it
// comes back, and not sooner: nobody knows whether it reached the provider.
func TestInboxTokenAfterAResumption(t *testing.T) {
	l := newLetterbox(t)
	first := l.token["one"]
	second := l.resumes()
	l.bad(first, 403, "transfer-suspended")
	l.bad(second, 403, "transfer-suspended")
	l.now(nil)
	l.good(first)
	l.good(second)
	l.bad(first, 403, "token-superseded")
	l.now(transfer.ErrSuspended)
	l.bad(first, 403, "transfer-suspended")
	l.now(nil)
	l.opens()
	l.bad(first, 403, "token-superseded")
	l.good(second)

	third, fourth, fifth := l.resumes(), l.resumes(), l.resumes()
	l.now(nil)
	l.good(fourth)
	l.bad(second, 403, "token-superseded")
	l.bad(third, 403, "token-superseded")
	l.good(fifth)
	l.bad(fourth, 403, "token-superseded")
	l.bad("guess", 401, "token-invalid")
	l.bad(l.token["two"], 401, "token-invalid")
	l.kept()
	if err := l.inbox.Terminate(t.Context(), flowOne); err != nil {
		t.Fatal(err)
	}
	l.bad(fifth, 403, "transfer-ended") // before its state says so
	l.now(transfer.ErrEnded)
	for _, token := range []string{first, second, third, fourth, fifth} {
		l.bad(token, 403, "transfer-ended")
	}
	l.bad("guess", 401, "token-invalid")
}

// TestInboxTokensAtTheEnd: who has a token that was good learns that the
// transfer has ended, also when the end is told twice.
func TestInboxTokensAtTheEnd(t *testing.T) {
	l := newLetterbox(t)
	given := []string{l.token["one"]}
	for range 12 { // more than are remembered
		given = append(given, l.resumes())
	}
	for range 2 {
		if err := l.inbox.Complete(t.Context(), flowOne); err != nil {
			t.Fatal(err)
		}
		l.now(transfer.ErrEnded)
		l.bad(given[0], 403, "transfer-ended") // it is in use
		l.bad(given[12], 403, "transfer-ended")
	}
	if j, err := l.jobs.Job(t.Context(), "maker", "one", transfer.JobInbox); err != nil || len(j.Void) > 10 || len(j.Given) > 0 || j.Grant != "" {
		t.Errorf("%d are remembered, %d wait: %v", len(j.Void), len(j.Given), err)
	}
	if l.resumes() != "" {
		t.Error("a token of a transfer that has ended")
	}
}

// TestInboxTokenThatIsVoidMeanwhile: a request whose token another one voids
// while it is admitted is not taken.
func TestInboxTokenThatIsVoidMeanwhile(t *testing.T) {
	for code, meanwhile := range map[string]func(l *letterbox, second, third string){
		"":                 func(l *letterbox, second, _ string) { l.good(second) },
		"token-superseded": func(l *letterbox, _, third string) { l.good(third) },
		"transfer-ended": func(l *letterbox, _, _ string) {
			if err := l.inbox.Terminate(t.Context(), flowOne); err != nil {
				t.Error(err)
			}
		},
	} {
		l := newLetterbox(t)
		second, third := l.resumes(), l.resumes()
		l.now(nil)
		l.meanwhile = func() { meanwhile(l, second, third) }
		want := http.StatusForbidden
		if code == "" {
			want = http.StatusCreated
		}
		status, said, _ := l.send(letter{method: http.MethodPost, token: second, body: chunks([]byte("body"))})
		if status != want || said != code || len(l.shelf.Bodies("one")) > 0 != (code == "") {
			t.Errorf("%d %s, want %d %s; kept %v", status, said, want, code, l.shelf.Bodies("one"))
		}
	}
}

// TestInboxTokensThatNeverComeBack are bounded, and do not lock the provider
// out.
func TestInboxTokensThatNeverComeBack(t *testing.T) {
	l := newLetterbox(t)
	given := []string{l.token["one"]}
	for range 40 {
		if token := l.resumes(); token != "" {
			given = append(given, token)
		}
	}
	if len(given) > 20 {
		t.Errorf("%d tokens are given out", len(given))
	}
	l.now(nil)
	for _, token := range given {
		l.good(token)
	}
	j, err := l.jobs.Job(t.Context(), "maker", "one", transfer.JobInbox)
	if err != nil || len(j.Void) > 20 || len(j.Given) > 0 {
		t.Errorf("%d are remembered, %d wait: %v", len(j.Void), len(j.Given), err)
	}
	if l.resumes() == "" {
		t.Error("there is room again")
	}
	if s, err := l.inbox.Resume(t.Context(), transfer.Flow{Context: "maker", Process: "unknown"}); err != nil || s.DataAddress != nil {
		t.Errorf("an inbox that was never prepared: %+v, %v", s, err)
	}
}
