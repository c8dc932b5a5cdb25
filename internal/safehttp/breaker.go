// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The breaker is mild: callers have retries of their own. It only keeps
// connections and their time-outs from piling up on a peer that is down.
const (
	// openAfter is how many requests in a row must not get through, all
	// within window.
	openAfter = 5
	window    = time.Minute
	// firstPause is the first pause; each probe that fails doubles it.
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Second // a peer that restarts is seen soon
	// patience is how long a caller must have waited before its own deadline
	// counts against the origin: a hasty caller does not speak for others.
	patience = 3 * time.Second
	// maxOrigins bounds the origins in trouble that are remembered.
	maxOrigins = 4096
)

// breaker stops requests to an origin that cannot be reached.
//
//	closed ──5 failures in a row──> open ──pause──> one probe ──answered──> closed
//	                                  ^                 │
//	                                  └──longer pause───┘ not answered
//
// An answer of any status closes it: what is counted is the way there, and
// silence. So does a connection that was made and then closed without an
// answer: some servers hang up on a message that they dislike.
type breaker struct {
	now    func() time.Time
	jitter func() float64

	mu       sync.Mutex
	circuits map[string]*circuit // by origin; only of those in trouble
}

// circuit is an origin whose last request did not get through.
type circuit struct {
	failures int
	first    time.Time // of these failures
	last     time.Time
	pause    time.Duration // zero: closed
	until    time.Time     // when the next probe may go
	probing  bool
}

func newBreaker(now func() time.Time, jitter func() float64) *breaker {
	return &breaker{now: now, jitter: jitter, circuits: make(map[string]*circuit)}
}

// origin is scheme, host and port (RFC 6454 section 4).
func origin(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	case u.Scheme == "https":
		port = "443"
	}
	return u.Scheme + "://" + strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port
}

// ticket is the leave to send one request. It is given back by leave.
type ticket struct {
	breaker *breaker
	origin  string
	begun   time.Time
	probe   bool
}

// enter lets a request through, or returns ErrOpen.
func (b *breaker) enter(origin string) (ticket, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := ticket{breaker: b, origin: origin, begun: b.now()}
	c := b.circuits[origin]
	if c == nil || c.pause == 0 {
		return t, nil
	}
	if t.begun.Before(c.until) {
		return t, fmt.Errorf("%w, until %s", ErrOpen, c.until.UTC().Format(time.RFC3339Nano))
	}
	if c.probing {
		return t, fmt.Errorf("%w, and one is being tried now", ErrOpen)
	}
	c.probing, t.probe = true, true
	return t, nil
}

type outcome int

const (
	answered outcome = iota // by any status, or by hanging up
	failed                  // on the way, or with no answer in time
	unknown                 // the caller gave up, or we refused to send it
)

// outcome says what the end of a request tells about its origin. connected:
// there was a connection to send it on.
func (t ticket) outcome(ctx context.Context, connected bool, err error) outcome {
	if err == nil {
		return answered
	}
	if Refused(err) {
		return unknown
	}
	gaveUp := ctx.Err()
	switch {
	case gaveUp == nil && connected && !timedOut(err):
		return answered
	case gaveUp == nil:
		return failed
	case errors.Is(gaveUp, context.DeadlineExceeded) && t.breaker.now().Sub(t.begun) >= patience:
		return failed
	}
	return unknown
}

func timedOut(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// by has net/http send a request. (A connection that was kept may turn out to
// be closed; then net/http makes another.)
func by(client *http.Client) exchange {
	return func(req *http.Request) (*http.Response, bool, error) {
		var connected atomic.Bool
		trace := &httptrace.ClientTrace{
			GetConn: func(string) { connected.Store(false) },
			GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		}
		resp, err := client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
		return resp, connected.Load(), err
	}
}

// leave records how the request ended.
func (t ticket) leave(o outcome) {
	b := t.breaker
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.circuits[t.origin]
	switch {
	case o == answered:
		delete(b.circuits, t.origin)
	case o == failed:
		if c == nil {
			c = b.add(t.origin)
		}
		c.fail(b.now(), t.probe, b.jitter)
	case c != nil && t.probe:
		c.probing = false // it showed nothing: the next one probes
	}
}

// fail counts a failure and opens the circuit where there are enough.
func (c *circuit) fail(now time.Time, probe bool, jitter func() float64) {
	if c.failures == 0 || c.pause == 0 && now.Sub(c.first) > window {
		c.failures, c.first = 0, now
	}
	c.failures++
	c.last = now
	switch {
	case probe:
		c.probing = false
		c.pause = min(2*c.pause, longestPause)
	case c.pause == 0 && c.failures >= openAfter:
		c.pause = firstPause
	default:
		return // too few, or one that was under way when the circuit opened
	}
	// Three quarters to five quarters: callers of many origins that broke
	// together do not come back together.
	c.until = now.Add(time.Duration(float64(c.pause) * (0.75 + jitter()/2)))
}

// add begins to remember an origin and forgets the one in trouble longest ago.
func (b *breaker) add(origin string) *circuit {
	if len(b.circuits) >= maxOrigins {
		oldest := ""
		for name, c := range b.circuits {
			if oldest == "" || c.last.Before(b.circuits[oldest].last) {
				oldest = name
			}
		}
		delete(b.circuits, oldest)
	}
	c := &circuit{}
	b.circuits[origin] = c
	return c
}
