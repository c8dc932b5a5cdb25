// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

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
