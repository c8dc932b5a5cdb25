// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// Proxy lets an application use a pull of ours as if the provider's data were
// served here: it adds the token, renews it, and shows it to nobody.
//
//	application ──> Proxy ── token, X-TrackingID ──> provider's data plane
//	            <────────── body, piece by piece ──────────
type Proxy struct {
	HTTP     *safehttp.Client // Foreign: the provider chose the address
	Renewer  *Renewer
	Evidence transfer.Evidence // nil: nothing is told
	Now      func() time.Time
	NewID    func() string // names requests that the application did not name

	// Receiving says whether data may come, as transfer.Service.Receiving does. It
	// is asked at each commit of the transfer and each second, and what it refuses
	// is cut off. Watch nil: nothing is.
	Receiving func(ctx context.Context, contextID, process string) error
	Watch     func(contextID, id string) (changed <-chan struct{}, stop func())
	Timer     func(d time.Duration) (fired <-chan time.Time, stop func())
}

// ErrUpstream: the provider's data plane could not be reached, or did not
// answer as HTTP demands.
var ErrUpstream = errors.New("the provider's data plane does not answer")

// dropResponse are headers of the provider that do not reach the application:
// they are of the connection, or about who the connector is,
// or are meant for what stands before it, or for a browser about its origin.
var dropResponse = append([]string{
	"Set-Cookie", "Strict-Transport-Security", "Alt-Svc", "Clear-Site-Data", "Refresh", "Link", "Cache-Control",
	"X-Accel-Redirect", "X-Accel-Buffering", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Charset", "X-Sendfile", "X-Lighttpd-Send-File",
}, neverPass...)

// Serve answers a request with what the provider's data plane answers to it at
// the path and query below the address. An error says that nothing was
// written, and why: a *FetchError where the provider refused by its data plane
// itself, ErrRenewal, ErrUpstream, ErrAddress, ErrStopped. A body that is cut
// off, by the provider or since the transfer does not run any more, panics with
// http.ErrAbortHandler.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request, c Pulling, path string) error {
	_ = http.NewResponseController(w).EnableFullDuplex() // the answer may begin before the request ends
	target, err := p.target(c.Address, path, r.URL.RawQuery)
	if err != nil {
		return err
	}
	m := transfer.Movement{
		Context: c.Context, Process: c.Process, Method: r.Method, Path: unescaped(path),
		TrackingID: trackingID(r.Header, p.NewID),
	}
	ctx, g := p.guard(r.Context(), w, c)
	defer g.end()
	r = r.WithContext(ctx)
	resp, up, err := p.ask(r, c, target, m.TrackingID)
	defer func() { up.release(w, p.Now()) }()
	if stopped := context.Cause(ctx); err != nil && errors.Is(stopped, ErrStopped) {
		return stopped
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if refusedThere(resp) {
		return fault(resp)
	}
	return p.answer(g, r, resp, up, m)
}

// refusedThere reports whether an answer is a refusal of a data plane and no data: it
// becomes a problem of the application's own connector.
func refusedThere(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden
}

// answer passes the provider's answer on.
func (p *Proxy) answer(g *passage, r *http.Request, resp *http.Response, up *sentBody, m transfer.Movement) error {
	w := g.w
	h := w.Header()
	for name, values := range resp.Header {
		if !listed(dropResponse, name) && !listed(resp.Header["Connection"], name) && !strings.HasPrefix(name, "Access-Control-") {
			h[name] = values
		}
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox")
	h[TrackingHeader] = []string{m.TrackingID}
	g.began.Store(true)
	w.WriteHeader(resp.StatusCode)
	if up != nil && !up.eof.Load() {
		_ = http.NewResponseController(w).Flush()
	}
	what := moving(p.Evidence, m, p.Now())
	what.what.Offset = offset(resp.Header)
	err := sendPieces(&telling{w, &what}, resp.Body, http.NewResponseController(w).Flush)
	what.end(context.WithoutCancel(r.Context()), resp.StatusCode, err == nil, p.Now())
	up.end(r.Context(), p.Evidence, m, resp.StatusCode, p.Now())
	if err != nil {
		panic(http.ErrAbortHandler) // what was sent must not pass for the whole
	}
	return nil
}

// telling is an answer of which what is told how much it has.
type telling struct {
	http.ResponseWriter
	what *moved
}

func (t *telling) Write(p []byte) (int, error) {
	t.what.pass(p)
	return t.ResponseWriter.Write(p)
}
