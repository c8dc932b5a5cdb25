// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// leanGet asks as the data plane does, so that net/http is not asked.
func leanGet(t *testing.T, c *Client, url string) (*http.Response, string, error) {
	t.Helper()
	req := get(t, url)
	req.Header.Set("Accept-Encoding", "identity")
	if !simple(req) {
		t.Fatal("this is not simple")
	}
	resp, err := c.Stream(req)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), errors.Join(err, resp.Body.Close())
}

// counted is a server that counts its connections.
func counted(t *testing.T, h http.HandlerFunc) (url string, conns *atomic.Int64) {
	t.Helper()
	conns = new(atomic.Int64)
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, conns
}

func leanClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	c := build(t, cfg).Operator
	t.Cleanup(c.CloseIdle)
	return c
}

func TestLeanReadsWhatHTTPHas(t *testing.T) {
	url, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Asked", r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("User-Agent"))
		switch r.URL.Path {
		case "/chunked":
			w.Header().Set("Trailer", "X-Sum")
			for range 3 {
				_, _ = io.WriteString(w, "piece")
				w.(http.Flusher).Flush()
			}
			w.Header().Set("X-Sum", "15")
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "late")
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		}
	})
	c := leanClient(t, Config{})
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/chunked": {200, "piecepiecepiece"}, "/empty": {204, ""}, "/early": {200, "late"}, "/missing": {404, ""}, "/?a=b%20c": {200, strings.Repeat("x", 100_000)},
	} {
		resp, body, err := leanGet(t, c, url+path)
		if err != nil || resp.StatusCode != want.status || body != want.body || !strings.HasPrefix(resp.Header.Get("X-Asked"), "GET "+path) {
			t.Errorf("%s: %v %v, %d bytes", path, resp, err, len(body))
		}
		if path == "/chunked" && resp.Trailer.Get("X-Sum") != "15" {
			t.Errorf("trailer: %v", resp.Trailer)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections for requests that came one after the other", n)
	}
	req := get(t, url+"/")
	req.Method = http.MethodHead
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := c.Stream(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %v %v", resp, err)
	}
	if conns.Load() != 1 {
		t.Error("HEAD took another connection")
	}
}

// TestLeanLeavesTheRest to net/http.
func TestLeanLeavesTheRest(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"POST":        func(r *http.Request) { r.Method = http.MethodPost },
		"a body":      func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")) },
		"https":       func(r *http.Request) { r.URL.Scheme = "https" },
		"gzip":        func(r *http.Request) { r.Header.Del("Accept-Encoding") },
		"close":       func(r *http.Request) { r.Close = true },
		"connection":  func(r *http.Request) { r.Header.Set("Connection", "upgrade") },
		"upgrade":     func(r *http.Request) { r.Header.Set("Upgrade", "h2c") },
		"expectation": func(r *http.Request) { r.Header.Set("Expect", "100-continue") },
	} {
		r := get(t, "http://source.example/")
		r.Header.Set("Accept-Encoding", "identity")
		if change(r); simple(r) {
			t.Errorf("%s is taken for simple", name)
		}
	}
	if build(t, Config{Proxy: "http://127.0.0.1:1"}).Operator.lean != nil || build(t, Config{}).Foreign.lean != nil {
		t.Error("it goes past the proxy, or over plain HTTP to strangers")
	}
}

// TestLeanAfterAClose: a connection that the source closed while nobody used
// it costs another attempt and no error.
func TestLeanAfterAClose(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") }))
	t.Cleanup(s.Close)
	c := leanClient(t, Config{})
	for range 5 {
		if _, body, err := leanGet(t, c, s.URL); err != nil || body != "data" {
			t.Fatal(body, err)
		}
		s.CloseClientConnections()
	}
}

// TestLeanUnfinished: a connection on which something is left is not used
// again, and one on which more came than was asked for.
func TestLeanUnfinished(t *testing.T) {
	url, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hijack" {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndataHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse")
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			}
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	})
	c := leanClient(t, Config{})
	req := get(t, url)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := c.Stream(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(resp.Body, make([]byte, 10))
	_ = resp.Body.Close()
	if _, err := resp.Body.Read(make([]byte, 1)); err == nil {
		t.Error("a closed body is read")
	}
	if _, body, err := leanGet(t, c, url+"/hijack"); err != nil || body != "data" {
		t.Errorf("%q %v", body, err)
	}
	if _, body, err := leanGet(t, c, url); err != nil || len(body) != 1<<20 || conns.Load() != 3 {
		t.Errorf("%d bytes on %d connections: %v", len(body), conns.Load(), err)
	}
}

// TestLeanUnasked: what came on a connection while nobody used it is not the
// answer to the next request.
func TestLeanUnasked(t *testing.T) {
	late, came := make(chan struct{}), make(chan struct{})
	url, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hijack" {
			_, _ = io.WriteString(w, "true")
			return
		}
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata")
		<-late
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse")
		close(came)
		_, _ = io.Copy(io.Discard, c)
		_ = c.Close()
	})
	c := leanClient(t, Config{})
	if _, body, err := leanGet(t, c, url+"/hijack"); err != nil || body != "data" {
		t.Fatalf("%q %v", body, err)
	}
	close(late)
	<-came
	if _, body, err := leanGet(t, c, url); err != nil || body != "true" || conns.Load() != 2 {
		t.Errorf("%q on %d connections: %v", body, conns.Load(), err)
	}
}

// TestLeanIsBounded: a header without an end, one that does not come, and a
// caller who gives up.
func TestLeanIsBounded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				line, _, _ := bufio.NewReader(c).ReadLine()
				switch _, rest, _ := strings.Cut(string(line), " "); {
				case strings.HasPrefix(rest, "/endless"):
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
					for i := 0; err == nil; i++ {
						_, err = fmt.Fprintf(c, "X-%d: more\r\n", i)
					}
				case strings.HasPrefix(rest, "/interim"):
					for err == nil {
						_, err = io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n")
					}
				case strings.HasPrefix(rest, "/switch"):
					_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
				case strings.HasPrefix(rest, "/short"):
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
				case strings.HasPrefix(rest, "/body"):
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
					fallthrough
				default:
					_, _ = io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	url := "http://" + listener.Addr().String()
	c := leanClient(t, Config{Timeout: longest})
	for path, want := range map[string]string{
		"/endless": "longer than", "/interim": "too many", "/switch": "another protocol", "/short": "unexpected EOF",
	} {
		if _, _, err := leanGet(t, c, url+path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	inTime(t, 200*time.Millisecond, func(limit time.Duration) (late bool) {
		c := leanClient(t, Config{Timeout: limit})
		if _, _, err := leanGet(t, c, url+"/silent"); !isTimeout(err) {
			t.Errorf("/silent: %v", err)
		}
		// While the body is awaited only the caller gives up.
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req := get(t, url+"/body").WithContext(ctx)
		req.Header.Set("Accept-Encoding", "identity")
		resp, err := c.Stream(req)
		if isTimeout(err) {
			return true
		}
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.ReadFull(resp.Body, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(limit+limit/2, cancel)
		if _, err := resp.Body.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("cut: %v", err)
		}
		return false
	})
}
