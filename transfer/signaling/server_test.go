// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// scene is a server over a plane that remembers its calls, with a clock that
// stands.
type scene struct {
	*Server
	t     *testing.T
	flows *Memory
	plane *fakePlane
	async bool
	whole bool // there is nothing to move
	// beside has other processes work on the same store.
	beside bool

	mu    sync.Mutex
	clock time.Time
	ids   int
	heard []string // paths of what the control plane was told
	reply func(path string) (int, string, error)
	heeds chan string // the same, as it comes
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{
		t: t, flows: &Memory{}, plane: &fakePlane{}, clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		reply: func(string) (int, string, error) { return 200, "", nil }, heeds: make(chan string, 100),
	}
	s.open()
	return s
}

// open makes the server, as a start of the process does.
func (s *scene) open() *Server {
	s.Server = NewServer(ServerConfig{
		Flows: s.flows, Untold: s.flows, Alone: !s.beside, Planes: s.plane, Now: s.now,
		Caller: func(r *http.Request) (string, error) {
			if from, ok := strings.CutPrefix(r.Header.Get("Authorization"), "I am "); ok {
				return from, nil
			}
			return "", errors.New("who?")
		},
		Context:   func(controlPlane, participant string) (string, bool) { return controlPlane, participant == "us" },
		Async:     func(transfer.Flow) bool { return s.async },
		Completes: func(transfer.Flow) bool { return s.whole },
		Call: func(_ context.Context, controlPlane, method, path string, _ []byte) (int, []byte, error) {
			s.mu.Lock()
			s.heard = append(s.heard, method+" "+path)
			reply := s.reply
			s.mu.Unlock()
			status, body, err := reply(path)
			s.heeds <- path
			return status, []byte(body), err
		},
		NewID: func() string { s.mu.Lock(); defer s.mu.Unlock(); s.ids++; return fmt.Sprint("id-", s.ids) },
		Timer: func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTimer(d)
			return t.C, func() { t.Stop() }
		},
	})
	s.t.Cleanup(s.Close)
	return s.Server
}

func (s *scene) now() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.clock }

func (s *scene) turn(d time.Duration) { s.mu.Lock(); defer s.mu.Unlock(); s.clock = s.clock.Add(d) }

func (s *scene) says(f func(path string) (int, string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = f
}

// post sends a message as the control plane cp, and returns the answer.
func (s *scene) post(path, body string) (int, Status, string) {
	return s.postAs("I am cp", path, body)
}

func (s *scene) postAs(who, path, body string) (int, Status, string) {
	s.t.Helper()
	method := http.MethodPost
	if strings.HasSuffix(path, "/status") {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", who)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct {
		Status
		Code string `json:"code"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Code, answer.Status, answer.Code
}

// ask is a prepare or start.
func ask(process, message, profile, extra string) string {
	return fmt.Sprintf(`{"messageId":%q,"participantId":"us","counterPartyId":"them","dataspaceContext":"d","processId":%q,
		"agreementId":"a","datasetId":"s","profile":%q,"claims":{}%s}`, message, process, profile, extra)
}

func told(message string) string { return fmt.Sprintf(`{"messageId":%q}`, message) }

const address = `,"dataAddress":{"endpointType":"t","endpoint":"https://c.example"}`

// fakePlane answers at once, and remembers what it was asked.
type fakePlane struct {
	mu    sync.Mutex
	calls []string
	fail  error
	soon  bool                      // not ready yet
	stops func(ctx context.Context) // while it suspends
}

func (p *fakePlane) Plane(_, format, _ string) (transfer.DataPlane, bool) {
	return p, strings.HasPrefix(format, "x-")
}

func (p *fakePlane) call(verb string, f transfer.Flow, state transfer.FlowState) (transfer.FlowStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, verb+" "+f.MessageID)
	if p.fail != nil {
		return transfer.FlowStatus{}, p.fail
	}
	status := transfer.FlowStatus{State: state}
	if p.soon {
		status.State = transfer.FlowStarting
		return status, nil
	}
	if transfer.Push(f.Format) == (f.Role == "consumer") && verb != "started" {
		status.DataAddress = &transfer.DataAddress{EndpointType: "t", Endpoint: "https://p.example/" + f.MessageID}
	}
	return status, nil
}

func (p *fakePlane) Prepare(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call("prepare", f, transfer.FlowPrepared)
}

func (p *fakePlane) Start(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call(map[string]string{"consumer": "started", "provider": "start"}[f.Role], f, transfer.FlowStarted)
}

func (p *fakePlane) Resume(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.call("resume", f, transfer.FlowStarted)
}

func (p *fakePlane) Suspend(ctx context.Context, f transfer.Flow) error {
	if p.stops != nil {
		p.stops(ctx)
	}
	_, err := p.call("suspend", f, "")
	return err
}

func (p *fakePlane) Complete(_ context.Context, f transfer.Flow) error {
	_, err := p.call("complete", f, "")
	return err
}

func (p *fakePlane) Terminate(_ context.Context, f transfer.Flow) error {
	_, err := p.call("terminate", f, "")
	return err
}

func (p *fakePlane) Status(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{}, errors.New("nobody asks")
}

func (p *fakePlane) said() []string { p.mu.Lock(); defer p.mu.Unlock(); return slices.Clone(p.calls) }

// TestMoves is the whole state machine: each verb in each state and role.
func TestMoves(t *testing.T) {
	t.Parallel()
	all := among(transfer.FlowPreparing, transfer.FlowPrepared, transfer.FlowStarting, transfer.FlowStarted,
		transfer.FlowSuspended, transfer.FlowCompleted, transfer.FlowTerminated)
	// By state: the verbs that move it, and those that find it so already.
	want := map[transfer.FlowState]string{
		transfer.FlowPreparing:  "terminate>TERMINATED",
		transfer.FlowPrepared:   "started>STARTED terminate>TERMINATED",
		transfer.FlowStarting:   "terminate>TERMINATED",
		transfer.FlowStarted:    "completed>COMPLETED suspend>SUSPENDED terminate>TERMINATED",
		transfer.FlowSuspended:  "resume>STARTED suspend=SUSPENDED terminate>TERMINATED",
		transfer.FlowCompleted:  "completed=COMPLETED terminate=COMPLETED",
		transfer.FlowTerminated: "terminate=TERMINATED",
	}
	for _, role := range []string{"consumer", "provider"} {
		for _, state := range all {
			var got []string
			for verb := range moves {
				to, idle, ok := moved(&Flow{State: state, Asked: transfer.Flow{Role: role}}, verb)
				switch {
				case ok && idle:
					got = append(got, verb+"="+string(to))
				case ok:
					got = append(got, verb+">"+string(to))
				}
			}
			slices.Sort(got)
			expected := want[state]
			if role == "provider" {
				expected = strings.TrimPrefix(expected, "started>STARTED ")
			}
			if text := strings.Join(got, " "); text != expected {
				t.Errorf("%s, %s: %s, want %s", role, state, text, expected)
			}
		}
	}
}

func TestServerRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, path, body, code string
		status                 int
	}{
		{"a second start of a process", "/dataflows/start", ask("p", "m2", "x-pull", ""), "flow-exists", 409},
		{"a prepare of a process that was started", "/dataflows/prepare", ask("p", "m2", "x-pull", ""), "flow-exists", 409},
		{"a pull with an address", "/dataflows/start", ask("q", "m2", "x-pull", address), "address-unexpected", 400},
		{"a prepare with an address", "/dataflows/prepare", ask("q", "m2", "x-push", address), "address-unexpected", 400},
		{"a push without one", "/dataflows/start", ask("q", "m2", "x-push", ""), "address-missing", 400},
		{"another's participant", "/dataflows/start", strings.Replace(ask("q", "m2", "x-pull", ""), `"us"`, `"others"`, 1), "participant-unknown", 400},
		{"a profile that is not served", "/dataflows/start", ask("q", "m2", "y-pull", ""), "profile-unsupported", 400},
		{"no process", "/dataflows/start", ask("", "m2", "x-pull", ""), "message-invalid", 400},
		{"no JSON", "/dataflows/start", "{", "message-invalid", 400},
		{"an unknown flow", "/dataflows/q/suspend", told("m2"), "flow-unknown", 404},
		{"the status of an unknown flow", "/dataflows/q/status", "", "flow-unknown", 404},
		{"started at the provider", "/dataflows/p/started", told("m2"), "state-wrong", 409},
		{"resume of what runs", "/dataflows/p/resume", told("m2"), "state-wrong", 409},
		{"an id that asked for something else", "/dataflows/p/suspend", told("m"), "message-reused", 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			if status, got, _ := s.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 200 || got.State != transfer.FlowStarted {
				t.Fatal(status, got)
			}
			before := s.plane.said()
			if status, _, code := s.post(c.path, c.body); status != c.status || code != c.code {
				t.Errorf("%d %s, want %d %s", status, code, c.status, c.code)
			}
			if now := s.plane.said(); len(now) != len(before) {
				t.Errorf("the plane was called: %v", now)
			}
			if _, got, _ := s.post("/dataflows/p/status", ""); got.State != transfer.FlowStarted {
				t.Errorf("the flow is %s", got.State)
			}
		})
	}
}

// TestServerOthers: a control plane has its own flows, and strangers none.
func TestServerOthers(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.post("/dataflows/start", ask("p", "m", "x-pull", ""))
	if status, _, code := s.postAs("I am other", "/dataflows/p/terminate", told("m2")); status != 404 {
		t.Error(status, code)
	}
	for _, path := range []string{"/dataflows/start", "/dataflows/p/terminate", "/dataflows/p/status"} {
		if status, _, code := s.postAs("me", path, told("m2")); status != 401 || code != "caller-unknown" {
			t.Errorf("%s: %d %s", path, status, code)
		}
	}
	if _, got, _ := s.post("/dataflows/p/status", ""); got.State != transfer.FlowStarted {
		t.Errorf("the flow is %s", got.State)
	}
}

// TestServerRepeats: a message that comes again has the same answer, and no
// second effect.
func TestServerRepeats(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	steps := []struct {
		path, body string
		state      transfer.FlowState
	}{
		{"/dataflows/start", ask("p", "m1", "x-pull", ""), transfer.FlowStarted},
		{"/dataflows/p/suspend", told("m2"), transfer.FlowSuspended},
		{"/dataflows/p/resume", told("m3"), transfer.FlowStarted},
		{"/dataflows/p/terminate", told("m4"), transfer.FlowTerminated},
	}
	for _, step := range steps {
		status, first, _ := s.post(step.path, step.body)
		if status != 200 || first.State != step.state {
			t.Fatalf("%s: %d %+v", step.path, status, first)
		}
		calls := len(s.plane.said())
		again, second, _ := s.post(step.path, step.body)
		if again != status || fmt.Sprint(second) != fmt.Sprint(first) || fmt.Sprint(second.DataAddress.Plain()) != fmt.Sprint(first.DataAddress.Plain()) {
			t.Errorf("%s: %d %+v, then %d %+v", step.path, status, first, again, second)
		}
		if now := s.plane.said(); len(now) != calls {
			t.Errorf("%s: the plane was called again: %v", step.path, now)
		}
	}
	// Also when later ones came in between.
	if status, got, _ := s.post(steps[0].path, steps[0].body); status != 200 || got.State != transfer.FlowStarted || got.DataAddress == nil {
		t.Error("the first start again:", status, got)
	}
}

// TestServerFails: what failed has no effect, is tried again by the same
// message, and then has one.
func TestServerFails(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.plane.fail = errors.New("disk full")
	if status, _, code := s.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 503 || code != "unavailable" {
		t.Error(status, code)
	}
	if run, err := s.Running(t.Context(), "cp", "p"); err == nil {
		t.Errorf("it runs: %+v", run)
	}
	s.plane.fail = nil
	if status, got, code := s.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 200 || got.State != transfer.FlowStarted {
		t.Error(status, got, code)
	}
	// A stop is kept before the plane is told: nothing runs, whatever it says.
	s.plane.fail = errors.New("disk full")
	if status, _, _ := s.post("/dataflows/p/suspend", told("m2")); status != 503 {
		t.Error(status)
	}
	if _, err := s.Running(t.Context(), "cp", "p"); !errors.Is(err, transfer.ErrSuspended) {
		t.Error(err)
	}
	s.plane.fail = nil
	if status, got, _ := s.post("/dataflows/p/suspend", told("m2")); status != 200 || got.State != transfer.FlowSuspended {
		t.Error(status, got)
	}
	if got := s.plane.said(); !slices.Equal(got, []string{"start m", "start m", "suspend m2", "suspend m2"}) {
		t.Error(got)
	}
}

// TestServerRefusedByPlane: a refusal is final, and repeated.
func TestServerRefusedByPlane(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.plane.fail = transfer.Refuse("dataset-unknown", "no such dataset")
	for range 2 {
		if status, _, code := s.post("/dataflows/start", ask("p", "m", "x-pull", "")); status != 422 || code != "dataset-unknown" {
			t.Error(status, code)
		}
	}
	if got := s.plane.said(); len(got) != 1 {
		t.Error(got)
	}
	if _, got, _ := s.post("/dataflows/p/status", ""); got.State != transfer.FlowTerminated {
		t.Error(got)
	}
}
