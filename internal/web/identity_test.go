// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// TestIdentityRoutes: credentials, issuing, trust lists and identifiers.
func TestIdentityRoutes(t *testing.T) {
	w := newWorld(t)
	json := func(status int, content ...string) (int, []string) { return status, content }
	for _, r := range []struct {
		method, path, body string
		want               func() (int, []string)
	}{
		{"GET", "/credentials", "", func() (int, []string) { return json(200, `"state":"HELD"`, `"items"`) }},
		{"GET", "/credentials/urn:uuid:known", "", func() (int, []string) { return json(200, `"token":"the-token"`) }},
		{"GET", "/credentials/urn:uuid:none", "", func() (int, []string) { return json(404, "credential-unknown") }},
		{"DELETE", "/credentials/urn:uuid:known", "", func() (int, []string) { return json(204) }},
		{"POST", "/credentials", `{"credential":"the-token"}`, func() (int, []string) { return json(201, `"state":"HELD"`) }},
		{"POST", "/credentials", `{"credential":"forged"}`, func() (int, []string) { return json(422, "V64") }},
		{"POST", "/credentials/requests", `{"issuer":"did:web:issuer.example","types":["MembershipCredential"]}`, func() (int, []string) { return json(202, `"holderPid":"urn:uuid:known"`) }},
		{"POST", "/credentials/requests", `{"types":["MembershipCredential"]}`, func() (int, []string) { return json(400, "input-invalid", "not a DID") }},
		{"GET", "/credentials/requests", "", func() (int, []string) { return json(200, `"state":"ISSUED"`) }},
		{"GET", "/credentials/requests/urn:uuid:known", "", func() (int, []string) { return json(200, `"issuer"`) }},
		{"GET", "/credentials/offers", "", func() (int, []string) { return json(200, `"offered":[{"id":"a"}]`) }},

		{"GET", "/issuer/requests?state=RECEIVED", "", func() (int, []string) { return json(200, `"holderPid":"h"`) }},
		{"GET", "/issuer/requests?state=ANY", "", func() (int, []string) { return json(400, "parameter-invalid") }},
		{"POST", "/issuer/requests/urn:uuid:known/approve", `{"by":"officer","claims":{"T":{"a":1}},"evidence":{"kind":"x"}}`, func() (int, []string) { return json(200, `"decidedBy":"officer"`, `"claims":{"T":{"a":1}}`) }},
		{"POST", "/issuer/requests/urn:uuid:known/reject", `{"reason":"no"}`, func() (int, []string) { return json(200, `"state":"REJECTED"`) }},
		{"POST", "/issuer/requests/urn:uuid:none/reject", `{"reason":"no"}`, func() (int, []string) { return json(404, "issued-unknown") }},
		{"GET", "/issuer/forms/CorporateIdentityCredential", "", func() (int, []string) { return json(200, `"name":"identifier[].value"`, `"required":true`) }},
		{"GET", "/issuer/forms/DriversLicence", "", func() (int, []string) { return json(404, "form-unknown", "MembershipCredential") }},
		{"POST", "/issuer/offers", `{"holder":"did:web:acme.example","credentials":["a"]}`, func() (int, []string) { return json(204) }},
		{"POST", "/issuer/offers", `{"credentials":["a"]}`, func() (int, []string) { return json(502, "holder-refused") }},
		{"GET", "/issuer/credentials", "", func() (int, []string) { return json(200, `"state":"ACTIVE"`) }},
		{"POST", "/issuer/credentials/urn:uuid:known/revoke", `{"reason":"closed"}`, func() (int, []string) { return json(200, `"state":"REVOKED"`, "closed") }},
		{"POST", "/issuer/credentials/urn:uuid:known/suspend", "", func() (int, []string) { return json(200, `"state":"SUSPENDED"`) }},
		{"POST", "/issuer/credentials/urn:uuid:known/restore", "", func() (int, []string) { return json(409, "status-final") }},

		{"GET", "/trust-list", "", func() (int, []string) { return json(404, "trust-list-unknown") }},
		{"GET", "/trust-list/draft", "", func() (int, []string) { return json(200, "did:web:issuer.example") }},
		{"PUT", "/trust-list/draft/did:web:i.example", `{"types":["A"]}`, func() (int, []string) { return json(200, "did:web:i.example") }},
		{"PUT", "/trust-list/draft/did:web:i.example", `{"types":[]}`, func() (int, []string) { return json(400, "types-missing") }},
		{"PUT", "/trust-list/draft/did:web:i.example", `{"types":["A"],"conformance":"lax"}`, func() (int, []string) { return json(400, "conformance-invalid") }},
		{"DELETE", "/trust-list/draft/did:web:i.example", "", func() (int, []string) { return json(204) }},
		{"POST", "/trust-list/sign", `{"valid":"1h"}`, func() (int, []string) { return json(201, `"sequence":1`, "2026-01-02T04:04:05Z") }},
		{"POST", "/trust-list/sign", `{"valid":"long"}`, func() (int, []string) { return json(400, "valid-invalid") }},

		{"GET", "/identifiers", "", func() (int, []string) { return json(200, "iso6523:0188", "7123456789012") }},
		{"DELETE", "/identifiers/urn:uuid:known", "", func() (int, []string) { return json(204) }},
		{"DELETE", "/identifiers/urn:uuid:none", "", func() (int, []string) { return json(404, "peer-unknown") }},
		{"GET", "/refusals", "", func() (int, []string) { return json(200, `"items":[]`) }},
	} {
		status, content := r.want()
		scenario{
			Name: r.method + " " + r.path, Method: r.method, URL: ourBase + r.path, Body: r.body, Headers: keyed, Status: status, Content: content,
		}.run(t, w.management)
	}
}

// proving is a verifier whose proofs are counted, and whose call ends as told.
type proving struct {
	err      error
	released int
}

func (p *proving) Verify(_ context.Context, r trust.Request) (trust.Claims, error) {
	return trust.Claims{Participant: "did:web:peer.example", Profile: "dcp", TokenID: "jti"}, p.err
}

func (p *proving) Release(_ context.Context, _ string, c trust.Claims) error {
	if c.TokenID == "jti" {
		p.released++
	}
	return nil
}

// failing is a catalogue that finds fault with every request, and fails to
// show a dataset.
type failing struct{}

func (failing) Request(context.Context, string, trust.Claims, []byte, string) (catalog.Page, error) {
	return catalog.Page{}, catalog.ErrNotFound
}

func (failing) Dataset(context.Context, string, trust.Claims, string) ([]byte, error) {
	return nil, context.DeadlineExceeded
}

// TestProofIsReleasedWhenWeFail: a peer repeats the same token after a 5xx.
func TestProofIsReleasedWhenWeFail(t *testing.T) {
	for name, c := range map[string]struct {
		err      error
		status   int
		released int
	}{
		"answered":   {nil, http.StatusNotFound, 0},
		"we fail":    {context.DeadlineExceeded, http.StatusInternalServerError, 1},
		"a refusal":  {trust.Refuse("V07", "no"), http.StatusUnauthorized, 0},
		"no verdict": {trust.ErrUnavailable, http.StatusServiceUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := &proving{}
			if name != "we fail" {
				v.err = c.err
			}
			h := web.NewProtocol(web.ProtocolConfig{
				Common: web.Common{Now: fixedNow, NewID: newID}, Participants: fixedParticipant{}, Verifier: v,
				Catalog: failing{},
			})
			r := httptest.NewRequest(http.MethodPost, "/acme/dsp/2025-1/catalog/request", strings.NewReader("{}"))
			if name == "we fail" {
				r = httptest.NewRequest(http.MethodGet, "/acme/dsp/2025-1/catalog/datasets/x", http.NoBody)
			}
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code != c.status || v.released != c.released {
				t.Errorf("status %d, released %d times; want %d, %d: %s", answer.Code, v.released, c.status, c.released, answer.Body)
			}
		})
	}
}

// unsettled is a verifier that leaves the use of its proofs to the handler.
type unsettled struct {
	proving
	alone int
	err   error
}

func (u *unsettled) Verify(ctx context.Context, r trust.Request) (trust.Claims, error) {
	if r.Use != nil {
		r.Use.Token = trust.UsedToken{TokenID: "jti"}
		r.Use.Alone = func(context.Context) error { u.alone++; return u.err }
	}
	return u.proving.Verify(ctx, r)
}

// stepping takes every message, and records its proof if it is told to.
type stepping struct {
	records bool
	err     error
}

func (s stepping) Receive(_ context.Context, in negotiation.Incoming, _ negotiation.Endpoint) (negotiation.Reply, error) {
	if s.records {
		in.Use.Recorded()
	}
	return negotiation.Reply{Status: http.StatusOK, Body: []byte(`{}`)}, s.err
}

func (s stepping) Show(context.Context, negotiation.Incoming) (negotiation.Reply, error) {
	return negotiation.Reply{Status: http.StatusOK, Body: []byte(`{}`)}, s.err
}

// TestNobodyIsAnsweredWhoseProofIsNotOnRecord: whatever became of the message.
func TestNobodyIsAnsweredWhoseProofIsNotOnRecord(t *testing.T) {
	used := trust.Refuse("V38", "the token was used before")
	const path = "/acme/dsp/2025-1/negotiations/"
	for name, c := range map[string]struct {
		method, path string
		step         stepping
		err          error // of the record alone
		status       int
		alone        int
		released     int
	}{
		"recorded by the step":                          {"POST", path + "p/events", stepping{records: true}, used, 200, 0, 0},
		"without a step":                                {"POST", path + "p/events", stepping{}, nil, 200, 1, 0},
		"used before, without a step":                   {"POST", path + "p/events", stepping{}, used, 401, 1, 0},
		"used before, told by the step":                 {"POST", path + "request", stepping{err: trust.ErrUsed}, used, 401, 1, 0},
		"used before, another's process":                {"POST", path + "p/events", stepping{err: engine.ErrAnotherParty}, used, 401, 1, 0},
		"a refused message":                             {"POST", path + "p/events", stepping{err: engine.ErrNotFound}, nil, 404, 1, 0},
		"a look is settled before":                      {"GET", path + "p", stepping{}, used, 200, 0, 0},
		"no process":                                    {"POST", path + "%00/events", stepping{}, used, 401, 1, 0},
		"the record fails, which may be another call's": {"POST", path + "p/events", stepping{}, trust.ErrUnavailable, 503, 1, 0},
		"a step in doubt":                               {"POST", path + "p/events", stepping{records: true, err: engine.ErrDoubt}, used, 503, 0, 1},
		"the step fails":                                {"POST", path + "p/events", stepping{err: engine.ErrUnavailable}, nil, 503, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := &unsettled{err: c.err}
			h := web.NewProtocol(web.ProtocolConfig{
				Common: web.Common{Now: fixedNow, NewID: newID}, Participants: fixedParticipant{}, Verifier: v,
				Catalog: failing{}, Negotiations: c.step,
			})
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequest(c.method, c.path, strings.NewReader("{}")))
			if answer.Code != c.status || v.alone != c.alone || v.released != c.released {
				t.Errorf("status %d, recorded alone %d times, released %d; want %d, %d, %d: %s",
					answer.Code, v.alone, v.released, c.status, c.alone, c.released, answer.Body)
			}
		})
	}
}

// TestClaimsRoutes: what an endpoint of the claims protocol returns is what is
// answered, and its errors are answered with a code and a support id.
func TestClaimsRoutes(t *testing.T) {
	serve := func(_ context.Context, c dcp.Call) (dcp.Answer, error) {
		switch string(c.Body) {
		case "refuse":
			return dcp.Answer{}, trust.Refuse("V32", "a secret of ours")
		case "fault":
			return dcp.Answer{}, dcp.Faultf(http.StatusBadRequest, "scope-missing", "no scope is asked for")
		case "later":
			return dcp.Answer{}, trust.ErrUnavailable
		case "fail":
			return dcp.Answer{}, context.DeadlineExceeded
		}
		return dcp.Answer{Status: http.StatusCreated, Location: "/x/" + c.Param, Body: []byte(`{"own":"` + c.Own.Context + `"}`)}, nil
	}
	refusals := new(web.Refusals)
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: fixedNow, NewID: newID}, Participants: fixedParticipant{}, Verifier: fixedVerifier{}, Refusals: refusals, IssuerOnly: true,
		Claims: []dcp.Route{{Method: http.MethodPost, Path: "/dcp/things/:id", Serve: serve}},
		DID: func(context.Context, trust.Participant) ([]byte, error) {
			return json.RawMessage(`{"id":"did:web:acme.example"}`), nil
		},
	})
	for body, want := range map[string]struct {
		status  int
		content string
	}{
		"good":   {201, `{"own":"acme"}`},
		"refuse": {401, `"code":"not-authenticated"`},
		"fault":  {400, `"reason":"no scope is asked for"`},
		"later":  {503, `"code":"unavailable"`},
		"fail":   {500, `"code":"internal"`},
	} {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/acme/dcp/things/a%2Fb", strings.NewReader(body)))
		if answer.Code != want.status || !strings.Contains(answer.Body.String(), want.content) || strings.Contains(answer.Body.String(), "secret") {
			t.Errorf("%s: %d %s", body, answer.Code, answer.Body)
		}
		if body == "good" && answer.Header().Get("Location") != "/x/a/b" {
			t.Errorf("Location %q", answer.Header().Get("Location"))
		}
	}
	if got := refusals.Of("acme", "", 10); len(got) != 1 || got[0].Check != "V32" || got[0].Reason != "a secret of ours" {
		t.Errorf("refusals: %+v", got)
	}
	for path, status := range map[string]int{"/acme/did.json": 200, "/acme/dsp/2025-1/catalog/request": 404, "/acme/.well-known/dspace-version": 404} {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		if answer.Code != status {
			t.Errorf("%s: %d, want %d", path, answer.Code, status)
		}
	}
}
