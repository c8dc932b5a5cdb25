// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/musubi-ods/musubi/internal/safehttp"
)

// What an HTTP source may do wrong. None tells the consumer where it is.
var (
	errSource      = errors.New("the source failed")
	errDenied      = errors.New("the source does not accept the provider's credentials")
	errRedirect    = errors.New("the source redirects")
	errInvalid     = errors.New("the source's answer is not HTTP as it should be")
	errUnreachable = errors.New("the source cannot be reached")
	errTimeout     = errors.New("the source takes too long")
	errIdle        = errors.New("nothing moved for too long")
)

// serveURL sends what the HTTP source answers, and to the source what the
// consumer sends. Neither body is kept: a piece is passed on before the next
// one is read.
func serveURL(g *gate, r *http.Request, client *safehttp.Client, s Source, sub []string) (*sentBody, error) {
	target, err := s.target(sub, r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSource, err)
	}
	up := g.receive(r, req)
	// Without this the transport would decompress what the consumer wants as
	// it is, and change its length and ranges.
	req.Header.Set("Accept-Encoding", "identity")
	if up != nil {
		s.Request.pass(req.Header, r.Header, requestHeaders, bodyHeaders)
	} else {
		s.Request.pass(req.Header, r.Header, requestHeaders)
	}
	for name, value := range s.Headers {
		req.Header.Set(name, value)
	}
	if g.tracking != "" {
		req.Header.Set(TrackingHeader, g.tracking)
	}
	if req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = nil // the library has a name of its own
	}
	resp, err := client.Stream(req)
	if err != nil {
		return up, unanswered(r.Context(), err)
	}
	defer resp.Body.Close()
	if err := s.passes(resp.StatusCode); err != nil {
		return up, err
	}
	h := g.Header()
	s.Response.pass(h, resp.Header, responseHeaders)
	g.describe(s)
	if n := resp.ContentLength; n > 0 && n <= smallPiece && up == nil && resp.Body != http.NoBody {
		return nil, g.small(resp.StatusCode, resp.Body, int(n))
	}
	g.WriteHeader(resp.StatusCode)
	if up != nil && !up.eof.Load() { // who still sends may wait for it
		_ = http.NewResponseController(g.ResponseWriter).Flush()
	}
	if err := g.copy(resp.Body, resp.ContentLength, resp.ContentLength < 0); err != nil {
		return up, err
	}
	s.trailers(h, resp.Trailer)
	return up, nil
}

// receive has the consumer's body, if there is one, read through the gate.
func (g *gate) receive(r, req *http.Request) *sentBody {
	up := bodyOf(r, g.cfg.Evidence != nil, g.cfg.Now())
	if up == nil {
		return nil
	}
	up.pass, up.move = g.pass, &g.flown
	req.Body, req.ContentLength = up, r.ContentLength
	_ = http.NewResponseController(g.ResponseWriter).EnableFullDuplex() // the answer may begin before it ends
	g.mu.Lock()
	g.upload = true
	g.mu.Unlock()
	return up
}

// trailers passes those that the rules name (RFC 9110, section 6.5).
func (s Source) trailers(h, trailer http.Header) {
	for _, name := range s.Response.Pass {
		name = http.CanonicalHeaderKey(name)
		if values := trailer[name]; len(values) > 0 && MayPass(name) {
			h[http.TrailerPrefix+name] = values
		}
	}
}

// passes judges the source's status. A 401 would be ours to the source, not
// the consumer's to us.
func (s Source) passes(status int) error {
	switch {
	case status >= 200 && status < 300, status == http.StatusNotModified,
		status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return fmt.Errorf("%w: status %d", errDenied, status)
	case s.PassErrors && status >= 400 && status < 500:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return ErrPath
	case status >= 300 && status < 400:
		return errRedirect
	}
	return fmt.Errorf("%w: status %d", errSource, status)
}

// unanswered says why there was no answer: no connection, none in time, or
// not one of HTTP.
func unanswered(ctx context.Context, err error) error {
	kind := errInvalid
	var timeout net.Error
	dial, dialling := errors.AsType[*net.OpError](err)
	_, noName := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, safehttp.ErrRedirect):
		kind = errRedirect
	case errors.Is(err, safehttp.ErrOpen), dialling && dial.Op == "dial", noName:
		kind = errUnreachable
	case safehttp.Refused(err):
		kind = errSource
	case ctx.Err() != nil:
		return err // cut, or the consumer has gone
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), strings.Contains(err.Error(), "timeout awaiting"):
		kind = errTimeout
	}
	return fmt.Errorf("%w: %w", kind, err)
}
