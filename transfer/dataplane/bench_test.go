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

// call asks the plane itself.
func (b *bench) call(a transfer.DataAddress, method, below string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, "/prov/data/t1"+below, body)
	r.Header.Set("Authorization", "Bearer "+a.Get("authorization"))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.plane.ServeHTTP(w, r)
	return w
}

func codeOf(w *httptest.ResponseRecorder) string {
	var body struct{ Code, Message, Hint string }
	if json.Unmarshal(w.Body.Bytes(), &body) != nil || body.Message == "" || body.Hint == "" {
		return "no refusal: " + w.Body.String()
	}
	return body.Code
}
