// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust"
)

// bench is a plane with its transfers, keys, source and server.
type bench struct {
	t       testing.TB
	plane   *dataplane.Plane
	server  *httptest.Server
	clients *safehttp.Clients

	mu       sync.Mutex
	now      time.Time
	runs     map[string]transfer.Running
	denied   map[string]error
	source   dataplane.Source
	noSource error
	changed  map[string][]chan struct{}
	key      crypto.Signer
	timers   chan chan time.Time // each running body's next second
	meters   *memory.Store
	limit    int64 // of bytes; 0: they are not counted
	wanted   int64 // what Exhausted was told last
	looks    atomic.Int64
}

func newBench(t testing.TB) *bench {
	key, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := safehttp.New(safehttp.Config{DevMode: true})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, clients: clients, key: key, now: time.Now(), runs: map[string]transfer.Running{}, denied: map[string]error{},
		changed: map[string][]chan struct{}{}, timers: make(chan chan time.Time, 100), meters: memory.New(),
	}
	b.plane = dataplane.New(b.config())
	b.server = httptest.NewServer(b.plane)
	t.Cleanup(func() { clients.CloseIdle(); b.server.Close() })
	return b
}

func (b *bench) config() dataplane.Config {
	return dataplane.Config{
		Rand: rand.Reader, NewID: func() string { return "urn:uuid:01a5f6d2-0000-7000-8000-000000000000" },
		Transfers: b, Keys: b, Meters: b.meters, Operator: b.clients.Operator, Watch: b.watch, Timer: b.timer,
		Now: func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
		SourceOf: func(context.Context, string, string) (dataplane.Source, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.source, b.noSource
		},
		PublicURL: func(_ context.Context, contextID string) (string, error) { return b.server.URL + "/" + contextID, nil },
	}
}

func (b *bench) Exhausted(_, _ string, want int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wanted = want
}

func (b *bench) Running(_ context.Context, contextID, id string) (transfer.Running, error) {
	b.looks.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	run, ok := b.runs[contextID+"/"+id]
	if !ok {
		return transfer.Running{}, transfer.ErrNoTransfer
	}
	run.Metered, run.ByteLimit = b.limit != 0, b.limit
	return run, b.denied[contextID+"/"+id]
}

func (b *bench) SigningKey(context.Context, string, string) (trust.Key, error) {
	return trust.Key{ID: "key-1", Signer: b.key}, nil
}

func (*bench) PublicKeys(context.Context, string, string) ([]trust.PublicKey, error) {
	return nil, nil // a data plane publishes none
}

func (b *bench) VerificationKey(_ context.Context, _, keyID string) (crypto.PublicKey, error) {
	if keyID != "key-1" {
		return nil, errors.New("unknown key")
	}
	return b.key.Public(), nil
}

func (b *bench) watch(contextID, id string) (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ch := make(chan struct{})
	b.changed[contextID+"/"+id] = append(b.changed[contextID+"/"+id], ch)
	return ch, func() {}
}

func (b *bench) timer(time.Duration) (<-chan time.Time, func()) {
	ch := make(chan time.Time, 1)
	b.timers <- ch
	return ch, func() {}
}

// set changes a transfer; commit also tells those who watch it.
func (b *bench) set(id string, denied error, commit bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.denied["prov/"+id] = denied
	if commit {
		for _, ch := range b.changed["prov/"+id] {
			close(ch)
		}
		delete(b.changed, "prov/"+id)
	}
}

// start begins a transfer and returns its address.
func (b *bench) start(id, grant string) transfer.DataAddress {
	b.t.Helper()
	status, err := b.plane.Start(context.Background(), transfer.Flow{
		MessageID: grant, Context: "prov", Process: id, Participant: "did:example:provider", Counterparty: "did:example:consumer",
		Agreement: "agreement-1", Dataset: "dataset-1", Format: dataplane.Format,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.runs["prov/"+id] = transfer.Running{
		Context: "prov", Process: id, Participant: "did:example:provider", Peer: "did:example:consumer",
		Agreement: "agreement-1", Dataset: "dataset-1", Grant: grant,
	}
	b.mu.Unlock()
	return *status.DataAddress
}

func (b *bench) fetch(a transfer.DataAddress, q dataplane.Query) (*dataplane.Data, error) {
	return dataplane.Fetch(context.Background(), b.clients.Foreign, a, q)
}

// request is one with the token of an address.
func (b *bench) request(a transfer.DataAddress, method string, body io.Reader) *http.Request {
	b.t.Helper()
	r, err := http.NewRequest(method, a.Endpoint, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+a.Get("authorization"))
	return r
}

// body fetches and reads everything.
func (b *bench) body(a transfer.DataAddress, q dataplane.Query) string {
	b.t.Helper()
	d, err := b.fetch(a, q)
	if err != nil {
		b.t.Fatal(err)
	}
	defer d.Body.Close()
	raw, err := io.ReadAll(d.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(raw)
}

// refused fails unless the answer is this refusal.
func (b *bench) refused(a transfer.DataAddress, q dataplane.Query, status int, code string) {
	b.t.Helper()
	d, err := b.fetch(a, q)
	if err == nil {
		d.Body.Close()
	}
	var f *dataplane.FetchError
	if !errors.As(err, &f) || f.Status != status || f.Code != code || f.Message == "" {
		b.t.Errorf("got %v, want %d %s", err, status, code)
	}
}

// later is when a source that was changed counts.
func (b *bench) later() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(time.Second)
}

// source serves an HTTP source until the test ends.
func (b *bench) serve(h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	b.t.Cleanup(s.Close)
	b.source = dataplane.Source{Type: dataplane.SourceHTTP, URL: s.URL + "/base?key=1", Headers: map[string]string{"X-Api-Key": "upstream-secret"}}
	return s
}

func with(a transfer.DataAddress, token string) transfer.DataAddress {
	a.Properties = []transfer.Property{{Name: "authorization", Value: token}, {Name: "authType", Value: "bearer"}}
	return a
}

func TestHTTPSource(t *testing.T) {
	b := newBench(t)
	var got *http.Request
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Set-Cookie", "session=upstream-secret")
		w.Header().Set("X-Internal", "upstream-secret")
		_, _ = io.WriteString(w, "a,b\n")
	})
	a := b.start("urn:uuid:t1", "g1")
	if want := b.server.URL + "/prov/data/urn:uuid:t1"; a.Endpoint != want || a.EndpointType != transfer.EndpointTypeHTTP {
		t.Errorf("endpoint %s, want %s", a.Endpoint, want)
	}
	if body := b.body(a, dataplane.Query{}); body != "a,b\n" {
		t.Errorf("body %q", body)
	}
	if got.URL.String() != "/base?key=1" || got.Header.Get("X-Api-Key") != "upstream-secret" || got.Header.Get("Authorization") != "" {
		t.Errorf("the source was asked %s with %v", got.URL, got.Header)
	}
	req, _ := http.NewRequest(http.MethodGet, a.Endpoint, http.NoBody)
	req.Header.Set("Authorization", a.Get("authorization")) // without Bearer, as EDC's clients may
	resp, err := b.clients.Foreign.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for name, values := range resp.Header {
		if strings.Contains(strings.Join(values, " "), "secret") {
			t.Errorf("the header %s passed: %v", name, values)
		}
	}
}

func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	other := b.start("t2", "g2")
	token := a.Get("authorization")
	b.refused(with(a, ""), dataplane.Query{}, 401, "token-missing")
	b.refused(with(a, "nonsense"), dataplane.Query{}, 401, "token-invalid")
	b.refused(with(a, token[:len(token)-4]+"AAAA"), dataplane.Query{}, 401, "token-invalid")
	b.refused(with(a, other.Get("authorization")), dataplane.Query{}, 401, "token-wrong-transfer")
	unknown := a
	unknown.Endpoint = b.server.URL + "/prov/data/t9"
	b.refused(unknown, dataplane.Query{}, 401, "token-invalid")
	unknown.Endpoint = b.server.URL + "/other/data/t1"
	b.refused(unknown, dataplane.Query{}, 401, "token-invalid")
	for forged, code := range forgeries(t, b) {
		b.refused(with(a, forged), dataplane.Query{}, 401, code)
	}
	for err, code := range map[error]string{
		transfer.ErrNotStarted: "transfer-not-started", transfer.ErrSuspended: "transfer-suspended",
		transfer.ErrEnded: "transfer-ended", transfer.ErrAgreementEnded: "agreement-ended",
	} {
		b.set("t1", err, true)
		b.refused(a, dataplane.Query{}, 403, code)
		b.refused(with(a, "nonsense"), dataplane.Query{}, 401, "token-invalid")
	}
	b.set("t1", errors.New("the store is away"), true)
	b.refused(a, dataplane.Query{}, 503, "unavailable")
	b.set("t1", nil, true)
	resumed := b.start("t1", "g1b")
	b.refused(a, dataplane.Query{}, 403, "token-superseded")
	if got := b.body(resumed, dataplane.Query{}); got != "data" {
		t.Errorf("after the resumption: %q", got)
	}
	b.mu.Lock()
	b.now = b.now.Add(2 * time.Hour)
	b.mu.Unlock()
	b.refused(resumed, dataplane.Query{}, 401, "token-expired")
}

// forgeries are tokens of the right key that say one thing else, and the code
// of their refusal.
func forgeries(t *testing.T, b *bench) map[string]string {
	forged := map[string]string{}
	for _, change := range []struct {
		claim string
		value any // nil: the claim is missing
		code  string
	}{
		{"sub", "t2", "token-wrong-transfer"},
		{"aud", "did:example:other", "token-wrong-participant"},
		{"iss", "did:example:other", "token-invalid"},
		{"agreement", "other", "token-invalid"},
		{"jti", nil, "token-invalid"},
		{"agreement", nil, "token-invalid"},
	} {
		claims := map[string]any{
			"iss": "did:example:provider", "sub": "t1", "aud": "did:example:consumer", "agreement": "agreement-1", "jti": "g1",
			"iat": b.now.Unix(), "exp": b.now.Add(time.Hour).Unix(),
		}
		claims[change.claim] = change.value
		if change.value == nil {
			delete(claims, change.claim)
		}
		s, err := jose.Sign(claims, jose.Key{ID: "key-1", Signer: b.key}, "musubi-data+jwt")
		if err != nil {
			t.Fatal(err)
		}
		forged[s] = change.code
	}
	whole := map[string]any{
		"iss": "did:example:provider", "sub": "t1", "aud": "did:example:consumer", "agreement": "agreement-1", "jti": "g1",
		"iat": b.now.Unix(), "exp": b.now.Add(time.Hour).Unix(),
	}
	otherType, err := jose.Sign(whole, jose.Key{ID: "key-1", Signer: b.key}, "JWT")
	if err != nil {
		t.Fatal(err)
	}
	otherKey, _ := jose.GenerateES256(rand.Reader)
	stranger, err := jose.Sign(whole, jose.Key{ID: "key-1", Signer: otherKey}, "musubi-data+jwt")
	if err != nil {
		t.Fatal(err)
	}
	forged[otherType], forged[stranger] = "token-invalid", "token-invalid"
	return forged
}

func TestMethods(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
		w := b.call(a, method, "", http.NoBody)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
		if want == 405 {
			var body map[string]string
			if json.Unmarshal(w.Body.Bytes(), &body) != nil || body["code"] != "method-not-allowed" || body["hint"] == "" {
				t.Errorf("%s: %s", method, w.Body)
			}
		}
	}
}

func TestSourceFails(t *testing.T) {
	b := newBench(t)
	status := 500
	s := b.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	a := b.start("t1", "g1")
	for is, want := range map[int]string{500: "source-failed", 418: "source-failed", 401: "source-denied", 403: "source-denied", 302: "source-redirects"} {
		status = is
		b.refused(a, dataplane.Query{}, 502, want)
	}
	status = 404
	b.refused(a, dataplane.Query{}, 404, "path-not-found")
	s.Close()
	b.refused(a, dataplane.Query{}, 503, "source-unreachable")
	b.noSource = dataplane.ErrNoSource
	b.later()
	b.refused(a, dataplane.Query{}, 404, "source-missing")
}

func TestPathsAndQueries(t *testing.T) {
	b := newBench(t)
	asked := ""
	b.serve(func(w http.ResponseWriter, r *http.Request) { asked = r.URL.String(); _, _ = io.WriteString(w, "x") })
	a := b.start("t1", "g1")
	b.refused(a, dataplane.Query{Path: []string{"more"}}, 404, "path-not-found")
	b.refused(a, dataplane.Query{Query: url.Values{"q": {"1"}}}, 400, "query-not-allowed")
	b.source.SubPaths, b.source.Query = true, true
	b.later()
	b.body(a, dataplane.Query{Path: []string{"a b", "c"}, Query: url.Values{"q": {"1"}}})
	if asked != "/base/a%20b/c?key=1&q=1" {
		t.Errorf("the source was asked %q", asked)
	}
	for _, sub := range []string{"..", "a/../..", "%2e%2e", "a%2fb", "..%2fsecret", "a//b", ".", "a%5cb", "a%00", "a%0d%0aX:1"} {
		asked = ""
		req := httptest.NewRequest(http.MethodGet, "/prov/data/t1/x", http.NoBody)
		u, err := url.Parse("/prov/data/t1/" + sub)
		if err != nil {
			t.Fatal(err)
		}
		req.URL = u
		req.Header.Set("Authorization", "Bearer "+a.Get("authorization"))
		w := httptest.NewRecorder()
		b.plane.ServeHTTP(w, req)
		if w.Code != 404 || asked != "" {
			t.Errorf("%s: %d, the source was asked %q", sub, w.Code, asked)
		}
	}
}
