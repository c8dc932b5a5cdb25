// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// tokenService is an endpoint with the secret "right", at a clock of its own.
type tokenService struct {
	handler http.Handler
	mu      sync.Mutex
	now     time.Time
	judged  int
}

func newTokenService() *tokenService {
	s := &tokenService{now: fixedNow()}
	clock := func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	}
	serve := func(_ context.Context, c dcp.Call) (dcp.Answer, error) {
		s.mu.Lock()
		s.judged++
		s.mu.Unlock()
		if string(c.Body) != "right" {
			return dcp.Answer{Status: http.StatusUnauthorized, Body: []byte(`{"error":"invalid_client"}`)}, nil
		}
		return dcp.Answer{Status: http.StatusOK}, nil
	}
	s.handler = web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: clock, NewID: newID}, Participants: fixedParticipant{}, Verifier: fixedVerifier{}, IssuerOnly: true,
		Claims: []dcp.Route{{Method: http.MethodPost, Path: "/sts/token", Serve: serve}, {Method: http.MethodPost, Path: "/dcp/offers", Serve: serve}},
	})
	return s
}

func (s *tokenService) try(from, path, secret string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/acme"+path, strings.NewReader(secret))
	r.RemoteAddr = from
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	return answer
}

// Secrets of the token service cannot be tried out.
func TestGuessesAreBounded(t *testing.T) {
	s := newTokenService()
	want := func(from, path, secret string, status int) {
		t.Helper()
		if answer := s.try(from, path, secret); answer.Code != status {
			t.Errorf("%s from %s: %d, want %d: %s", secret, from, answer.Code, status, answer.Body)
		} else if status == 429 && answer.Header().Get("Retry-After") != "60" {
			t.Errorf("Retry-After %q", answer.Header().Get("Retry-After"))
		}
	}
	for range 100 {
		want("192.0.2.1:1", "/sts/token", "right", 200)
	}
	for i := range 10 {
		want(fmt.Sprintf("192.0.2.1:%d", i+1), "/sts/token", fmt.Sprint(i), 401)
	}
	want("192.0.2.1:1", "/sts/token", "11", 429)
	want("192.0.2.1:2", "/sts/token", "right", 429) // or it would be a guess like the others
	want("192.0.2.2:1", "/sts/token", "right", 200) // nobody is shut out by another's guesses
	want("192.0.2.1:1", "/dcp/offers", "right", 200)
	s.mu.Lock()
	s.now = s.now.Add(time.Minute)
	s.mu.Unlock()
	want("192.0.2.1:1", "/sts/token", "right", 200)

	for i := range 10 { // one network of IPv6 is one guesser
		want(fmt.Sprintf("[2001:db8:0:1::%x]:1", i+1), "/sts/token", "wrong", 401)
	}
	want("[2001:db8:0:1::ffff]:1", "/sts/token", "right", 429)
	want("[2001:db8:0:2::1]:1", "/sts/token", "right", 200)
}

// Many addresses are no way around.
func TestGuessesOfManyAddresses(t *testing.T) {
	s := newTokenService()
	for i := range 6000 {
		s.try(fmt.Sprintf("10.0.%d.%d:1", i/250, i%250), "/sts/token", "wrong")
	}
	if s.judged != 600 {
		t.Errorf("%d were judged", s.judged)
	}
}

// A refusal quotes strangers. It is bounded in memory and in the log, and holds
// nothing that a terminal obeys.
func TestRefusalIsHarmless(t *testing.T) {
	var log bytes.Buffer
	refusals := new(web.Refusals)
	refusal := trust.Refuse("V64", "there is no key did:web:a.example#%s", strings.Repeat("k", 200_000)).Of("urn:\x1b[2J" + strings.Repeat("c", 60_000))
	refusal.Subject = "did:web:a\r\n.example\u202e"
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: fixedNow, NewID: newID, Log: slog.New(slog.NewTextHandler(&log, nil))}, Participants: fixedParticipant{},
		Verifier: &proving{err: refusal}, Catalog: failing{}, Refusals: refusals,
	})
	r := httptest.NewRequest(http.MethodPost, "/acme/dsp/2025-1/catalog/request", strings.NewReader("{}"))
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	if answer.Code != 401 || strings.Contains(answer.Body.String(), "key") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	kept := refusals.Of("acme", "", 1)[0]
	if n := len(kept.Reason) + len(kept.Credential) + len(kept.Claimed); n > 5000 || log.Len() > 6000 {
		t.Errorf("%d bytes are kept, %d are logged", n, log.Len())
	}
	for _, text := range []string{kept.Reason, kept.Credential, kept.Claimed, strings.TrimSuffix(log.String(), "\n")} {
		if strings.ContainsAny(text, "\x1b\r\n\u202e") {
			t.Errorf("%q", text)
		}
	}
	if !strings.HasPrefix(kept.Reason, "there is no key did:web:a.example#kkk") || !strings.HasPrefix(kept.Credential, "urn:") {
		t.Errorf("%.80q of %.20q", kept.Reason, kept.Credential)
	}
}

// Many refusals at one participant do not push out those at another.
func TestRefusalsOfEachParticipant(t *testing.T) {
	refusals := new(web.Refusals)
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: fixedNow, NewID: newID}, Participants: anyParticipant{},
		Verifier: &proving{err: trust.Refuse("V01", "nothing")}, Catalog: failing{}, Refusals: refusals,
	})
	call := func(participant string) {
		r := httptest.NewRequest(http.MethodPost, "/"+participant+"/dsp/2025-1/catalog/request", strings.NewReader("{}"))
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	call("quiet")
	for range 1100 {
		call("loud")
	}
	if quiet, loud := len(refusals.Of("quiet", "", 2000)), len(refusals.Of("loud", "", 2000)); quiet != 1 || loud != 250 {
		t.Errorf("%d and %d are kept", quiet, loud)
	}
}

// anyParticipant has every participant.
type anyParticipant struct{}

func (anyParticipant) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	return trust.Participant{Context: contextID, ID: "did:web:" + contextID + ".example", Profile: "dcp"}, nil
}
