// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
)

// host answers for all hosts at once.
type host struct {
	mu     sync.Mutex
	answer func(req *http.Request) (*http.Response, error)
	asked  []string
	now    time.Time
}

func (h *host) Do(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.asked = append(h.asked, req.Method+" "+req.URL.String())
	answer := h.answer
	h.mu.Unlock()
	return answer(req)
}

func (h *host) set(answer func(req *http.Request) (*http.Response, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

func (h *host) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.asked)
}

func (h *host) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *host) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func answer(status int, body []byte) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(string(body)))}, nil
	}
}

func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// everyone answers with a document of whoever is asked for.
func everyone(t testing.TB) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		id, err := did.FromURL(strings.TrimSuffix(strings.TrimSuffix(req.URL.String(), "/did.json"), "/.well-known"))
		if err != nil {
			return nil, err
		}
		return answer(http.StatusOK, doc(t, obj{"id": id}))(req)
	}
}

func newHost(t testing.TB) *host {
	return &host{now: start, answer: answer(http.StatusOK, doc(t))}
}

func (h *host) resolver(changes ...func(*did.WebConfig)) *did.Web {
	cfg := did.WebConfig{HTTP: h, Now: h.clock}
	for _, change := range changes {
		change(&cfg)
	}
	return did.NewWeb(cfg)
}

func TestResolveCaches(t *testing.T) {
	h := newHost(t)
	w := h.resolver()
	for range 3 {
		d, err := w.Resolve(t.Context(), self)
		if err != nil || d.ID != self || !d.Fetched.Equal(start) {
			t.Fatalf("got %+v, %v", d, err)
		}
	}
	if h.count() != 1 || h.asked[0] != "GET https://a.example/x/did.json" {
		t.Errorf("asked %v", h.asked)
	}
	h.wait(5*time.Minute - 1)
	if _, err := w.Resolve(t.Context(), self); err != nil || h.count() != 1 {
		t.Errorf("within the lifetime: %v, asked %d times", err, h.count())
	}
	h.wait(1)
	if d, err := w.Resolve(t.Context(), self); err != nil || h.count() != 2 || !d.Fetched.Equal(start.Add(5*time.Minute)) {
		t.Errorf("after the lifetime: %v, asked %d times", err, h.count())
	}
}

func TestResolvePlain(t *testing.T) {
	h := newHost(t)
	w := h.resolver(func(c *did.WebConfig) { c.Plain = true })
	if _, err := w.Resolve(t.Context(), self); err != nil || h.asked[0] != "GET http://a.example/x/did.json" {
		t.Errorf("asked %v, %v", h.asked, err)
	}
}

func TestResolveMalformedAsksNobody(t *testing.T) {
	h := newHost(t)
	w := h.resolver(func(c *did.WebConfig) {
		c.Local = func(context.Context, string) ([]byte, bool, error) { t.Error("asked"); return nil, false, nil }
	})
	for _, id := range malformed {
		if _, err := w.Resolve(t.Context(), id); !errors.Is(err, did.ErrSyntax) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if h.count() != 0 {
		t.Errorf("asked %v", h.asked)
	}
}

// TestVerdictsAreRememberedShortly: nobody makes us ask in a loop, and a peer
// that mends its document need not wait for minutes.
func TestVerdictsAreRememberedShortly(t *testing.T) {
	h := newHost(t)
	w := h.resolver()
	h.set(answer(http.StatusNotFound, nil))
	for range 3 {
		if _, err := w.Resolve(t.Context(), self); !errors.Is(err, did.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if h.count() != 1 || w.Refresh(self) {
		t.Errorf("asked %d times", h.count())
	}
	h.set(answer(http.StatusOK, doc(t)))
	h.wait(time.Second - 1)
	if _, err := w.Resolve(t.Context(), self); !errors.Is(err, did.ErrNotFound) {
		t.Errorf("within a second: %v", err)
	}
	h.wait(1)
	if w.Refresh(self) {
		t.Error("refreshed a refusal")
	}
	if _, err := w.Resolve(t.Context(), self); err != nil || h.count() != 2 {
		t.Errorf("mended: %v", err)
	}
}

func TestFaultsAreNotRemembered(t *testing.T) {
	h := newHost(t)
	w := h.resolver()
	h.set(answer(http.StatusBadGateway, nil))
	if _, err := w.Resolve(t.Context(), self); !errors.Is(err, did.ErrUnreachable) {
		t.Fatal(err)
	}
	h.set(answer(http.StatusOK, doc(t)))
	if _, err := w.Resolve(t.Context(), self); err != nil {
		t.Error(err)
	}
}

func TestRefresh(t *testing.T) {
	h := newHost(t)
	w := h.resolver()
	if w.Refresh(self) {
		t.Error("refreshed what is not there")
	}
	resolve := func(want error, asked int) {
		t.Helper()
		if _, err := w.Resolve(t.Context(), self); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if h.count() != asked {
			t.Errorf("asked %d times, want %d", h.count(), asked)
		}
	}
	resolve(nil, 1)
	h.wait(time.Second - 1)
	if w.Refresh(self) {
		t.Error("refreshed within a second")
	}
	h.wait(1)
	if !w.Refresh(self) || w.Refresh(self) {
		t.Error("a second later it can be refreshed, once")
	}
	resolve(nil, 2)
	resolve(nil, 2)

	// The host is down: that must not cost us the document we have.
	h.wait(time.Second)
	h.set(answer(http.StatusServiceUnavailable, nil))
	if !w.Refresh(self) {
		t.Error("not refreshed")
	}
	resolve(did.ErrUnreachable, 3)
	resolve(nil, 3)
	if w.Refresh(self) {
		t.Error("refreshed within a second of the last try")
	}
	h.wait(time.Second)
	h.set(answer(http.StatusNotFound, nil))
	if !w.Refresh(self) {
		t.Error("not refreshed")
	}
	resolve(did.ErrNotFound, 4) // its owner took it away
	resolve(did.ErrNotFound, 4)
}

func TestCacheIsBounded(t *testing.T) {
	h := newHost(t)
	h.set(everyone(t))
	w := h.resolver(func(c *did.WebConfig) { c.Max = 3 })
	resolve := func(n int) {
		if _, err := w.Resolve(t.Context(), fmt.Sprintf("did:web:h%d.example", n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{1, 2, 3, 1, 4} { // 2 was not used for longest
		resolve(n)
	}
	asked := h.count()
	for _, n := range []int{1, 3, 4} {
		resolve(n)
	}
	if h.count() != asked {
		t.Errorf("asked %v", h.asked[asked:])
	}
	if resolve(2); h.count() != asked+1 {
		t.Error("the fourth was kept")
	}
}

// TestCacheIsBoundedInBytes: large documents leave room for few.
func TestCacheIsBoundedInBytes(t *testing.T) {
	h := newHost(t)
	large := strings.Repeat("x", 60<<10)
	h.set(func(req *http.Request) (*http.Response, error) {
		return answer(http.StatusOK, doc(t, obj{"id": "did:web:" + req.URL.Host, "x": large}))(req)
	})
	w := h.resolver(func(c *did.WebConfig) { c.Max = 64 }) // 256 KiB
	for round := range 2 {
		for n := range 5 {
			if _, err := w.Resolve(t.Context(), fmt.Sprintf("did:web:h%d.example", n)); err != nil {
				t.Fatal(round, err)
			}
		}
	}
	if h.count() != 10 {
		t.Errorf("asked %d times: five of 60 KiB were kept", h.count())
	}
}

func TestLocal(t *testing.T) {
	h := newHost(t)
	local := func(_ context.Context, id string) ([]byte, bool, error) {
		switch id {
		case self:
			return doc(t, obj{"service": nil}), true, nil
		case "did:web:down.example":
			return nil, false, errors.New("store is down")
		case "did:web:wrong.example":
			return doc(t), true, nil
		}
		return nil, false, nil
	}
	w := h.resolver(func(c *did.WebConfig) { c.Local = local })
	d, err := w.Resolve(t.Context(), self)
	if err != nil || len(d.Services) != 0 || !d.Fetched.Equal(start) || h.count() != 0 {
		t.Errorf("got %+v, %v, asked %v", d, err, h.asked)
	}
	if _, err := w.Resolve(t.Context(), "did:web:down.example"); !errors.Is(err, did.ErrUnreachable) {
		t.Errorf("a fault of the store: %v", err)
	}
	if _, err := w.Resolve(t.Context(), "did:web:wrong.example"); !errors.Is(err, did.ErrID) {
		t.Errorf("another's document: %v", err)
	}
	h.set(everyone(t))
	if _, err := w.Resolve(t.Context(), other); err != nil || h.count() != 1 {
		t.Errorf("a stranger: %v", err)
	}
}

// TestOneFlight: callers share one fetch, and one that leaves takes nobody
// along.
func TestOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		release := make(chan struct{})
		h.set(func(req *http.Request) (*http.Response, error) {
			select {
			case <-release:
				return answer(http.StatusOK, doc(t))(req)
			case <-req.Context().Done():
				return nil, req.Context().Err()
			}
		})
		w := h.resolver()
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { _, err := w.Resolve(ctx, self); first <- err }()
		synctest.Wait()
		rest := make(chan error, 10)
		for range cap(rest) {
			go func() { _, err := w.Resolve(t.Context(), self); rest <- err }()
		}
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, did.ErrUnreachable) || !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		close(release)
		for range cap(rest) {
			if err := <-rest; err != nil {
				t.Errorf("who stayed: %v", err)
			}
		}
		if h.count() != 1 {
			t.Errorf("asked %d times", h.count())
		}
	})
}

// TestFlightEndsWithItsLastCaller: nothing goes on that nobody waits for, and
// whoever comes next does not get the cancelled fetch's error.
func TestFlightEndsWithItsLastCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		ended := make(chan struct{})
		h.set(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			defer close(ended)
			return nil, req.Context().Err()
		})
		w := h.resolver()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := w.Resolve(ctx, self); done <- err }()
		synctest.Wait()
		h.set(answer(http.StatusOK, doc(t)))
		cancel()
		<-done
		if _, err := w.Resolve(t.Context(), self); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		<-ended
		if took := time.Since(begin); took != 0 {
			t.Errorf("it went on for %v", took)
		}
	})
}

func TestFetchTakesFiveSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.set(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, &net.DNSError{IsNotFound: true} // as far as the lookup got
		})
		begin := time.Now()
		_, err := h.resolver().Resolve(t.Context(), self)
		if took := time.Since(begin); !errors.Is(err, did.ErrUnreachable) || took != 5*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func BenchmarkResolveWarm(b *testing.B) {
	h := newHost(b)
	w := h.resolver()
	for b.Loop() {
		d, err := w.Resolve(b.Context(), self)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Key(self+"#key-1", did.Authentication, false); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDocument(b *testing.B) {
	raw := doc(b)
	for b.Loop() {
		if _, err := did.ParseDocument(raw, self); err != nil {
			b.Fatal(err)
		}
	}
}
