// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func half() float64 { return 0.5 } // no jitter either way

func newClock() *clock { return &clock{now: epoch} }

// attempt is one request with a known end. It reports whether it was let through.
func attempt(b *breaker, origin string, o outcome) bool {
	t, err := b.enter(origin)
	if err == nil {
		t.leave(o)
	}
	return err == nil
}

func TestBreakerOpensAndCloses(t *testing.T) {
	c := newClock()
	b := newBreaker(c.Now, half)
	for i := range openAfter {
		if !attempt(b, "a", failed) {
			t.Fatalf("open after %d failures", i)
		}
	}
	pause := firstPause
	for range 8 { // each probe that fails doubles the pause, up to the longest
		_, err := b.enter("a")
		if !errors.Is(err, ErrOpen) || !strings.Contains(err.Error(), c.Now().Add(pause).Format(time.RFC3339Nano)) {
			t.Fatalf("pause of %v: %v", pause, err)
		}
		c.pass(pause - 1)
		if attempt(b, "a", answered) {
			t.Fatalf("let through before %v", pause)
		}
		c.pass(1)
		probe, err := b.enter("a")
		if err != nil {
			t.Fatal(err)
		}
		if attempt(b, "a", answered) {
			t.Fatal("two probes")
		}
		probe.leave(failed)
		pause = min(2*pause, longestPause)
	}
	if pause != longestPause {
		t.Errorf("the pause is %v", pause)
	}
	c.pass(pause)
	if !attempt(b, "a", answered) || len(b.circuits) != 0 {
		t.Error("an answer to the probe closes it and is all that is known")
	}
	for range openAfter - 1 {
		if !attempt(b, "a", failed) {
			t.Fatal("it remembers the failures from before the answer")
		}
	}
}

func TestBreakerCountsInARow(t *testing.T) {
	c := newClock()
	b := newBreaker(c.Now, half)
	for range 10 * openAfter {
		for range openAfter - 1 {
			attempt(b, "a", failed)
		}
		if !attempt(b, "a", answered) {
			t.Fatal("open though every fifth request is answered")
		}
	}
	for range 10 * openAfter { // as rarely as retries come: never open
		if !attempt(b, "a", failed) {
			t.Fatal("open though the failures are far apart")
		}
		c.pass(window/(openAfter-1) + 1)
	}
	for range 10 * openAfter { // who gives up says nothing
		if !attempt(b, "b", unknown) {
			t.Fatal("open because callers gave up")
		}
	}
	if attempt(b, "b", failed); b.circuits["b"].failures != 1 {
		t.Error("callers that gave up were counted")
	}
}

func TestBreakerProbeThatShowsNothing(t *testing.T) {
	c := newClock()
	b := newBreaker(c.Now, half)
	for range openAfter {
		attempt(b, "a", failed)
	}
	c.pass(firstPause)
	if !attempt(b, "a", unknown) || !attempt(b, "a", answered) {
		t.Error("after a probe that was given up the next one probes")
	}
}

// TestBreakerLateFailures: requests that were under way when it opened make the
// pause no longer.
func TestBreakerLateFailures(t *testing.T) {
	c := newClock()
	b := newBreaker(c.Now, half)
	var late []ticket
	for range 50 {
		ticket, err := b.enter("a")
		if err != nil {
			t.Fatal(err)
		}
		late = append(late, ticket)
	}
	for _, ticket := range late {
		c.pass(time.Millisecond)
		ticket.leave(failed)
	}
	if until := b.circuits["a"].until; until != epoch.Add(openAfter*time.Millisecond+firstPause) {
		t.Errorf("open until %v", until)
	}
}

func TestBreakerJitter(t *testing.T) {
	for chance, want := range map[float64]time.Duration{0: 150 * time.Millisecond, 0.5: 200 * time.Millisecond, 0.999999999: 250 * time.Millisecond} {
		b := newBreaker(newClock().Now, func() float64 { return chance })
		for range openAfter {
			attempt(b, "a", failed)
		}
		if got := b.circuits["a"].until.Sub(epoch).Round(time.Millisecond); got != want {
			t.Errorf("%v: %v, want %v", chance, got, want)
		}
	}
}

func TestBreakerIsBounded(t *testing.T) {
	c := newClock()
	b := newBreaker(c.Now, half)
	for i := range maxOrigins + 100 {
		c.pass(time.Millisecond)
		attempt(b, fmt.Sprint(i), failed)
	}
	_, first := b.circuits["0"]
	_, last := b.circuits[fmt.Sprint(maxOrigins+99)]
	if len(b.circuits) != maxOrigins || first || !last {
		t.Errorf("%d origins, first %v, last %v", len(b.circuits), first, last)
	}
}

// TestBreakerModel: whatever happens, an origin that was answered is open to
// all, one that failed less than five times in a row is too, and no pause is
// longer than the longest.
func TestBreakerModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		b := newBreaker(c.Now, half)
		row := map[string]int{}
		t.Repeat(map[string]func(*rapid.T){
			"time": func(t *rapid.T) {
				c.pass(time.Duration(rapid.Int64Range(0, int64(2*longestPause)).Draw(t, "pass")))
			},
			"request": func(t *rapid.T) {
				name := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "origin")
				o := outcome(rapid.IntRange(int(answered), int(unknown)).Draw(t, "outcome"))
				if !attempt(b, name, o) {
					if row[name] < openAfter {
						t.Fatalf("%s is open after %d failures in a row", name, row[name])
					}
					return
				}
				switch o {
				case answered:
					row[name] = 0
				case failed:
					row[name]++
				case unknown:
				}
			},
			"": func(t *rapid.T) {
				for name, circuit := range b.circuits {
					if left := circuit.until.Sub(c.Now()); left > longestPause || circuit.probing {
						t.Fatalf("%s: %v left, probing %v", name, left, circuit.probing)
					}
				}
			},
		})
	})
}

func TestOrigin(t *testing.T) {
	for raw, want := range map[string]string{
		"https://a.example/x?y":     "https://a.example:443",
		"https://A.example.:443/":   "https://a.example:443",
		"http://a.example":          "http://a.example:80",
		"https://a.example:8443/":   "https://a.example:8443",
		"https://[2606:4700::1]/":   "https://2606:4700::1:443",
		"https://a.example.jp:443/": "https://a.example.jp:443",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := origin(u); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// TestBreakerOnTheWire has a server that is not there, and comes: requests to it end
// at once meanwhile, those to others and of the other client do not.
func TestBreakerOnTheWire(t *testing.T) {
	c := newClock()
	clients := build(t, Config{DevMode: true, Now: c.Now, Jitter: half})
	client := clients.Foreign
	address := testkit.FreeAddress(t) // nobody is there until somebody is
	gone, other := "http://"+address, httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer other.Close()
	for range openAfter {
		if _, err := client.Do(get(t, gone)); err == nil || errors.Is(err, ErrOpen) {
			t.Fatalf("got %v", err)
		}
	}
	body := &closing{Reader: strings.NewReader("{}")}
	req := get(t, gone+"/path?key=hush")
	req.Body = body
	if _, err := client.Do(req); !errors.Is(err, ErrOpen) || !body.closed || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), address) {
		t.Errorf("got %v, body closed %v", err, body.closed)
	}
	if _, err := client.Stream(get(t, gone)); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v", err)
	}
	if _, err := clients.Operator.Do(get(t, gone)); err == nil || errors.Is(err, ErrOpen) {
		t.Errorf("the other client: %v", err)
	}
	for range 3 * openAfter { // an answer of any status is an answer
		resp, err := client.Do(get(t, other.URL))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	revived := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	_ = revived.Listener.Close()
	var err error
	if revived.Listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	revived.Start()
	defer revived.Close()
	if _, err := client.Do(get(t, gone)); !errors.Is(err, ErrOpen) {
		t.Errorf("before the pause is over: %v", err)
	}
	c.pass(firstPause)
	for range 2 {
		resp, err := client.Do(get(t, gone))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}

type closing struct {
	*strings.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// TestOutcome: what counts against an origin and what does not.
func TestOutcome(t *testing.T) {
	c := newClock()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithTimeout(t.Context(), 0)
	defer stop()
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, tc := range map[string]struct {
		ctx       context.Context
		connected bool
		err       error
		waited    time.Duration
		want      outcome
	}{
		"answer":                   {t.Context(), true, nil, 0, answered},
		"answer, late":             {late, true, nil, 0, answered},
		"refused":                  {t.Context(), false, errors.New("connection refused"), 0, failed},
		"reset while connecting":   {t.Context(), false, reset, 0, failed},
		"closed while connecting":  {t.Context(), false, io.EOF, 0, failed},
		"hung up":                  {t.Context(), true, io.EOF, 0, answered},
		"reset":                    {t.Context(), true, reset, 0, answered},
		"not HTTP":                 {t.Context(), true, errors.New("malformed HTTP response"), 0, answered},
		"our own time-out":         {t.Context(), false, context.DeadlineExceeded, 0, failed},
		"no answer in time":        {t.Context(), true, context.DeadlineExceeded, 0, failed},
		"no answer in time, read":  {t.Context(), true, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, 0, failed},
		"forbidden address":        {t.Context(), false, fmt.Errorf("dial: %w", ErrForbiddenAddress), 0, unknown},
		"gave up":                  {cancelled, true, context.Canceled, time.Hour, unknown},
		"hasty":                    {late, true, context.DeadlineExceeded, patience - 1, unknown},
		"patient":                  {late, true, context.DeadlineExceeded, patience, failed},
		"patient, not connected":   {late, false, context.DeadlineExceeded, patience, failed},
		"gave up while connecting": {cancelled, false, context.Canceled, time.Hour, unknown},
	} {
		b := newBreaker(c.Now, half)
		ticket, err := b.enter("a")
		if err != nil {
			t.Fatal(err)
		}
		c.pass(tc.waited)
		if got := ticket.outcome(tc.ctx, tc.connected, tc.err); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// TestBreakerHungUpOn: a server that closes the connection once it has the
// request, as some do with a message they dislike, is alive. One that closes it
// before there is TLS is not; nor is one that never answers.
func TestBreakerHungUpOn(t *testing.T) {
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	quiet := make(chan struct{})
	silence := func(http.ResponseWriter, *http.Request) { <-quiet }
	silent := httptest.NewServer(http.HandlerFunc(silence))
	defer silent.Close()
	defer close(quiet)
	plain := httptest.NewServer(http.HandlerFunc(hangUp))
	defer plain.Close()
	secure := serve(t, "127.0.0.1:0", hangUp)
	for _, tc := range []struct {
		name, url string
		open      bool
		limit     time.Duration
	}{
		{"http", plain.URL, false, longest},
		{"https", "https://127.0.0.1:" + secure.port(), false, longest},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1), true, longest},
		{"no answer", silent.URL, true, 200 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			client := build(t, Config{DevMode: true, CAFile: secure.caFile, Now: c.Now, Jitter: half, Timeout: tc.limit}).Foreign
			for range openAfter {
				req := get(t, tc.url)
				req.Method, req.Body = http.MethodPost, io.NopCloser(strings.NewReader("{}"))
				if _, err := client.Do(req); err == nil || errors.Is(err, ErrOpen) {
					t.Fatalf("got %v", err)
				}
			}
			if _, err := client.Do(get(t, tc.url)); err == nil || errors.Is(err, ErrOpen) != tc.open {
				t.Errorf("got %v, want open: %v", err, tc.open)
			}
		})
	}
}
