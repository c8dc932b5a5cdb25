// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// TestJudgement: a verdict is final for the counterparty, a fault is not, and
// the one must never pass for the other.
func TestJudgement(t *testing.T) {
	dns := func(e net.DNSError) error { return &net.OpError{Op: "dial", Err: &e} }
	for name, tc := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		want   error
	}{
		"status 404":             {answer(404, nil), did.ErrNotFound},
		"status 410":             {answer(410, nil), did.ErrNotFound},
		"status 401":             {answer(401, nil), did.ErrNotFound},
		"status 403":             {answer(403, nil), did.ErrNotFound},
		"status 204":             {answer(204, nil), did.ErrNotFound},
		"status 206":             {answer(206, doc(t)), did.ErrNotFound},
		"status 304":             {answer(304, nil), did.ErrNotFound},
		"a redirect":             {fails(safehttp.ErrRedirect), did.ErrNotFound},
		"no such host":           {fails(dns(net.DNSError{IsNotFound: true})), did.ErrNotFound},
		"a forbidden address":    {fails(safehttp.ErrForbiddenAddress), did.ErrAddress},
		"a forbidden port":       {fails(safehttp.ErrPort), did.ErrAddress},
		"http refused":           {fails(safehttp.ErrScheme), did.ErrScheme},
		"HTML":                   {answer(200, []byte("<html>")), did.ErrDocument},
		"empty":                  {answer(200, nil), did.ErrDocument},
		"another's":              {answer(200, doc(t, obj{"id": other})), did.ErrID},
		"too large":              {answer(200, []byte(strings.Repeat(" ", 64<<10)+"{}")), did.ErrDocument},
		"too large, cut":         {body(readError{safehttp.ErrTooLarge}), did.ErrDocument},
		"status 500":             {answer(500, nil), did.ErrUnreachable},
		"status 502":             {answer(502, doc(t)), did.ErrUnreachable},
		"status 503":             {answer(503, nil), did.ErrUnreachable},
		"status 429":             {answer(429, nil), did.ErrUnreachable},
		"status 408":             {answer(408, nil), did.ErrUnreachable},
		"refused connection":     {fails(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), did.ErrUnreachable},
		"reset connection":       {fails(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), did.ErrUnreachable},
		"time is over":           {fails(context.DeadlineExceeded), did.ErrUnreachable},
		"time is over, dialling": {fails(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), did.ErrUnreachable},
		"name server fails":      {fails(dns(net.DNSError{IsTemporary: true})), did.ErrUnreachable},
		"name server is silent":  {fails(dns(net.DNSError{IsTimeout: true})), did.ErrUnreachable},
		"cut off in the body":    {body(readError{io.ErrUnexpectedEOF}), did.ErrUnreachable},
		"unknown":                {fails(errors.New("something else")), did.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			h.set(tc.answer)
			d, err := h.resolver().Resolve(t.Context(), self)
			if !errors.Is(err, tc.want) || d != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			_, verdict := errors.AsType[*did.Error](err)
			if verdict == errors.Is(err, did.ErrUnreachable) {
				t.Errorf("%v is a verdict and a fault, or neither", err)
			}
		})
	}
}

type readError struct{ err error }

func (r readError) Read([]byte) (int, error) { return 0, r.err }

func body(r io.Reader) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(r)}, nil
	}
}

// over resolves through the real client, which may reach this machine.
func over(t *testing.T, plain bool, cfg safehttp.Config) *did.Web {
	t.Helper()
	cfg.Timeout = 5 * time.Second
	clients, err := safehttp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	return did.NewWeb(did.WebConfig{HTTP: clients.Foreign, Plain: plain, Now: func() time.Time { return start }})
}

// serve answers at localhost and returns the DID of what is served.
func serve(t *testing.T, tls bool, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "did:web:localhost%3A" + port + ":x"
}

func TestFetchOverHTTP(t *testing.T) {
	dev := safehttp.Config{DevMode: true}
	own := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x/did.json" || r.Header.Get("Accept") != "" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(doc(t, obj{"id": "did:web:" + strings.Replace(r.Host, ":", "%3A", 1) + ":x"}))
	}
	if _, err := over(t, true, dev).Resolve(t.Context(), serve(t, false, own)); err != nil {
		t.Fatal(err)
	}
	never := func(http.ResponseWriter, *http.Request) { t.Error("reached") }
	away := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	for name, tc := range map[string]struct {
		tls, plain bool
		handler    http.HandlerFunc
		cfg        safehttp.Config
		want       error
	}{
		"unknown authority":       {true, false, never, dev, did.ErrCertificate},
		"https asked, http there": {false, false, never, dev, did.ErrScheme},
		"http without dev mode":   {false, true, never, safehttp.Config{}, did.ErrScheme},
		"loopback":                {true, false, never, safehttp.Config{}, did.ErrAddress},
		"a redirect":              {false, true, away, dev, did.ErrNotFound},
		"hangs up":                {false, true, hangUp, dev, did.ErrUnreachable},
		"beyond the client's cap": {false, true, own, safehttp.Config{DevMode: true, MaxResponse: 100}, did.ErrDocument},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := over(t, tc.plain, tc.cfg).Resolve(t.Context(), serve(t, tc.tls, tc.handler))
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		_, port, _ := net.SplitHostPort(testkit.FreeAddress(t))
		if _, err := over(t, true, dev).Resolve(t.Context(), "did:web:localhost%3A"+port); !errors.Is(err, did.ErrUnreachable) {
			t.Errorf("got %v", err)
		}
	})
}
