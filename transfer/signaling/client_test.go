// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// said is one request that the fake plane got, and answer what it answers.
type said struct{ method, path, authorization, body string }

type answer struct {
	status   int
	body     string
	location string
}

// fakePlane answers by path, in order; the last answer stays.
type fakePlane struct {
	*httptest.Server
	got     []said
	answers map[string][]answer
}

func newFakePlane(t *testing.T, answers map[string][]answer) *fakePlane {
	p := &fakePlane{answers: answers}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.got = append(p.got, said{r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body)})
		list := p.answers[r.URL.Path]
		if len(list) == 0 {
			http.NotFound(w, r)
			return
		}
		if len(list) > 1 {
			p.answers[r.URL.Path] = list[1:]
		}
		if list[0].location != "" {
			w.Header().Set("Location", list[0].location)
		}
		w.WriteHeader(list[0].status)
		_, _ = io.WriteString(w, list[0].body)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *fakePlane) client(c signaling.Credential) *signaling.Client {
	return signaling.NewClient(signaling.ClientConfig{Endpoint: p.URL + "/", HTTP: p.Client(), Credential: c, Now: time.Now})
}

func (p *fakePlane) paths() string {
	var list []string
	for _, s := range p.got {
		list = append(list, s.method+" "+s.path)
	}
	return strings.Join(list, ", ")
}

const (
	pullFormat = "https://w3id.org/dspace-sig/profile/http-pull"
	pushFormat = "https://w3id.org/dspace-sig/profile/http-push"
)

func flow(role, format string) transfer.Flow {
	return transfer.Flow{
		MessageID: "m1", Context: "acme", Process: "urn:uuid:1", ID: "urn:uuid:1", Role: role, Participant: "did:web:acme", Counterparty: "did:web:peer",
		Agreement: "a1", Dataset: "d1", Format: format,
		DataAddress: &transfer.DataAddress{EndpointType: "t", Endpoint: "https://p.example", Properties: []transfer.Property{{Name: "authorization", Value: "x"}}},
	}
}

// TestClient: what is sent, and what each answer comes to.
func TestClient(t *testing.T) {
	const (
		address = `"dataAddress":{"endpointType":"t","endpoint":"https://p.example/d","endpointProperties":[{"name":"authorization","value":"x"}]}`
		status  = "/dataflows/urn:uuid:1/status"
	)
	asked := func(f transfer.Flow) transfer.Flow { f.Asked = true; return f }
	start := (*signaling.Client).Start
	prepare := (*signaling.Client).Prepare
	resume := (*signaling.Client).Resume
	for _, tt := range []struct {
		name    string
		verb    func(*signaling.Client, context.Context, transfer.Flow) (transfer.FlowStatus, error)
		f       transfer.Flow
		answers map[string][]answer
		calls   string
		want    string // id state address
		err     string // none, final, again
	}{
		{"a start that lacks the id", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{200, `{"state":"STARTED"}`, ""}}}, "POST /dataflows/start", " STARTED ", ""},
		{"a start with an address without @type", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{200, `{"dataFlowId":"f","state":"STARTED",` + address + `}`, ""}}}, "POST /dataflows/start", "f STARTED https://p.example/d", ""},
		{"a start that takes its time", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{202, `{"dataFlowId":"f","state":"STARTING"}`, ""}}}, "POST /dataflows/start", "f STARTING ", ""},
		{"a 202 that says it in its header alone", prepare, flow("consumer", pushFormat), map[string][]answer{"/dataflows/prepare": {{202, ``, "/x/dataflows/f%2F1/status"}}}, "POST /dataflows/prepare", "f/1 PREPARING ", ""},
		{"a start that was asked for before", start, asked(flow("provider", pullFormat)), map[string][]answer{status: {{200, `{"dataFlowId":"f","state":"STARTING"}`, ""}}}, "GET " + status, "f STARTING ", ""},
		{"a start asked before, of which the plane does not tell", start, asked(flow("provider", pullFormat)), nil, "GET " + status, " STARTING ", ""},
		{"a start asked before, ready without the address", start, asked(flow("provider", pullFormat)), map[string][]answer{status: {{200, `{"dataFlowId":"f","state":"STARTED"}`, ""}}}, "GET " + status, "f STARTING ", ""},
		{"a prepare asked before, ready", prepare, asked(flow("consumer", pullFormat)), map[string][]answer{status: {{200, `{"dataFlowId":"f","state":"PREPARED"}`, ""}}}, "GET " + status, "f PREPARED ", ""},
		{"a start asked before that ended", start, asked(flow("provider", pullFormat)), map[string][]answer{status: {{200, `{"dataFlowId":"f","state":"TERMINATED"}`, ""}}}, "GET " + status, "", "final"},
		{"a start that was made although its answer got lost", start, flow("provider", pushFormat), map[string][]answer{"/dataflows/start": {{409, `exists`, ""}}, status: {{200, `{"dataFlowId":"f","state":"STARTED"}`, ""}}}, "POST /dataflows/start, GET " + status, "f STARTED ", ""},
		{"a start that is refused", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{400, `no`, ""}}}, "POST /dataflows/start, GET " + status, "", "final"},
		{"a start that fails", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{503, ``, ""}}}, "POST /dataflows/start", "", "again"},
		{"a start whose answer is no JSON", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{200, `<html>`, ""}}}, "POST /dataflows/start", "", "again"},
		{"a start whose answer has another state", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{200, `{"state":"FINE"}`, ""}}}, "POST /dataflows/start", "", "again"},
		{"a start in which we are not let in", start, flow("provider", pullFormat), map[string][]answer{"/dataflows/start": {{401, ``, ""}}}, "POST /dataflows/start, POST /dataflows/start", "", "again"},
		{"the consumer's start", start, flow("consumer", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/started": {{200, ``, ""}}}, "POST /dataflows/urn:uuid:1/started", " STARTED ", ""},
		{"a resumption", resume, flow("provider", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/resume": {{200, `{"state":"STARTED",` + address + `}`, ""}}}, "POST /dataflows/urn:uuid:1/resume", " STARTED https://p.example/d", ""},
		{"a resumption of what is not known", resume, flow("provider", pullFormat), nil, "POST /dataflows/urn:uuid:1/resume, GET " + status, "", "final"},
		{"a suspension", stopping((*signaling.Client).Suspend), flow("provider", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/suspend": {{200, `{}`, ""}}}, "POST /dataflows/urn:uuid:1/suspend", "  ", ""},
		{"a suspension of what is not known", stopping((*signaling.Client).Suspend), flow("provider", pullFormat), nil, "POST /dataflows/urn:uuid:1/suspend", "  ", ""},
		{"a suspension that is refused", stopping((*signaling.Client).Suspend), flow("provider", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/suspend": {{400, ``, ""}}, status: {{200, `{"dataFlowId":"f","state":"STARTED"}`, ""}}}, "POST /dataflows/urn:uuid:1/suspend, GET " + status, "", "again"},
		{"a suspension that was made before", stopping((*signaling.Client).Suspend), flow("provider", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/suspend": {{409, ``, ""}}, status: {{200, `{"dataFlowId":"f","state":"SUSPENDED"}`, ""}}}, "POST /dataflows/urn:uuid:1/suspend, GET " + status, "  ", ""},
		{"a termination of what is not known", stopping((*signaling.Client).Terminate), flow("provider", pullFormat), nil, "POST /dataflows/urn:uuid:1/terminate", "  ", ""},
		{"a completion that is refused", stopping((*signaling.Client).Complete), flow("provider", pullFormat), map[string][]answer{"/dataflows/urn:uuid:1/completed": {{400, ``, ""}}}, "POST /dataflows/urn:uuid:1/completed, GET " + status, "", "final"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newFakePlane(t, tt.answers)
			got, err := tt.verb(p.client(signaling.Fixed("key")), t.Context(), tt.f)
			if p.paths() != tt.calls {
				t.Errorf("it was called %q, want %q", p.paths(), tt.calls)
			}
			for _, s := range p.got {
				if s.authorization != "key" {
					t.Errorf("%s was sent the authorization %q", s.path, s.authorization)
				}
			}
			if kind := map[bool]string{true: "final", false: "again"}[final(err)]; err != nil && kind != tt.err || err == nil && tt.err != "" {
				t.Errorf("the error is %v, want one that is %q", err, tt.err)
			}
			endpoint := ""
			if got.DataAddress != nil {
				endpoint = got.DataAddress.Endpoint
			}
			if out := got.ID + " " + string(got.State) + " " + endpoint; err == nil && out != tt.want {
				t.Errorf("the status is %q, want %q", out, tt.want)
			}
		})
	}
}

func stopping(f func(*signaling.Client, context.Context, transfer.Flow) error) func(*signaling.Client, context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return func(c *signaling.Client, ctx context.Context, flow transfer.Flow) (transfer.FlowStatus, error) {
		return transfer.FlowStatus{}, f(c, ctx, flow)
	}
}

// final reports whether an error is transfer.Refuse's.
func final(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "data-plane-refused: ")
}

// TestClientAddress: an address goes to the side that did not make it.
func TestClientAddress(t *testing.T) {
	for _, tt := range []struct {
		role, format, verb string
		with               bool
	}{
		{"provider", pullFormat, "start", false},
		{"provider", pushFormat, "start", true},
		{"consumer", pullFormat, "started", true},
		{"consumer", pushFormat, "started", false},
		{"consumer", pullFormat, "resume", true},
		{"provider", pullFormat, "resume", false},
		{"provider", pushFormat, "resume", true},
		{"consumer", pushFormat, "prepare", false},
	} {
		p := newFakePlane(t, nil)
		c := p.client(nil)
		verb := map[string]func(context.Context, transfer.Flow) (transfer.FlowStatus, error){"start": c.Start, "started": c.Start, "resume": c.Resume, "prepare": c.Prepare}[tt.verb]
		_, _ = verb(t.Context(), flow(tt.role, tt.format)) // refused
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(p.got[0].body), &m); err != nil || !strings.HasSuffix(p.got[0].path, tt.verb) {
			t.Fatalf("%s was called with %s: %v", p.got[0].path, p.got[0].body, err)
		}
		if _, with := m["dataAddress"]; with != tt.with {
			t.Errorf("%s of the %s's %s: with an address: %v, want %v", tt.verb, tt.role, tt.format, with, tt.with)
		}
	}
}

// TestClientHealth: a plane that does not answer is not given new flows for a
// while.
func TestClientHealth(t *testing.T) {
	p := newFakePlane(t, nil)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := signaling.NewClient(signaling.ClientConfig{Endpoint: p.URL, HTTP: p.Client(), Now: func() time.Time { return now }})
	if !c.Health().Ready {
		t.Error("a plane that was never asked is not ready")
	}
	p.Close()
	if err := c.Suspend(t.Context(), flow("provider", pullFormat)); err == nil || final(err) {
		t.Errorf("a plane that is gone: %v", err)
	}
	if h := c.Health(); h.Ready || h.Error == "" {
		t.Errorf("a plane that is gone: %+v", h)
	}
	now = now.Add(time.Minute)
	if !c.Health().Ready {
		t.Error("a plane that was gone a minute ago is given no chance")
	}
}

// TestClientCredentials: a token is fetched once, and anew after a 401.
func TestClientCredentials(t *testing.T) {
	tokens := newFakePlane(t, map[string][]answer{"/token": {{200, `{"access_token":"one","expires_in":300}`, ""}, {200, `{"access_token":"two"}`, ""}}})
	p := newFakePlane(t, map[string][]answer{"/dataflows/urn:uuid:1/suspend": {{200, "", ""}, {401, "", ""}, {200, "", ""}}})
	c := p.client(signaling.CredentialOf(&signaling.Authorization{
		Type: signaling.AuthorizationClientCredentials, TokenEndpoint: tokens.URL + "/token", ClientID: "id", ClientSecret: "s",
	}, tokens.Client(), time.Now))
	for range 2 {
		if err := c.Suspend(t.Context(), flow("provider", pullFormat)); err != nil {
			t.Fatal(err)
		}
	}
	var used []string
	for _, s := range p.got {
		used = append(used, s.authorization)
	}
	if got := strings.Join(used, ","); got != "Bearer one,Bearer one,Bearer two" || len(tokens.got) != 2 {
		t.Errorf("the plane saw %s, and %d tokens were fetched", got, len(tokens.got))
	}
}
