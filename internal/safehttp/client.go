// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Client sends requests to one kind of destination. It is safe for concurrent
// use and keeps connections for reuse. No cookie is kept, no redirect followed.
type Client struct {
	rule        rule
	plain       bool // http is allowed
	maxResponse int64
	dial        *dialer
	proxied     bool
	breaker     *breaker
	transport   *http.Transport
	lean        *lean        // nil: net/http does all
	whole       *http.Client // bounds the exchange up to the end of the body
	stream      *http.Client // bounds the wait for the header only
}

func newClient(cfg Config, r rule, plain bool, proxy *url.URL, roots *x509.CertPool) *Client {
	c := &Client{rule: r, plain: plain, maxResponse: cfg.MaxResponse, proxied: proxy != nil}
	c.breaker = newBreaker(cfg.Now, cfg.Jitter)
	c.dial = newDialer(r, proxy != nil, cfg)
	c.transport = newTransport(cfg, roots)
	c.transport.DialContext = c.dial.DialContext
	if proxy != nil {
		c.transport.Proxy = http.ProxyURL(proxy)
	}
	// Returning the redirect itself lets send name it as such.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.whole = &http.Client{Transport: c.transport, CheckRedirect: stay, Timeout: cfg.Timeout}
	c.stream = &http.Client{Transport: c.transport, CheckRedirect: stay}
	if proxy == nil && plain && cfg.MaxConnsPerHost == 0 {
		c.lean = &lean{dial: c.dial.DialContext, timeout: cfg.Timeout}
	}
	return c
}

// Do sends a request and returns its response, whatever its status but a
// redirect. The caller closes the body. The whole exchange, the reading of the
// body included, ends within the configured time; reading beyond the size cap
// returns ErrTooLarge.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	resp, err := c.send(by(c.whole), req)
	if err != nil {
		return nil, err
	}
	resp.Body = &cappedBody{body: resp.Body, left: c.maxResponse}
	return resp, nil
}

// Stream is Do for bodies of any length in either direction: only the wait for
// the response header is bounded. How long the body may take is for the
// request's context to say.
func (c *Client) Stream(req *http.Request) (*http.Response, error) {
	if c.lean != nil && simple(req) {
		return c.send(c.lean.exchange, req)
	}
	return c.send(by(c.stream), req)
}

// CloseIdle closes the connections that are kept and not in use.
func (c *Client) CloseIdle() {
	c.transport.CloseIdleConnections()
	if c.lean != nil {
		c.lean.idle.drop(0)
	}
}

// exchange sends a request and returns the header of its answer. connected:
// the last attempt had a connection, with TLS where it is https.
type exchange func(req *http.Request) (resp *http.Response, connected bool, err error)

func (c *Client) send(do exchange, req *http.Request) (*http.Response, error) {
	if err := c.checkRequest(req); err != nil {
		closeBody(req)
		return nil, describe(req, err)
	}
	ticket, err := c.breaker.enter(origin(req.URL))
	if err != nil {
		closeBody(req)
		return nil, describe(req, err)
	}
	resp, connected, err := do(req)
	ticket.leave(ticket.outcome(req.Context(), connected, err))
	if err != nil {
		return nil, describe(req, err)
	}
	if isRedirect(resp.StatusCode) {
		_ = resp.Body.Close()
		return nil, describe(req, fmt.Errorf("%w: status %d", ErrRedirect, resp.StatusCode))
	}
	return resp, nil
}

func (c *Client) checkRequest(req *http.Request) error {
	if err := c.check(req.URL); err != nil {
		return err
	}
	if !c.proxied {
		return nil // the dialer sees the address itself
	}
	return c.dial.checkName(req.Context(), req.URL.Hostname())
}

// isRedirect tells the statuses that send a client elsewhere. 304 is an answer
// to a conditional request.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// describe names method and host. The path and query are left out, and with
// them net/http's wrapper that repeats them: they may hold what no log should.
func describe(req *http.Request, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	host := ""
	if req.URL != nil {
		host = req.URL.Host
	}
	return fmt.Errorf("safehttp: %s %.200s: %w", req.Method, host, err)
}

// closeBody honours the promise of http.Client that a request's body is
// closed whatever happens.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
