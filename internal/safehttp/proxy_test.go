// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy is an egress proxy that sends every CONNECT to one server, whatever
// name was asked for, and counts them.
func proxy(t *testing.T, to string) (url string, connects *atomic.Int64) {
	t.Helper()
	connects = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connects.Add(1)
		upstream, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer upstream.Close()
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Close()
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		var both sync.WaitGroup
		both.Go(func() { _, _ = io.Copy(upstream, client); _ = upstream.Close() })
		both.Go(func() { _, _ = io.Copy(client, upstream); _ = client.Close() })
		both.Wait()
	}))
	t.Cleanup(s.Close)
	return s.URL, connects
}

func TestProxy(t *testing.T) {
	s := serve(t, "127.0.0.1:0", hello)
	url, connects := proxy(t, s.listener.Addr().String())
	clients := build(t, Config{CAFile: s.caFile, Proxy: url})
	clients.Foreign.dial.Resolver = fakeDNS(func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("93.184.215.14")} })
	for _, client := range []*Client{clients.Foreign, clients.Operator} {
		before := connects.Load()
		resp, err := client.Do(get(t, "https://example.com/"))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if connects.Load() != before+1 {
			t.Error("the proxy was not used")
		}
	}
}

// TestProxyIsNotAWayAround asks for forbidden destinations: the proxy must not
// even hear of them.
func TestProxyIsNotAWayAround(t *testing.T) {
	s := serve(t, "127.0.0.1:0", hello)
	url, connects := proxy(t, s.listener.Addr().String())
	client := build(t, Config{CAFile: s.caFile, Proxy: url}).Foreign
	var answer []netip.Addr
	client.dial.Resolver = fakeDNS(func() []netip.Addr { return answer })
	for _, tc := range []struct{ host, answer string }{
		{"127.0.0.1", ""},
		{"[::ffff:10.0.0.1]", ""},
		{"169.254.169.254", ""},
		{"localhost", ""},
		{"example.com", "10.0.0.1"},
		{"example.com", "169.254.169.254"},
		{"metadata.google.internal", ""},
		{"printer.local", ""},
		{"intranet", ""},
	} {
		answer = nil
		if tc.answer != "" {
			answer = []netip.Addr{netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr(tc.answer)}
		}
		if _, err := client.Do(get(t, "https://"+tc.host+"/")); !errors.Is(err, ErrForbiddenAddress) {
			t.Errorf("%s (%s): %v", tc.host, tc.answer, err)
		}
	}
	if n := connects.Load(); n != 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
	// A public name that only the proxy can resolve is left to it.
	answer = nil
	resp, err := client.Do(get(t, "https://example.com/"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}
