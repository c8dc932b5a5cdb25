// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// controlPlane is a fake one behind Callbacks.
type controlPlane struct {
	t        *testing.T
	set      *transfer.Set
	registry *signaling.Registry
	handler  http.Handler
	kept     map[string]transfer.Registered
	signals  []transfer.Signal
	fail     error
	running  func() (transfer.Running, error)
	changed  chan struct{}
	fired    chan time.Time
	now      time.Time
	taken    int64
	moved    []transfer.Movement
	told     map[string]bool // batches, by transfer
	revoked  bool            // key-to-register is configured no more
	flush    error
	busy     string // a transfer that each data plane has
	// meanwhile is called when that is asked.
	meanwhile func()
	alone     bool
}

func newControlPlane(t *testing.T) *controlPlane {
	c := &controlPlane{
		t: t, set: transfer.NewSet(), kept: map[string]transfer.Registered{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		changed: make(chan struct{}), fired: make(chan time.Time, 1),
		running: func() (transfer.Running, error) { return transfer.Running{}, transfer.ErrNoTransfer },
	}
	c.restart()
	for _, p := range []signaling.Plane{
		{ID: "mine", Context: "acme", KeyHash: signaling.HashKey("key-of-mine")},
		{ID: "other", KeyHash: signaling.HashKey("key-of-other")},
		{ID: "open", Context: "acme", Anonymous: true},
		{ID: "mute"},
	} {
		p.Endpoint, p.Profiles = "https://plane.example", []string{pullFormat}
		if err := c.registry.Configure(p); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// restart forgets what is not kept.
func (c *controlPlane) restart() {
	c.registry = signaling.NewRegistry(signaling.RegistryConfig{
		Alone: c.alone, Set: c.set, Store: c, Keys: c.keys, Now: func() time.Time { return c.now },
		ServedBy: func(context.Context, string, string) (string, error) {
			if c.meanwhile != nil {
				c.meanwhile()
			}
			return c.busy, nil
		},
	})
	c.handler = signaling.NewCallbacks(signaling.CallbacksConfig{
		Registry: c.registry, Signals: c,
		PlaneOf: func(_ context.Context, contextID, process string) (string, error) {
			plane, ok := map[string]string{"acme t1": "mine", "acme t2": "open", "acme t3": "mute", "acme t4": "", "acme t5": "new"}[contextID+" "+process]
			if !ok {
				return "", transfer.ErrNoTransfer
			}
			return plane, nil
		},
		Agreement: func(context.Context, string, string) ([]byte, error) { return []byte(`{"@id":"a"}`), nil },
		Running:   func(context.Context, string, string) (transfer.Running, error) { return c.running() },
		Watch:     func(string, string) (<-chan struct{}, func()) { return c.changed, func() {} },
		Timer:     func(d time.Duration) (<-chan time.Time, func()) { c.now = c.now.Add(d); return c.fired, func() {} },
		Meters:    c, Exhausted: func(string, string, int64) {}, Evidence: c,
		Flush: func(context.Context) error { return c.flush },
		Now:   func() time.Time { return c.now },
	})
}

// keys are those by which planes register.
func (c *controlPlane) keys(contextID string) []string {
	if c.revoked {
		return []string{"key-of-" + contextID}
	}
	return []string{"key-to-register", "key-of-" + contextID}
}

func (c *controlPlane) PutPlane(_ context.Context, p transfer.Registered) error {
	c.kept[p.Context+" "+p.ID] = p
	return nil
}

func (c *controlPlane) DropPlane(_ context.Context, p transfer.Registered) error {
	kept, ok := c.kept[p.Context+" "+p.ID]
	if ok && string(kept.Doc) != string(p.Doc) {
		return transfer.ErrPlaneChanged
	}
	delete(c.kept, p.Context+" "+p.ID)
	return nil
}

func (c *controlPlane) RegisteredPlanes(context.Context) (list []transfer.Registered, err error) {
	for _, p := range c.kept {
		list = append(list, p)
	}
	return list, nil
}

func (c *controlPlane) Signal(_ context.Context, s transfer.Signal) error {
	c.signals = append(c.signals, s)
	return c.fail
}

func (c *controlPlane) ClaimStart(context.Context, string, string, string, int64) (int64, error) {
	return 0, nil
}
func (c *controlPlane) ReleaseStart(context.Context, string, string, string) error { return nil }
func (c *controlPlane) TakeBytes(_ context.Context, _, _, _ string, want, limit int64) (int64, error) {
	granted := max(0, min(want, limit-c.taken))
	c.taken += granted
	return granted, nil
}

func (c *controlPlane) ReturnBytes(_ context.Context, _, _, _ string, n int64) error {
	c.taken -= n
	return nil
}

func (c *controlPlane) Usage(context.Context, string, string) (transfer.Usage, error) {
	return transfer.Usage{}, nil
}

func (c *controlPlane) Moved(_ context.Context, m transfer.Movement) { c.moved = append(c.moved, m) }

func (c *controlPlane) MovedAsTold(ctx context.Context, _, process, id string, list []transfer.Movement) error {
	if c.flush != nil || c.told[process+" "+id] {
		return c.flush
	}
	if c.told == nil {
		c.told = map[string]bool{}
	}
	c.told[process+" "+id] = true
	for _, m := range list {
		c.Moved(ctx, m)
	}
	return nil
}

// call makes a request of participant acme's signaling interface.
func (c *controlPlane) call(method, path, authorization, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(c.t.Context(), method, "/acme/signaling"+path, strings.NewReader(body))
	r.SetPathValue("ctx", "acme")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// TestCallers: who is let in, and to which transfers.
func TestCallers(t *testing.T) {
	for _, tt := range []struct {
		name, id, authorization string
		want                    int
	}{
		{"its plane", "t1", "Bearer key-of-mine", 200},
		{"its plane, the key alone", "t1", "key-of-mine", 200},
		{"another plane", "t1", "Bearer key-of-other", 404},
		{"a plane without a key", "t1", "", 404},
		{"an unknown key", "t1", "Bearer key-of-nobody", 404},
		{"an anonymous plane's", "t2", "", 200},
		{"an anonymous plane's, with another's key", "t2", "Bearer key-of-nobody", 200},
		{"of a plane that cannot call", "t3", "", 404},
		{"of the built-in plane", "t4", "Bearer key-of-mine", 404},
		{"an unknown transfer", "t9", "Bearer key-of-mine", 404},
	} {
		c := newControlPlane(t)
		w := c.call("POST", "/transfers/"+tt.id+"/dataflow/completed", tt.authorization, `{"dataFlowId":"f","state":"COMPLETED"}`)
		if w.Code != tt.want || (len(c.signals) == 1) != (tt.want == 200) {
			t.Errorf("%s: %d %s, %d signals", tt.name, w.Code, w.Body, len(c.signals))
		}
	}
}

// TestOwnPlaneHidesTheCommonOne: where a participant has a plane of an id, one of
// all of the same id neither calls in its name nor gets its flows.
func TestOwnPlaneHidesTheCommonOne(t *testing.T) {
	c := newControlPlane(t)
	common := signaling.Plane{ID: "mine", Endpoint: "https://common.example", Profiles: []string{pullFormat, "mqtt-pull"}, KeyHash: signaling.HashKey("key-of-all")}
	if err := c.registry.Configure(common); err != nil {
		t.Fatal(err)
	}
	if w := c.call("GET", "/transfers/t1/agreement", "key-of-all", ""); w.Code != http.StatusUnauthorized && w.Code != http.StatusNotFound {
		t.Errorf("the common plane was answered %d", w.Code)
	}
	if w := c.call("GET", "/transfers/t1/agreement", "key-of-mine", ""); w.Code != http.StatusOK {
		t.Errorf("its own plane was answered %d", w.Code)
	}
	if got := c.registry.Callers("zeta", "key-of-all"); len(got) != 1 {
		t.Errorf("for another participant it speaks as %q", got)
	}
	for contextID, want := range map[string]bool{"acme": false, "zeta": true} {
		if name, ok := c.set.Choose(transfer.Flow{Context: contextID, Format: "mqtt-pull", Role: "provider"}); ok != want {
			t.Errorf("a flow of %s was given to %q (%v)", contextID, name, ok)
		}
		for _, k := range c.registry.List(contextID) {
			if k.ID == "mine" && (k.Context == "") != want {
				t.Errorf("%s is shown the plane of %q", contextID, k.Context)
			}
		}
	}
}

// TestOthersBytesAreNotGivenBack: a plane gives back what it took for the same
// transfer, and no more, whatever else is counted under the agreement.
func TestOthersBytesAreNotGivenBack(t *testing.T) {
	c := newControlPlane(t)
	c.running = func() (transfer.Running, error) {
		return transfer.Running{Agreement: "a", Metered: true, ByteLimit: 100}, nil
	}
	c.call("POST", "/transfers/t1/bytes", "key-of-mine", `{"take":60}`)
	if w := c.call("POST", "/transfers/t2/bytes", "", `{"return":1}`); w.Code != http.StatusBadRequest || c.taken != 60 {
		t.Errorf("another transfer's bytes were given back: %d, %d are counted", w.Code, c.taken)
	}
	for i, want := range []int{200, 400} {
		if w := c.call("POST", "/transfers/t1/bytes", "key-of-mine", `{"return":60}`); w.Code != want || c.taken != 0 {
			t.Errorf("given back for the time number %d: %d, %d are counted", i+1, w.Code, c.taken)
		}
	}
}

// TestNobody: without a key that is known, nobody learns anything.
func TestNobody(t *testing.T) {
	c := newControlPlane(t)
	for _, authorization := range []string{"", "Bearer key-of-mine", "Bearer key-of-nobody"} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/zeta/signaling/transfers/t1/agreement", http.NoBody)
		r.SetPathValue("ctx", "zeta")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", authorization, w.Code, w.Body)
		}
	}
}

// TestSignals: what a notification comes to.
func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		path, body string
		fail       error
		status     int
		want       string
	}{
		{"prepared", `{"dataFlowId":"f","state":"PREPARED"}`, nil, 200, "f PREPARED - "},
		{"started", `{"messageId":"m","dataFlowId":"f","state":"STARTED","dataAddress":{"endpointType":"t","endpoint":"u"}}`, nil, 200, "f STARTED u "},
		{"completed", ``, nil, 200, " COMPLETED - "},
		{"errored", `{"dataFlowId":"f","state":"STARTED","error":"full"}`, nil, 200, "f  - full"},
		{"errored", `{"error":"full"}`, nil, 200, "  - full"},
		{"prepared", `{"dataFlowId":"f","state":"FINE"}`, nil, 400, ""},
		{"prepared", `[`, nil, 400, ""},
		{"finished", `{}`, nil, 404, ""},
		{"prepared", `{}`, errors.New("the store is down"), 503, " PREPARED - "},
		{"prepared", `{}`, transfer.ErrNoTransfer, 404, " PREPARED - "},
	} {
		c := newControlPlane(t)
		c.fail = tt.fail
		w := c.call("POST", "/transfers/t1/dataflow/"+tt.path, "key-of-mine", tt.body)
		got := ""
		for _, s := range c.signals {
			endpoint := "-"
			if s.DataAddress != nil {
				endpoint = s.DataAddress.Endpoint
			}
			got = fmt.Sprintf("%s %s %s %s", s.FlowID, s.State, endpoint, s.Error)
			if s.Context != "acme" || s.Process != "t1" {
				t.Errorf("the signal is of %s in %s", s.Process, s.Context)
			}
		}
		if w.Code != tt.status || got != tt.want {
			t.Errorf("%s %s: %d %s, signal %q, want %q", tt.path, tt.body, w.Code, w.Body, got, tt.want)
		}
	}
}

// TestRegistration: a plane introduces itself, is known after a restart, and
// nobody else speaks in its name.
func TestRegistration(t *testing.T) {
	const body = `{"dataplaneId":"new","endpoint":"https://new.example/signaling","profiles":["mqtt-pull"],"labels":["jp"],"authorization":{"type":"none"}}`
	c := newControlPlane(t)
	for _, tt := range []struct {
		name, method, path, key, body string
		want                          int
	}{
		{"without a key", "PUT", "/dataplanes", "", body, 401},
		{"with another key", "PUT", "/dataplanes", "Bearer key-of-mine", body, 401},
		{"with something else", "PUT", "/dataplanes", "Bearer key-to-register", `{"dataplaneId":"new"}`, 400},
		{"with an endpoint that is none", "PUT", "/dataplanes", "Bearer key-to-register", strings.Replace(body, "https://new.example", "file:///etc", 1), 400},
		{"under a configured name", "PUT", "/dataplanes", "Bearer key-to-register", strings.Replace(body, `"new"`, `"mine"`, 1), 409},
		{"under the name of one of all participants", "PUT", "/dataplanes", "Bearer key-to-register", strings.Replace(body, `"new"`, `"other"`, 1), 409},
		{"in good order", "PUT", "/dataplanes", "Bearer key-to-register", body, 200},
		{"again", "PUT", "/dataplanes", "Bearer key-to-register", body, 200},
		{"without authorization", "PUT", "/dataplanes", "Bearer key-to-register", strings.Replace(body, `,"authorization":{"type":"none"}`, "", 1), 200},
		{"by somebody else", "PUT", "/dataplanes", "Bearer key-of-acme", body, 409},
		{"removed by somebody else", "DELETE", "/dataplanes/new", "Bearer key-of-acme", "", 404},
		{"removed, but configured", "DELETE", "/dataplanes/mine", "Bearer key-of-mine", "", 401},
	} {
		if w := c.call(tt.method, tt.path, tt.key, tt.body); w.Code != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
	if w := c.call("PUT", "/dataplanes", "Bearer key-to-register", body); strings.TrimSpace(w.Body.String()) != `{"verdicts":true}` {
		t.Errorf("the answer is %s", w.Body)
	}
	flow := transfer.Flow{Context: "acme", Process: "p", Format: "mqtt-pull", Role: "provider", Labels: []string{"jp"}}
	chosen := func() string { name, _ := c.set.Choose(flow); return name }
	if got := chosen(); got != "new" {
		t.Errorf("a flow was given to %q", got)
	}
	c.set = transfer.NewSet()
	c.restart()
	if err := c.registry.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := chosen(); got != "new" {
		t.Errorf("after a restart a flow was given to %q", got)
	}
	if w := c.call("DELETE", "/dataplanes/new", "Bearer key-to-register", ""); w.Code != http.StatusNoContent {
		t.Errorf("removed: %d %s", w.Code, w.Body)
	}
	if got := chosen(); got != "" {
		t.Errorf("once removed, a flow was given to %q", got)
	}
	if _, ok := c.set.Named("acme", "new"); !ok {
		t.Error("once removed, its flows have nobody any more")
	}
	if list := c.registry.List("acme"); len(list) != 1 || !list[0].Retired {
		t.Errorf("the list is %+v", list)
	}
}

// TestRegistrationRevoked: with its key taken out of the configuration a plane
// that registered calls no more and is given no new flow; nobody else is
// touched, and with the key back it is as it was.
func TestRegistrationRevoked(t *testing.T) {
	c := newControlPlane(t)
	register := func(id, key string) {
		t.Helper()
		body := fmt.Sprintf(`{"dataplaneId":%q,"endpoint":"https://new.example/signaling","profiles":[%q]}`, id, id)
		if w := c.call("PUT", "/dataplanes", key, body); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
	}
	register("new", "Bearer key-to-register")
	register("kept", "Bearer key-of-acme")
	for _, revoked := range []bool{false, true, false} {
		c.set, c.revoked = transfer.NewSet(), revoked
		c.restart()
		if err := c.registry.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		status := map[bool]int{false: http.StatusOK, true: http.StatusUnauthorized}[revoked]
		if w := c.call("GET", "/transfers/t5/agreement", "Bearer key-to-register", ""); w.Code != status {
			t.Errorf("revoked %v: it calls: %d %s", revoked, w.Code, w.Body)
		}
		for id, want := range map[string]bool{"new": !revoked, "kept": true} {
			name, _ := c.set.Choose(transfer.Flow{Context: "acme", Process: "p", Format: id, Role: "provider"})
			if (name == id) != want {
				t.Errorf("revoked %v: the flow of %s was given to %q", revoked, id, name)
			}
		}
		if _, ok := c.set.Named("acme", "new"); !ok {
			t.Errorf("revoked %v: nobody tells it to stop", revoked)
		}
		for _, p := range c.registry.List("acme") {
			if p.Retired != (revoked && p.ID == "new") {
				t.Errorf("revoked %v: %s is shown as retired: %v", revoked, p.ID, p.Retired)
			}
		}
	}
}

// TestVerdict: a data plane that runs alone is told what may flow, at once when
// that changes.
func TestVerdict(t *testing.T) {
	c := newControlPlane(t)
	ask := func(seen string) signaling.Verdict {
		t.Helper()
		w := c.call("GET", "/transfers/t1/flow?seen="+seen, "key-of-mine", "")
		var v signaling.Verdict
		if err := json.Unmarshal(w.Body.Bytes(), &v); w.Code != 200 || err != nil {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return v
	}
	run := transfer.Running{Context: "acme", Process: "t1", Participant: "did:p", Peer: "did:c", Agreement: "a", Dataset: "d", Grant: "g", Metered: true, ByteLimit: 9}
	c.running = func() (transfer.Running, error) { return run, nil }
	first := ask("")
	if got, err := first.Running("acme", "t1"); err != nil || got != run {
		t.Errorf("%+v, %v", got, err)
	}
	c.fired <- c.now
	looks := 0
	c.running = func() (transfer.Running, error) {
		if looks++; looks > 1 {
			return run, transfer.ErrSuspended
		}
		return run, nil
	}
	second := ask(first.Version)
	if _, err := second.Running("acme", "t1"); !errors.Is(err, transfer.ErrSuspended) || looks != 2 {
		t.Errorf("%+v after %d looks: %v", second, looks, err)
	}
	for _, err := range []error{transfer.ErrNotStarted, transfer.ErrSuspended, transfer.ErrEnded, transfer.ErrAgreementEnded, &transfer.DeniedError{}} {
		c.running = func() (transfer.Running, error) { return run, err }
		if _, got := ask("").Running("acme", "t1"); got == nil || !errors.Is(got, err) && got.Error() != err.Error() {
			t.Errorf("%v came as %v", err, got)
		}
	}
	if _, err := (signaling.Verdict{Code: "news"}).Running("acme", "t1"); err == nil {
		t.Error("an unknown code lets data flow")
	}
	c.running = func() (transfer.Running, error) { return transfer.Running{}, errors.New("down") }
	if w := c.call("GET", "/transfers/t1/flow", "key-of-mine", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestBytes: what a data plane sends is counted, up to the limit of the policy
// whatever the plane says it is.
func TestBytes(t *testing.T) {
	c := newControlPlane(t)
	c.running = func() (transfer.Running, error) {
		return transfer.Running{Agreement: "a", Metered: true, ByteLimit: 100}, nil
	}
	for _, tt := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"take":60,"limit":1000}`, 200, `{"granted":60}`},
		{`{"take":60}`, 200, `{"granted":40}`},
		{`{"return":101}`, 400, ""},
		{`{"return":50}`, 200, `{"granted":0}`},
		{`{"return":51}`, 400, ""},
		{`{"take":60,"limit":70}`, 200, `{"granted":20}`},
		{`{"take":-1}`, 400, ""},
		{`{"take":"1"}`, 400, ""},
		{`{"take":1125899906842624}`, 400, ""},
		{`{"exhausted":5}`, 200, `{"granted":0}`},
	} {
		w := c.call("POST", "/transfers/t1/bytes", "key-of-mine", tt.body)
		if w.Code != tt.status || tt.want != "" && w.Body.String() != tt.want {
			t.Errorf("%s: %d %s", tt.body, w.Code, w.Body)
		}
	}
	c.running = func() (transfer.Running, error) { return transfer.Running{Agreement: "a"}, transfer.ErrSuspended }
	if w := c.call("POST", "/transfers/t1/bytes", "key-of-mine", `{"take":1}`); w.Body.String() != `{"granted":0}` {
		t.Errorf("a suspended flow was granted %s", w.Body)
	}
}

// TestMovements: what was moved is kept, as of the transfer of the path.
func TestMovements(t *testing.T) {
	c := newControlPlane(t)
	m := transfer.Movement{Context: "acme", Process: "t1", TrackingID: "x", Sent: true, Method: "GET", Status: 200, Bytes: 5, Whole: true, Began: c.now, Ended: c.now}
	body, err := json.Marshal(signaling.MovedOf(m))
	if err != nil {
		t.Fatal(err)
	}
	w := c.call("POST", "/transfers/t1/movements", "key-of-mine", string(body))
	if w.Code != 200 || len(c.moved) != 1 || c.moved[0] != m {
		t.Errorf("%d %s: %+v", w.Code, w.Body, c.moved)
	}
}

// TestRepeatedBatchCountsOnce: a data plane that did not hear our answer tells
// again what it moved.
func TestRepeatedBatchCountsOnce(t *testing.T) {
	c := newControlPlane(t)
	for i, tt := range []struct {
		id, key, batch string
		want           int // bodies that are kept by then
	}{
		{"t1", "key-of-mine", "?batch=b1", 1},
		{"t1", "key-of-mine", "?batch=b1", 1},
		{"t1", "key-of-mine", "?batch=b2", 2},
		{"t1", "key-of-mine", "?batch=b1", 2},
		{"t2", "", "?batch=b1", 3}, // of another transfer
		{"t1", "key-of-mine", "", 4},
		{"t1", "key-of-mine", "", 5},
	} {
		w := c.call("POST", "/transfers/"+tt.id+"/movements"+tt.batch, tt.key, `[{"trackingId":"x","bytes":1,"whole":true}]`)
		if w.Code != 200 || len(c.moved) != tt.want {
			t.Errorf("number %d was answered %d, and %d bodies are kept, want %d", i+1, w.Code, len(c.moved), tt.want)
		}
	}
	for _, batch := range []string{strings.Repeat("b", 201), "%00", "%FF"} {
		if w := c.call("POST", "/transfers/t1/movements?batch="+batch, "key-of-mine", `[{"trackingId":"x","bytes":1}]`); w.Code != 400 || len(c.moved) != 5 {
			t.Errorf("the batch %s was answered %d", batch, w.Code)
		}
	}
}

// TestMovementsAreKeptBeforeTheAnswer: what is not durable yet is told again.
func TestMovementsAreKeptBeforeTheAnswer(t *testing.T) {
	for batch, want := range map[string]int{"?batch=b": 1, "": 2} { // without an id it is another one
		c := newControlPlane(t)
		tell := func() int {
			return c.call("POST", "/transfers/t1/movements"+batch, "key-of-mine", `[{"trackingId":"x","bytes":1}]`).Code
		}
		c.flush = errors.New("the store is down")
		if got := tell(); got != http.StatusServiceUnavailable {
			t.Errorf("answered %d, %d bodies wait", got, len(c.moved))
		}
		c.flush = nil
		if got := tell(); got != http.StatusOK || len(c.moved) != want {
			t.Errorf("answered %d, %d bodies are kept", got, len(c.moved))
		}
	}
}

// TestAgreement: a data plane may read the agreement of its transfers.
func TestAgreement(t *testing.T) {
	c := newControlPlane(t)
	if w := c.call("GET", "/transfers/t1/agreement", "key-of-mine", ""); w.Code != 200 || w.Body.String() != `{"@id":"a"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
