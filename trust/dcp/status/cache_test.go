// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/internal/cache"
	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// check asserts that the entry passes after so many requests in all.
func (w *world) check(c *Checker, e Entry, requests int) {
	w.t.Helper()
	if err := c.Check(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
	if len(w.asked) != requests {
		w.t.Fatalf("%d requests, want %d", len(w.asked), requests)
	}
}

func TestCacheAge(t *testing.T) {
	w := newWorld(t)
	c := w.checker()
	tight := w.entry
	tight.MaxAge = 3 * time.Second
	w.check(c, w.entry, 1)
	w.now = start.Add(2 * time.Second)
	w.check(c, tight, 1)
	w.now = start.Add(3 * time.Second)
	w.check(c, w.entry, 1)
	w.check(c, tight, 2) // who wants it newer gets it newer
	w.check(c, w.entry, 2)
	w.now = start.Add(62 * time.Second)
	w.check(c, w.entry, 2)
	w.now = start.Add(63 * time.Second)
	w.check(c, w.entry, 3)
	w.now = start.Add(-time.Hour).Add(2 * time.Minute) // the clock was set back
	w.list.ValidFrom = w.now
	w.answer = nil
	w.publish()
	w.check(c, w.entry, 4)
}

func TestCacheSettings(t *testing.T) {
	for set, want := range map[time.Duration]time.Duration{0: 60e9, 10e9: 10e9, 300e9: 60e9, -1: 0} {
		if got := New(Config{MaxAge: set}).cfg.MaxAge; got != want {
			t.Errorf("%v gives %v, want %v", set, got, want)
		}
	}
	w := newWorld(t) // off: asked for each time
	c := w.checker()
	c.cfg.MaxAge = 0
	w.check(c, w.entry, 1)
	w.check(c, w.entry, 2)
	c.cfg.MaxAge = maxAge
	w.check(c, w.entry, 2)
	w.entry.MaxAge = -1
	w.check(c, w.entry, 3)
}

// TestRevocationArrives: what the issuer says is believed within the age that
// was asked for, and again when it takes it back.
func TestRevocationArrives(t *testing.T) {
	w := newWorld(t)
	c := w.checker()
	w.check(c, w.entry, 1)
	for i, set := range []bool{true, false} {
		Set(w.list.Bits, 42, set)
		w.answer = nil
		w.publish()
		w.now = w.now.Add(59 * time.Second)
		before := c.Check(t.Context(), w.entry)
		w.now = w.now.Add(time.Second)
		after := c.Check(t.Context(), w.entry)
		if (before == nil) != (i == 0) || (after == nil) != (i == 1) {
			t.Errorf("revoked %v: before %v, after %v", set, before, after)
		}
	}
}

func TestConditional(t *testing.T) {
	w := newWorld(t)
	w.list.ValidUntil = start.Add(8 * time.Minute)
	c := w.checker()
	full, unchanged := w.answer, 0
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `"1"`)
		rw.Header().Set("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT")
		if r.Header.Get("If-None-Match") != "" {
			if r.Header.Get("If-None-Match") != `"1"` || r.Header.Get("If-Modified-Since") == "" {
				t.Errorf("asked by %v", r.Header)
			}
			unchanged++
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		full(rw, r)
	}
	for i := range 5 {
		w.now = start.Add(time.Duration(i) * time.Minute)
		w.check(c, w.entry, i+1)
	}
	if unchanged != 4 {
		t.Errorf("%d answers of 304", unchanged)
	}
	w.now = start.Add(5 * time.Minute) // the signature is looked at again
	w.check(c, w.entry, 6)
	if unchanged != 4 {
		t.Errorf("%d answers of 304", unchanged)
	}
	w.now = start.Add(8 * time.Minute) // its end is not made good by a 304
	wantRefusal(t, c.Check(t.Context(), w.entry), "V85")
	if unchanged != 4 {
		t.Errorf("%d answers of 304", unchanged)
	}
}

// TestEndInCache: a list that ends while it is in the cache is asked for again.
func TestEndInCache(t *testing.T) {
	w := newWorld(t)
	w.list.ValidUntil = start.Add(20 * time.Second)
	c := w.checker()
	w.check(c, w.entry, 1)
	w.now = start.Add(20 * time.Second)
	w.list.ValidUntil = start.Add(40 * time.Second)
	w.answer = nil
	w.publish()
	w.check(c, w.entry, 2)
	// One that has ended when it comes is a verdict for a while.
	w.now = start.Add(40 * time.Second)
	for range 3 {
		wantRefusal(t, c.Check(t.Context(), w.entry), "V85")
	}
	if len(w.asked) != 3 {
		t.Errorf("asked %d times", len(w.asked))
	}
}

func TestVerdictsAreCached(t *testing.T) {
	w := newWorld(t)
	answering(http.StatusNotFound, "")(w)
	c := w.checker()
	for range 3 {
		wantRefusal(t, c.Check(t.Context(), w.entry), "V82")
	}
	if len(w.asked) != 1 {
		t.Errorf("asked %d times", len(w.asked))
	}
	w.now = start.Add(refusalAge)
	w.answer = nil
	w.publish()
	w.check(c, w.entry, 2)
	// A verdict takes the place of a list that was good before.
	answering(http.StatusGone, "")(w)
	w.now = w.now.Add(time.Minute)
	wantRefusal(t, c.Check(t.Context(), w.entry), "V82")
	w.now = w.now.Add(refusalAge)
	wantRefusal(t, c.Check(t.Context(), w.entry), "V82")
	// The refusal of one credential does not carry the name of another.
	first, _ := errors.AsType[*trust.Refusal](c.Check(t.Context(), w.entry))
	other := w.entry
	other.Credential = "urn:uuid:2"
	refusal, _ := errors.AsType[*trust.Refusal](c.Check(t.Context(), other))
	if refusal == nil || refusal.Credential != other.Credential || first.Credential != w.entry.Credential {
		t.Errorf("got %v and %v", refusal, first)
	}
}

func TestUnavailable(t *testing.T) {
	for name, change := range map[string]func(*world){
		"500": answering(http.StatusInternalServerError, ""),
		"503": answering(http.StatusServiceUnavailable, ""),
		"429": answering(http.StatusTooManyRequests, ""),
		"408": answering(http.StatusRequestTimeout, ""),
		"refused": func(w *world) {
			w.http = doer(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
		},
		"no answer": func(w *world) {
			w.http = doer(func(r *http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded })
		},
		"cut off": func(w *world) { w.http = doer(func(*http.Request) (*http.Response, error) { return cutOff(), nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(w)
			c := w.checker()
			wantUnavailable(t, c.Check(t.Context(), w.entry))
			w.answer, w.http = nil, nil // it is not remembered
			w.publish()
			w.check(c, w.entry, 2)
			// A list that was good is believed while it is young, and not one
			// second longer.
			change(w)
			w.now = start.Add(59 * time.Second)
			w.check(c, w.entry, 2)
			w.now = start.Add(60 * time.Second)
			wantUnavailable(t, c.Check(t.Context(), w.entry))
		})
	}
	w := newWorld(t) // the issuer's document is out of reach
	c := w.checker()
	w.docs = nil
	wantUnavailable(t, c.Check(t.Context(), w.entry))
	// A verdict on one entry is not hidden by another that is out of reach.
	w = newWorld(t)
	Set(w.list.Bits, 43, true)
	c = w.checker()
	inner := w.answer
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/status/2" {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		inner(rw, r)
	}
	away := w.status(42)
	away.List, away.Purpose = "https://registrar.example/status/2", Suspension
	w.entry.Entries = []trust.StatusEntry{away, w.status(43)}
	wantRefusal(t, c.Check(t.Context(), w.entry), "V80")
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if _, refused := errors.AsType[*trust.Refusal](err); !errors.Is(err, trust.ErrUnavailable) || refused {
		t.Fatalf("got %v, want it out of reach", err)
	}
}

func record(h http.HandlerFunc, r *http.Request) *http.Response {
	rec := httptest.NewRecorder()
	h(rec, r)
	return rec.Result()
}

// cutOff is an answer whose body breaks off.
func cutOff() *http.Response {
	body := io.MultiReader(strings.NewReader("eyJ"), iotest.ErrReader(io.ErrUnexpectedEOF))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body)}
}

func TestAcceptIsRelaxed(t *testing.T) {
	w := newWorld(t)
	c := w.checker()
	inner := w.answer
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "*/*" {
			rw.WriteHeader(http.StatusNotAcceptable)
			return
		}
		inner(rw, r)
	}
	w.check(c, w.entry, 2)
}

// TestSingleFlight: a crowd asks once; who gives up does not give up for the
// others.
func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := w.checker()
		inner, release := w.answer, make(chan struct{})
		var mu sync.Mutex
		requests := 0
		w.http = doer(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			requests++
			mu.Unlock()
			select {
			case <-release:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			return record(inner, r), nil
		})
		first, giveUp := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := c.Check(first, w.entry); !errors.Is(err, trust.ErrUnavailable) {
				t.Errorf("who gave up: %v", err)
			}
		})
		synctest.Wait()
		for range 20 {
			wg.Go(func() {
				if err := c.Check(t.Context(), w.entry); err != nil {
					t.Error(err)
				}
			})
		}
		impatient, leave := context.WithCancel(t.Context())
		wg.Go(func() {
			if err := c.Check(impatient, w.entry); !errors.Is(err, trust.ErrUnavailable) {
				t.Errorf("who did not wait: %v", err)
			}
		})
		synctest.Wait()
		leave()
		giveUp()
		synctest.Wait() // one of the twenty asks now
		close(release)
		wg.Wait()
		if requests != 2 {
			t.Errorf("%d requests", requests)
		}
	})
}

// TestSlowServer: nobody waits for longer than the limit.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.http = doer(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begun := time.Now()
		wantUnavailable(t, w.checker().Check(t.Context(), w.entry))
		if waited := time.Since(begun); waited != fetchTimeout {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	c := cache.New(10*(slotBytes+100), sizeOf)
	asked := 0
	get := func(i int) {
		t.Helper()
		k := key{"did:web:x.example", fmt.Sprint(i)}
		s, err := c.Get(t.Context(), k, func(s *slot) bool { return s.fresh(start, time.Minute) }, func(*slot) (*slot, bool) {
			asked++
			return &slot{list: &statusList{bits: make([]byte, 50)}, at: start}, true
		})
		if err != nil || s.list == nil {
			t.Fatal(s, err)
		}
	}
	for i := range 100 {
		get(i)
		get(0)
	}
	if asked != 100 {
		t.Errorf("%d were asked for, of 100: the list in use was not kept", asked)
	}
	if kept, asking := c.Len(); kept != 10 || asking != 0 {
		t.Errorf("%d are kept and %d asked for", kept, asking)
	}
}

// TestIssuersApart: what is served for one issuer's list is not believed for
// another's, in whatever order they ask.
func TestIssuersApart(t *testing.T) {
	w := newWorld(t)
	c := w.checker()
	foreign := w.entry
	foreign.Issuer = stranger
	wantRefusal(t, c.Check(t.Context(), foreign), "V84")
	w.check(c, w.entry, 2)
	wantRefusal(t, c.Check(t.Context(), foreign), "V84")
}

// rotating is a resolver whose cache does not hold the newest document.
type rotating struct {
	*world
	newest    string
	refreshed int
}

func (r *rotating) Refresh(string) bool {
	r.refreshed++
	known := r.docs[issuer] != r.newest
	r.docs[issuer] = r.newest
	return known
}

// TestRotation: a key that the issuer has published since its document was
// cached is found.
func TestRotation(t *testing.T) {
	w := newWorld(t)
	c := w.checker()
	r := &rotating{world: w, newest: w.docs[issuer]}
	c.cfg.DIDs = r
	before := w.doc
	before.Keys = []did.Key{{Fragment: "key-0", Key: newKey(t, "x").Signer.Public(), Relations: before.Keys[0].Relations}}
	old, err := did.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	w.docs[issuer] = string(old)
	w.check(c, w.entry, 1)
	// One that is in no document is refused, and the newest is asked for once.
	w.signer.ID = issuer + "#key-2"
	w.answer = nil
	w.publish()
	w.now = start.Add(time.Minute)
	wantRefusal(t, c.Check(t.Context(), w.entry), "V83")
	if r.refreshed != 2 {
		t.Errorf("refreshed %d times", r.refreshed)
	}
}
