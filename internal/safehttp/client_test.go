// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

var loopbackOnly = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func TestForeignReachesAllowed(t *testing.T) {
	s := serve(t, "127.0.0.1:0", hello)
	clients := build(t, Config{Allow: loopbackOnly, CAFile: s.caFile})
	for _, client := range []*Client{clients.Foreign, clients.Operator} {
		resp, err := client.Do(get(t, s.URL))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if string(body) != "hello" || err != nil {
			t.Errorf("body %q, %v", body, err)
		}
	}
}

func TestUnknownAuthorityIsRefused(t *testing.T) {
	s := serve(t, "127.0.0.1:0", hello)
	if _, err := build(t, Config{}).Operator.Do(get(t, s.URL)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

// TestNoPacketLeaves points Foreign at a listener under every spelling that
// leads there; none may be accepted.
func TestNoPacketLeaves(t *testing.T) {
	s := serve(t, "127.0.0.1:0", hello)
	client := build(t, Config{CAFile: s.caFile}).Foreign
	client.dial.Resolver = fakeDNS(func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "0.0.0.0", "[::]",
		"[64:ff9b::127.0.0.1]", "2130706433", "0x7f.1", "127.1", "example.com", "internal.example.com",
	} {
		for _, send := range []func(*http.Request) (*http.Response, error){client.Do, client.Stream} {
			_, err := send(get(t, "https://"+host+":"+s.port()))
			if !errors.Is(err, ErrForbiddenAddress) && !errors.Is(err, ErrURL) {
				t.Errorf("%s: got %v", host, err)
			}
		}
	}
	if n := s.listener.accepted.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// TestRebinding has the name server answer with an allowed address first and
// with a forbidden one afterwards.
func TestRebinding(t *testing.T) {
	allowed := serve(t, "127.0.0.2:0", hello)
	target := serve(t, "127.0.0.1:"+allowed.port(), hello)
	client := build(t, Config{CAFile: allowed.caFile, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}).Foreign
	var mu sync.Mutex
	now := "127.0.0.2"
	client.dial.Resolver = fakeDNS(func() []netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		return []netip.Addr{netip.MustParseAddr(now)}
	})
	url := "https://example.com:" + allowed.port()
	resp, err := client.Do(get(t, url))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	client.CloseIdle() // the next request has to dial, and to resolve, again

	mu.Lock()
	now = "127.0.0.1"
	mu.Unlock()
	if _, err := client.Do(get(t, url)); !errors.Is(err, ErrForbiddenAddress) {
		t.Errorf("after the answer changed: %v", err)
	}
	if n := target.listener.accepted.Load(); n != 0 {
		t.Errorf("%d connections reached the forbidden address", n)
	}
}

// TestMixedAnswer gives a forbidden and an allowed address for one name: only
// the allowed one is dialled.
func TestMixedAnswer(t *testing.T) {
	allowed := serve(t, "127.0.0.2:0", hello)
	target := serve(t, "127.0.0.1:"+allowed.port(), hello)
	client := build(t, Config{CAFile: allowed.caFile, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}).Foreign
	client.dial.Resolver = fakeDNS(func() []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	})
	resp, err := client.Do(get(t, "https://example.com:"+allowed.port()))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if n := target.listener.accepted.Load(); n != 0 {
		t.Errorf("%d connections reached the forbidden address", n)
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	target := serve(t, "127.0.0.1:0", hello)
	s := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.Header().Set("Location", target.URL)
		w.WriteHeader(status)
	})
	clients := build(t, Config{CAFile: s.caFile, Allow: loopbackOnly})
	for _, client := range []*Client{clients.Foreign, clients.Operator} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, send := range []func(*http.Request) (*http.Response, error){client.Do, client.Stream} {
				if _, err := send(get(t, fmt.Sprintf("%s/%d", s.URL, status))); !errors.Is(err, ErrRedirect) {
					t.Errorf("%d: got %v", status, err)
				}
			}
		}
		resp, err := client.Do(get(t, s.URL+"/304"))
		if err != nil || resp.StatusCode != http.StatusNotModified {
			t.Fatalf("304 is an answer: %v", err)
		}
		_ = resp.Body.Close()
	}
	if n := target.listener.accepted.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestSizeCap(t *testing.T) {
	const limit = 1000
	s := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		size := map[string]int{"/under": limit, "/over": limit + 1, "/bomb": 1 << 24}[r.URL.Path]
		if r.URL.Path != "/bomb" {
			_, _ = io.WriteString(w, strings.Repeat("x", size))
			return
		}
		w.Header().Set("Content-Encoding", "gzip") // 16 MiB in some 16 kB
		z := gzip.NewWriter(w)
		_, _ = z.Write(make([]byte, size))
		_ = z.Close()
	})
	client := build(t, Config{CAFile: s.caFile, Allow: loopbackOnly, MaxResponse: limit}).Foreign
	for path, want := range map[string]error{"/under": nil, "/over": ErrTooLarge, "/bomb": ErrTooLarge} {
		resp, err := client.Do(get(t, s.URL+path))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if !errors.Is(err, want) || len(body) != limit {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); want != nil && !errors.Is(err, want) {
			t.Errorf("%s: the error does not last: %v", path, err)
		}
		_ = resp.Body.Close()
	}
	resp, err := client.Stream(get(t, s.URL+"/over"))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); len(body) != limit+1 || err != nil {
		t.Errorf("stream: %d bytes, %v", len(body), err)
	}
	_ = resp.Body.Close()
}

// TestSlowServer holds back the header, or the rest of the body, until all that
// should time out has done so. A stream begun before them is then read on.
func TestSlowServer(t *testing.T) {
	inTime(t, time.Second, func(limit time.Duration) (late bool) {
		over := make(chan struct{})
		end := sync.OnceFunc(func() { close(over) })
		defer end()
		s := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			<-over
			_, _ = io.WriteString(w, ", ended")
		})
		client := build(t, Config{CAFile: s.caFile, Allow: loopbackOnly, Timeout: limit}).Foreign

		stream, err := client.Stream(get(t, s.URL+"/body"))
		if isTimeout(err) {
			return true
		}
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		var waiting sync.WaitGroup
		for name, send := range map[string]func(*http.Request) (*http.Response, error){"Do": client.Do, "Stream": client.Stream} {
			waiting.Go(func() {
				if _, err := send(get(t, s.URL+"/header")); !isTimeout(err) {
					t.Errorf("%s without a header: %v", name, err)
				}
			})
		}
		waiting.Go(func() {
			resp, err := client.Do(get(t, s.URL+"/body"))
			if late = isTimeout(err); late {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if late = isTimeout(err) && len(body) == 0; !late && (!isTimeout(err) || string(body) != "begun") {
				t.Errorf("Do without the rest of a body: %q, %v", body, err)
			}
		})
		waiting.Wait()
		end()
		if body, err := io.ReadAll(stream.Body); string(body) != "begun, ended" || err != nil {
			t.Errorf("Stream: %q, %v", body, err)
		}
		return late
	})
}

// longest is a limit that nothing reaches.
const longest = time.Minute

// inTime tries with ever longer limits until what has to come within one did so,
// since a busy machine may let it wait.
func inTime(t *testing.T, limit time.Duration, try func(limit time.Duration) (late bool)) {
	t.Helper()
	for ; limit < longest; limit *= 4 {
		if !try(limit) {
			return
		}
	}
	t.Error("what has to come in time never did")
}

func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}

// TestConnectionsAreReused sends 64 requests at once, then again: the second
// round needs no new connection, though no body was read to its end.
func TestConnectionsAreReused(t *testing.T) {
	const flight = 64
	var arrived sync.WaitGroup
	s := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait() // so that all are in flight together
		_, _ = io.WriteString(w, "{}\n")
	})
	client := build(t, Config{CAFile: s.caFile, Allow: loopbackOnly}).Foreign
	round := func() {
		arrived.Add(flight)
		var done sync.WaitGroup
		for range flight {
			done.Go(func() {
				resp, err := client.Do(get(t, s.URL))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.ReadFull(resp.Body, make([]byte, 2))
				_ = resp.Body.Close()
			})
		}
		done.Wait()
	}
	round()
	first := s.listener.accepted.Load()
	round()
	if again := s.listener.accepted.Load(); first != flight || again != flight {
		t.Errorf("%d connections, then %d; want %d", first, again, flight)
	}
}

func TestErrorsNameTheHostOnly(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := build(t, Config{}).Operator.Do(get(t, closed.URL+"/path?key=hush"))
	if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), closed.Listener.Addr().String()) {
		t.Errorf("got %v", err)
	}
}

func TestDevModeAllowsPlainLoopback(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(hello))
	defer s.Close()
	resp, err := build(t, Config{DevMode: true}).Foreign.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, err := build(t, Config{Allow: loopbackOnly}).Foreign.Do(get(t, s.URL)); !errors.Is(err, ErrScheme) {
		t.Errorf("without dev mode: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"proxy scheme":  {Proxy: "ftp://proxy.example"},
		"proxy no host": {Proxy: "proxy.example:3128"},
		"no CA file":    {CAFile: "absent.pem"},
		"no PEM":        {CAFile: "doc.go"},
	} {
		if clients, err := New(cfg); err == nil || clients != nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := New(Config{Proxy: "http://user:hush@:3128"}); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("the proxy's password: %v", err)
	}
}
