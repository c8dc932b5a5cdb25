// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSourceAndLoad: the two fit together, and both loads move what they say.
func TestSourceAndLoad(t *testing.T) {
	s, err := newSource(t.Context())
	if err != nil {
		t.Skip(err) // it needs /proc
	}
	defer s.close()
	for _, l := range loads {
		l.connections = 2
		r, err := measure(t.Context(), l, 20*time.Millisecond, target{address: s.address, path: path(l)})
		if err != nil || r.bytes == 0 || l.name == "small" && r.bytes/l.size < r.answers/2 {
			t.Errorf("%s: %+v %v", l.name, r, err)
		}
	}
}

// TestLoadSeesErrors: an answer that is no success, or of another length, is
// not counted.
func TestLoadSeesErrors(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n": "no success",
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n":        "another length",
		"HTTP/1.1 200 OK\r\nX: y\r\n\r\n":                     "how long",
		"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\nx":    "EOF",
		"nothing": "EOF",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 1000))
				_, _ = c.Write([]byte(answer))
				_ = c.Close()
			}
		}()
		one := loads[1]
		one.connections = 1
		_, err = measure(t.Context(), one, 10*time.Millisecond, target{address: l.Addr().String(), path: "/small"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", answer, err, want)
		}
		_ = l.Close()
	}
}

func TestNginxConf(t *testing.T) {
	for _, name := range []string{"DIR", "CORES", "LISTEN", "SOURCE", "keepalive 128;", "proxy_http_version 1.1;", "access_log off;"} {
		if !strings.Contains(nginxConf, name) {
			t.Errorf("nginx.conf has no %s", name)
		}
	}
}

func TestRequest(t *testing.T) {
	text := string(target{address: "a:1", path: "/p", authorization: "Bearer x"}.request())
	if !strings.HasPrefix(text, http.MethodGet+" /p HTTP/1.1\r\nHost: a:1\r\nAuthorization: Bearer x\r\n\r\n") {
		t.Errorf("%q", text)
	}
}
