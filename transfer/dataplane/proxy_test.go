// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// proxied is an application's way to a pull: its own connector.
type proxied struct {
	*renewing
	app      *httptest.Server
	pulling  dataplane.Pulling
	consumer *moves
	provider *moves
	failed   chan error
	verdict  atomic.Pointer[error] // whether data may come
	asleep   *asleep               // nil: the application reads
}

func newProxied(t testing.TB, format string) *proxied {
	b := &proxied{renewing: newRenewing(t), consumer: &moves{}, provider: &moves{}, failed: make(chan error, 10)}
	b.verdict.Store(new(error))
	c := b.config()
	c.Access, c.Replays, c.DIDs, c.Evidence = b.kept, b.kept, b.dids, b.provider
	c.Timer = func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
	b.plane = dataplane.New(c)
	renewer := b.replica("one", memory.New())
	proxy := &dataplane.Proxy{
		HTTP: b.clients.Foreign, Renewer: renewer, Evidence: b.consumer, Now: b.clock, NewID: c.NewID,
		Receiving: func(context.Context, string, string) error { return *b.verdict.Load() }, Watch: b.watch, Timer: b.timer,
	}
	b.pulling = dataplane.Pulling{Context: "cons", Process: "c1", Peer: providerDID, Address: b.begin("t1", "g1", format)}
	if err := renewer.Keep(t.Context(), b.pulling); err != nil {
		t.Fatal(err)
	}
	b.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/pull/c1"), "/")
		if b.asleep != nil {
			b.asleep.ResponseWriter = w
			w = b.asleep
		}
		if err := proxy.Serve(w, r, b.pulling, path); err != nil {
			b.failed <- err
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(b.app.Close)
	return b
}

func (b *proxied) application(method, below, body string, headers ...string) (*http.Response, string) {
	b.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, b.app.URL+"/pull/c1"+below, in)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.clients.Operator.Stream(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, string(raw)
}

// TestProxy: an application calls its own connector by any method that the
// provider allows, and sees no token.
func TestProxy(t *testing.T) {
	for _, format := range []string{dataplane.Format, transfer.ProfileHTTPPull} {
		b := newProxied(t, format)
		var got *http.Request
		var sent string
		b.serve(func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			got, sent = r.Clone(context.Background()), string(raw)
			w.Header().Set("Content-Type", "text/csv")
			w.Header().Set("ETag", `"7"`)
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "answer")
		})
		b.source.Rules = []dataplane.Rule{{Path: "/orders/*", Methods: []string{"POST"}}, {Path: "/"}}
		b.source.QueryNames = []string{"page"}
		b.source.Request.Pass = []string{"X-Ods-Userid"}
		resp, body := b.application(http.MethodPost, "/orders/a%20b?page=2", "the order", "Authorization", "Bearer the-application's", "Cookie", "c=1",
			"X-Api-Key", "management", "X-ODS-UserId", "u1", "Content-Type", "application/json", "X-TrackingID", "track-7")
		if resp.StatusCode != http.StatusCreated || body != "answer" || resp.Header.Get("Content-Type") != "text/csv" || resp.Header.Get("ETag") != `"7"` || resp.Header.Get("X-Trackingid") != "track-7" {
			t.Fatalf("%s: %d %q %v", format, resp.StatusCode, body, resp.Header)
		}
		if got.Method != http.MethodPost || got.URL.String() != "/base/orders/a%20b?key=1&page=2" || sent != "the order" ||
			got.Header.Get("Content-Type") != "application/json" || got.Header.Get("X-Ods-Userid") != "u1" || got.Header.Get("X-Trackingid") != "track-7" {
			t.Errorf("%s: the source was asked %s %s %q %v", format, got.Method, got.URL, sent, got.Header)
		}
		if got.Header.Get("Cookie") != "" || got.Header.Get("Authorization") != "" || got.Header.Get("X-Api-Key") != "upstream-secret" {
			t.Errorf("%s: the source got %v", format, got.Header)
		}
		for name, values := range resp.Header {
			if strings.Contains(strings.Join(values, " "), "eyJ") {
				t.Errorf("%s: the application got a token in %s", format, name)
			}
		}
		ours, theirs := b.consumer.all(t, 2), b.provider.all(t, 2)
		for i := range ours { // one record on each side, that can be matched
			if ours[i].TrackingID != "track-7" || ours[i].TrackingID != theirs[i].TrackingID || ours[i].SHA256 != theirs[i].SHA256 || len(ours[i].SHA256) != 64 ||
				ours[i].Bytes != theirs[i].Bytes || ours[i].Sent == theirs[i].Sent || !ours[i].Whole || !theirs[i].Whole || ours[i].Path != "orders/a b" || theirs[i].Path != "orders/a b" {
				t.Errorf("%s: %+v and %+v", format, ours[i], theirs[i])
			}
		}
	}
}

// TestProxyRenews: while the token runs out, is refused, or was never kept.
func TestProxyRenews(t *testing.T) {
	b := newProxied(t, transfer.ProfileHTTPPull)
	for range 3 {
		b.pass(10 * time.Minute)
		if resp, body := b.application(http.MethodGet, "", ""); resp.StatusCode != http.StatusOK || body != "data" {
			t.Fatalf("%d %q", resp.StatusCode, body)
		}
	}
	if got := b.renewed.Load(); got != 3 {
		t.Errorf("%d renewals", got)
	}
}

// TestProxyRefusals: what is no data is a problem of the application's own
// connector.
func TestProxyRefusals(t *testing.T) {
	b := newProxied(t, dataplane.Format)
	failure := func(method, below string) error {
		t.Helper()
		resp, body := b.application(method, below, "")
		if resp.StatusCode != http.StatusTeapot || body != "" {
			t.Fatalf("%d %q", resp.StatusCode, body)
		}
		return <-b.failed
	}
	b.set("t1", transfer.ErrSuspended, true)
	if f, ok := errors.AsType[*dataplane.FetchError](failure("GET", "")); !ok || f.Code != "transfer-suspended" {
		t.Errorf("%v", f)
	}
	b.set("t1", nil, true)
	for _, below := range []string{"/..", "/%2e%2e/other", "/a%2f..%2fb", "/a//b", "/a;b", "/:token"} {
		if err := failure("GET", below); !errors.Is(err, dataplane.ErrPath) {
			t.Errorf("%s: %v", below, err)
		}
	}
	if resp, body := b.application("GET", "/nothing", ""); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, "path-not-found") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	b.server.Close()
	if err := failure("GET", ""); !errors.Is(err, dataplane.ErrUpstream) {
		t.Errorf("%v", err)
	}
	b.pulling.Address.Endpoint = "http://10.0.0.1/data"
	if err := failure("GET", ""); !errors.Is(err, dataplane.ErrAddress) && !errors.Is(err, dataplane.ErrUpstream) {
		t.Errorf("%v", err)
	}
}

// TestProxyIsCut: a body that the provider cuts does not pass for the whole.
func TestProxyIsCut(t *testing.T) {
	b := newProxied(t, dataplane.Format)
	s := slow(b.bench).asked(func() (io.ReadCloser, error) {
		resp, err := b.asks(http.MethodGet, http.NoBody)
		if err != nil {
			return nil, err
		}
		return resp.Body, nil
	})
	b.set("t1", transfer.ErrEnded, true)
	s.isCut()
	if one := b.consumer.all(t, 1)[0]; one.Whole || one.Bytes != 5 || one.SHA256 != "" {
		t.Errorf("%+v", one)
	}
}

func TestAcceptAddress(t *testing.T) {
	b := newRenewing(t)
	whole := b.begin("t1", "g1", transfer.ProfileHTTPPull)
	without := func(name string) transfer.DataAddress {
		a := whole
		a.Properties = nil
		for _, p := range whole.Properties {
			if p.Name != name {
				a.Properties = append(a.Properties, p)
			}
		}
		return a
	}
	consumer := func(a transfer.DataAddress) error {
		c := b.config()
		c.Access, c.CheckURL = b.kept, b.clients.Foreign.CheckURL
		_, err := dataplane.New(c).Start(t.Context(), transfer.Flow{
			MessageID: "m", Context: "cons", Process: "c1", Role: "consumer", Format: transfer.ProfileHTTPPull, DataAddress: &a,
		})
		return err
	}
	if err := consumer(whole); err != nil {
		t.Error(err)
	}
	for name, code := range map[string]string{
		"authorization": "address-without-token", "refreshToken": "address-not-renewable", "expiresIn": "address-not-renewable", "refreshEndpoint": "address-not-renewable",
	} {
		if err := consumer(without(name)); err == nil || !refusedAs(err, code) {
			t.Errorf("without %s: %v, want %s", name, err, code)
		}
	}
	strict := newStrict(t)
	if err := transfer.AcceptAddress(whole, strict.Foreign.CheckURL); err == nil || !refusedAs(err, "address-insecure") {
		t.Errorf("http outside dev mode: %v", err)
	}
	plain := whole
	plain.EndpointType = transfer.EndpointTypeHTTP
	if err := transfer.AcceptAddress(plain, strict.Foreign.CheckURL); err != nil {
		t.Error(err)
	}
}

func refusedAs(err error, code string) bool {
	r, ok := errors.AsType[*engine.Refusal](err)
	return ok && r.Code == code
}

func newStrict(t *testing.T) *safehttp.Clients {
	t.Helper()
	clients, err := safehttp.New(safehttp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return clients
}
