// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust/policy"
)

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

// TestNothingFlows: whatever is refused is refused by a code of its own, and
// neither the consumer nor the source sees a byte of the other.
func TestNothingFlows(t *testing.T) {
	var asked atomic.Int64
	newOne := func(t *testing.T) (*bench, transfer.DataAddress) {
		b := newBench(t)
		b.serve(func(w http.ResponseWriter, r *http.Request) {
			n, _ := io.Copy(io.Discard, r.Body)
			asked.Add(1 + n)
			_, _ = io.WriteString(w, "data")
		})
		b.source.Rules = []dataplane.Rule{{Path: "/"}, {Path: "/orders/*", Methods: []string{"GET", "POST"}}}
		b.source.QueryNames = []string{"page"}
		return b, b.start("t1", "g1")
	}
	codes := map[string]string{}
	for name, tc := range map[string]struct {
		prepare func(b *bench, a transfer.DataAddress) transfer.DataAddress
		method  string
		below   string
		code    string
	}{
		"revoked": {code: "policy-denied", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", &transfer.DeniedError{Verdict: policy.Verdict{Safe: "a credential was revoked"}}, true)
			return a
		}},
		"suspended": {code: "transfer-suspended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrSuspended, true)
			return a
		}},
		"ended": {code: "transfer-ended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrEnded, true)
			return a
		}},
		"agreement ended": {code: "agreement-ended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrAgreementEnded, true)
			return a
		}},
		"expired": {code: "token-expired", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.now = b.now.Add(61 * time.Minute)
			return a
		}},
		"wrong path":          {code: "path-not-found", below: "/invoices/1"},
		"wrong method":        {code: "method-not-allowed", method: http.MethodDelete, below: "/orders/1"},
		"wrong query":         {code: "query-not-allowed", below: "/orders/1?all=true"},
		"query of the source": {code: "query-not-allowed", below: "/orders/1?key=2"},
		"no token":            {code: "token-missing", prepare: func(_ *bench, a transfer.DataAddress) transfer.DataAddress { return with(a, "") }},
		"token of an old address": {code: "token-superseded", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.start("t1", "g2")
			b.set("t1", nil, true)
			return a
		}},
		"token of another transfer": {code: "token-wrong-transfer", prepare: func(b *bench, _ transfer.DataAddress) transfer.DataAddress {
			return b.start("t2", "g9")
		}},
		"another participant's token": {code: "token-wrong-participant", prepare: func(b *bench, _ transfer.DataAddress) transfer.DataAddress {
			status, err := b.plane.Start(context.Background(), transfer.Flow{
				MessageID: "g1", Context: "prov", Process: "t1", Participant: "did:example:provider", Counterparty: "did:example:other",
				Agreement: "agreement-1", Dataset: "dataset-1", Format: dataplane.Format,
			})
			if err != nil {
				b.t.Fatal(err)
			}
			return *status.DataAddress
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b, a := newOne(t)
			for _, warm := range []bool{false, true} { // also where a request was let in just before
				if warm {
					b.set("t1", nil, true)
					if w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil); w.Code != http.StatusOK {
						t.Fatalf("%d %s", w.Code, w.Body)
					}
				}
				now := a
				if tc.prepare != nil {
					now = tc.prepare(b, a)
				}
				method := tc.method
				if method == "" {
					method = http.MethodGet
				}
				asked.Store(0)
				w := b.call(now, method, tc.below, strings.NewReader("secret of the consumer"))
				if got := codeOf(w); got != tc.code || strings.Contains(w.Body.String(), "data"+"data") || asked.Load() != 0 {
					t.Errorf("warm %t: %d %s, want %s; the source was asked %d", warm, w.Code, got, tc.code, asked.Load())
				}
			}
		})
		if other, twice := codes[tc.code]; twice && tc.code != "query-not-allowed" {
			t.Errorf("%s and %s have one code", name, other)
		}
		codes[tc.code] = name
	}
}

func TestRules(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Asked", r.Method+" "+r.URL.String()) })
	b.source.Rules = []dataplane.Rule{
		{Path: "/"},
		{Path: "/orders/*/lines", Methods: []string{"GET", "PUT"}},
		{Path: "/files/**", Methods: []string{"GET", "DELETE"}},
		{Path: "/orders", Methods: []string{"POST"}},
	}
	b.source.QueryNames = []string{"page", "日"}
	b.source.Response.Pass = []string{"X-Asked"}
	a := b.start("t1", "g1")
	for _, tc := range []struct {
		method, below string
		want          string // what the source was asked, or a code
	}{
		{"GET", "", "GET /base?key=1"},
		{"HEAD", "", "HEAD /base?key=1"},
		{"POST", "", "method-not-allowed"},
		{"GET", "/orders", "method-not-allowed"},
		{"POST", "/orders", "POST /base/orders?key=1"},
		{"PUT", "/orders/7/lines", "PUT /base/orders/7/lines?key=1"},
		{"GET", "/orders/7", "path-not-found"},
		{"GET", "/orders/7/lines/8", "path-not-found"},
		{"GET", "/orders//lines", "path-not-found"},
		{"GET", "/orders/%2e%2e/lines", "path-not-found"},
		{"GET", "/orders/a%2fb/lines", "path-not-found"},
		{"DELETE", "/files/a/b/c", "DELETE /base/files/a/b/c?key=1"},
		{"GET", "/files", "GET /base/files?key=1"},
		{"GET", "/files/..%2f..%2fadmin", "path-not-found"},
		{"GET", "/?page=2", "path-not-found"},
		{"GET", "?page=2", "GET /base?key=1&page=2"},
		{"GET", "?%E6%97%A5=2&page=x%26key%3D2", "GET /base?key=1&%E6%97%A5=2&page=x%26key%3D2"},
		{"GET", "?page=2&page=3", "GET /base?key=1&page=2&page=3"},
		{"GET", "?Page=2", "query-not-allowed"},
		{"GET", "?page=2&key=9", "query-not-allowed"},
		{"GET", "?page=2;key=9", "query-not-allowed"},
		{"GET", "?%6bey=9", "query-not-allowed"},
	} {
		w := b.call(a, tc.method, tc.below, nil)
		got := w.Header().Get("X-Asked")
		if w.Code != http.StatusOK {
			got = codeOf(w)
		}
		if got != tc.want {
			t.Errorf("%s %s: %d %q, want %q", tc.method, tc.below, w.Code, got, tc.want)
		}
		if w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tc.method, tc.below)
		}
	}
}

// TestFixedQuery: what the source's own URL sets is not set again in a spelling
// that a source may take for the same.
func TestFixedQuery(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RawQuery) })
	b.source.QueryNames = []string{"*"}
	a := b.start("t1", "g1")
	for _, query := range []string{"key=9", "Key=9", "key[]=9", "key%5B0%5D=9", "%20key=9", "KEY%5b=9"} {
		if w := b.call(a, http.MethodGet, "?"+query, nil); codeOf(w) != "query-not-allowed" {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := b.call(a, http.MethodGet, "?keys=9", nil); w.Code != http.StatusOK {
		t.Errorf("another parameter: %d %s", w.Code, w.Body)
	}
}

// TestBodyThatReads: a body with GET or HEAD is no part of any rule, and does
// not reach the source.
func TestBodyThatReads(t *testing.T) {
	b := newBench(t)
	b.serve(func(http.ResponseWriter, *http.Request) { t.Error("the source was asked") })
	a := b.start("t1", "g1")
	for _, body := range []io.Reader{strings.NewReader("DELETE / HTTP/1.1"), struct{ io.Reader }{strings.NewReader("{}")}} {
		if w := b.call(a, http.MethodGet, "", body); w.Code != http.StatusBadRequest || codeOf(w) != "body-not-allowed" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// TestHeaders: headers pass by list and by rule; those of the connection and
// of who somebody is never do.
func TestHeaders(t *testing.T) {
	b := newBench(t)
	var got http.Header
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		for name, value := range map[string]string{
			"Etag": `"1"`, "X-Total": "7", "X-Internal": "upstream-secret", "Set-Cookie": "a=upstream-secret", "Server": "erp", "Vary": "Accept",
			"Connection": "X-Total-Hop", "X-Total-Hop": "hop", "Keep-Alive": "1", "Location": "http://erp.internal/", "Www-Authenticate": "Basic",
		} {
			w.Header().Set(name, value)
		}
		w.Header().Set("Trailer", "X-Checksum, X-Other")
		_, _ = io.WriteString(w, "data")
		w.Header().Set("X-Checksum", "abc")
		w.Header().Set("X-Other", "upstream-secret")
	})
	b.source.Request = dataplane.HeaderRules{Pass: []string{"X-Ods-Userid", "x-plant", "Authorization", "Te"}, Drop: []string{"Accept-Language"}, Set: map[string]string{"X-Via": "musubi"}}
	b.source.Response = dataplane.HeaderRules{Pass: []string{"X-Total", "X-Total-Hop", "X-Checksum"}, Drop: []string{"etag"}, Set: map[string]string{"X-Licence": "CC-BY-4.0"}}
	w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil,
		"Accept", "text/csv", "Accept-Language", "ja", "X-Plant", "7", "X-Ods-UserId", "u1", "Cookie", "c=1", "Te", "trailers", "Connection", "X-Gone, close",
		"X-Gone", "1", "X-Forwarded-For", "10.0.0.1", "X-Api-Key", "forged", "X-Trackingid", "track-1", "User-Agent", "agent")
	for name, want := range map[string]string{
		"Accept": "text/csv", "X-Plant": "7", "X-Ods-Userid": "u1", "X-Via": "musubi", "X-Api-Key": "upstream-secret", "X-Trackingid": "track-1",
		"Accept-Language": "", "Cookie": "", "Te": "", "X-Gone": "", "X-Forwarded-For": "", "Authorization": "", "User-Agent": "",
	} {
		if got.Get(name) != want {
			t.Errorf("the source got %s %q, want %q", name, got.Get(name), want)
		}
	}
	answer := w.Result()
	_, _ = io.ReadAll(answer.Body)
	for name, want := range map[string]string{
		"X-Total": "7", "X-Licence": "CC-BY-4.0", "Vary": "Accept", "Cache-Control": "no-store", "X-Trackingid": "track-1",
		"Etag": "", "X-Internal": "", "Set-Cookie": "", "Server": "", "X-Total-Hop": "", "Location": "", "Www-Authenticate": "",
	} {
		if answer.Header.Get(name) != want {
			t.Errorf("the consumer got %s %q, want %q", name, answer.Header.Get(name), want)
		}
	}
	if answer.Trailer.Get("X-Checksum") != "abc" || answer.Trailer.Get("X-Other") != "" {
		t.Errorf("trailers %v", answer.Trailer)
	}
	for _, bad := range []string{"", "a b", strings.Repeat("x", 200)} {
		w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil, "X-Trackingid", bad)
		if made := w.Header().Get("X-Trackingid"); len(made) != 36 || got.Get("X-Trackingid") != made {
			t.Errorf("tracking id %q made of %q; the source got %q", made, bad, got.Get("X-Trackingid"))
		}
	}
}

// sends begins an upload to t1 that has no end.
func (b *bench) sends(method, first string) (*http.Response, io.Writer, error) {
	b.t.Helper()
	b.source.Rules = []dataplane.Rule{{Path: "/", Methods: []string{method}}}
	out, in := io.Pipe()
	b.t.Cleanup(func() { _ = in.Close() })
	go func() { _, _ = io.WriteString(in, first) }()
	resp, err := b.clients.Foreign.Stream(b.request(b.start("t1", "g1"), method, out))
	return resp, in, err
}

// TestUpload: a body of the consumer's goes to the source piece by piece, and
// the answer may begin before it ends.
func TestUpload(t *testing.T) {
	b := newBench(t)
	arrived := make(chan string)
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(http.StatusCreated)
		_ = http.NewResponseController(w).Flush()
		piece := make([]byte, 5)
		for {
			n, err := io.ReadFull(r.Body, piece)
			if err != nil {
				return
			}
			arrived <- string(piece[:n])
			_, _ = w.Write(bytes.ToUpper(piece[:n]))
			_ = http.NewResponseController(w).Flush()
		}
	})
	resp, in, err := b.sends(http.MethodPost, "first")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := <-arrived; got != "first" || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%q %d", got, resp.StatusCode)
	}
	readPiece(t, resp.Body, "FIRST")
	go func() { _, _ = io.WriteString(in, "again") }()
	<-arrived
	readPiece(t, resp.Body, "AGAIN")
	b.set("t1", transfer.ErrSuspended, true) // cuts both directions
	aborted(t, resp.Body)
}

// TestUploadIsCut: an upload that the source only reads is cut as well, and
// the consumer learns why.
func TestUploadIsCut(t *testing.T) {
	b := newBench(t)
	begun, ended := make(chan struct{}), make(chan error, 1)
	b.serve(func(_ http.ResponseWriter, r *http.Request) {
		one := make([]byte, 1)
		_, _ = io.ReadFull(r.Body, one)
		close(begun)
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	})
	go func() { <-begun; b.set("t1", transfer.ErrEnded, true) }()
	resp, _, err := b.sends(http.MethodPut, "x")
	if err == nil {
		defer resp.Body.Close()
		if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusForbidden || !strings.Contains(string(raw), "transfer-ended") {
			t.Errorf("%d %s", resp.StatusCode, raw)
		}
	}
	if err := <-ended; err == nil {
		t.Error("the source took what came for the whole")
	}
}

// raw is a source that answers with these bytes and hangs up, or stays silent.
func (b *bench) raw(answer string, silent bool) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := c.Read(make([]byte, 4096)); err != nil {
					return
				}
				for sent := 0; sent < len(answer); {
					n, err := io.WriteString(c, answer[sent:min(sent+32<<10, len(answer))])
					if err != nil {
						return
					}
					sent += n
				}
				if silent {
					_, _ = c.Read(make([]byte, 1)) // until the other side gives up
				}
			}()
		}
	}()
	b.source = dataplane.Source{Type: dataplane.SourceHTTP, URL: "http://" + l.Addr().String()}
}

// TestBadSources: whatever a source does, the consumer gets a clear answer, or
// a body that is cut, and nothing of how the source looks.
func TestBadSources(t *testing.T) {
	endless := "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 200)
	for name, tc := range map[string]struct {
		answer string
		silent bool
		status int
		code   string // empty: a body that is cut
	}{
		"silent":            {silent: true, status: 504, code: "source-timeout"},
		"hangs up":          {status: 502, code: "source-invalid"},
		"not HTTP":          {answer: "SSH-2.0-OpenSSH_9.6 upstream-secret\r\n", status: 502, code: "source-invalid"},
		"endless headers":   {answer: endless, silent: true, status: 502, code: "source-invalid"},
		"redirects":         {answer: "HTTP/1.1 302 Found\r\nLocation: http://upstream-secret/\r\nContent-Length: 0\r\n\r\n", status: 502, code: "source-redirects"},
		"too short":         {answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", status: 502, code: "source-invalid"},
		"far too short":     {answer: "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf"},
		"broken chunks":     {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"},
		"chunks that stop":  {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
		"longer than it is": {answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalf and more", status: 200, code: "half"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			limit := patience
			if tc.code == "source-timeout" { // the only one that waits for it
				limit = 300 * time.Millisecond
			}
			clients, err := safehttp.New(safehttp.Config{DevMode: true, Timeout: limit})
			if err != nil {
				t.Fatal(err)
			}
			c := b.config()
			c.Operator = clients.Operator
			b.plane = dataplane.New(c)
			b.server.Config.Handler = b.plane
			b.raw(tc.answer, tc.silent)
			a := b.start("t1", "g1")
			switch {
			case tc.status == 200:
				if got := b.body(a, dataplane.Query{}); got != tc.code {
					t.Errorf("%q", got)
				}
			case tc.code != "":
				_, err := b.fetch(a, dataplane.Query{})
				var f *dataplane.FetchError
				if !errors.As(err, &f) || f.Status != tc.status || f.Code != tc.code || strings.Contains(f.Message, "upstream-secret") || strings.Contains(f.Message, "127.0.0.1") {
					t.Errorf("%v, want %d %s", err, tc.status, tc.code)
				}
			default:
				d, err := b.fetch(a, dataplane.Query{})
				if err != nil { // before anything of it had left
					return
				}
				defer d.Body.Close()
				if rest, err := io.ReadAll(d.Body); err == nil {
					t.Errorf("%q without an error", rest)
				}
			}
		})
	}
}

// TestStalledSource: a body that stands still is cut after a while.
func TestStalledSource(t *testing.T) {
	b := newBench(t)
	s := slow(b)
	b.source.Idle = 3 * time.Second
	s.begins()
	for range 5 { // seconds
		b.mu.Lock()
		b.now = b.now.Add(time.Second)
		b.mu.Unlock()
		select {
		case fire := <-b.timers:
			fire <- time.Time{}
		case <-s.ended:
		}
	}
	s.isCut()
}

func TestPassErrors(t *testing.T) {
	b := newBench(t)
	status := 422
	b.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, "why") })
	a := b.start("t1", "g1")
	if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "source-failed" || w.Code != 502 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.source.PassErrors = true
	b.later()
	for _, status = range []int{400, 404, 409, 422, 429} {
		if w := b.call(a, http.MethodGet, "", nil); w.Code != status || w.Body.String() != "why" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	for _, status = range []int{401, 403, 407} {
		if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "source-denied" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// TestOneLookForManyRequests: what lets requests in is asked for once a
// second, and again at each commit.
func TestOneLookForManyRequests(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	for range 100 {
		if w := b.call(a, http.MethodGet, "", nil); w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
	}
	if n := b.looks.Load(); n != 1 {
		t.Errorf("%d looks for 100 requests", n)
	}
	b.set("t1", transfer.ErrSuspended, true)
	if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "transfer-suspended" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.set("t1", nil, true)
	if w := b.call(a, http.MethodGet, "", nil); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.set("t1", transfer.ErrSuspended, false) // a commit that nobody told of
	b.later()
	if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "transfer-suspended" {
		t.Errorf("a second later: %d %s", w.Code, w.Body)
	}
}
