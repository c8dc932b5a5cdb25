// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// patience is how long the kit waits in each step, and glance how often it
// looks.
const (
	patience = 15 * time.Second
	glance   = 100 * time.Millisecond
)

// kit is the kit's own server, with a table of paths. As there, the method is
// ignored, no answer has a Content-Type, what the schema refuses is answered 400
// and stays awaited, and an awaited message is taken once.
type kit struct {
	t      *testing.T
	server *httptest.Server
	URL    string

	mu     sync.Mutex
	routes []*route
}

// message is what was sent to the kit. ID is the first group of the path.
type message struct {
	Path, ID      string
	Authorization string
	Body          map[string]any
	Raw           []byte
}

// reply is what the kit answers.
type reply struct {
	Status int // default 200
	Header map[string]string
	Body   any // nil: none
	// Pause is how long the answer takes on its way.
	Pause time.Duration
}

type route struct {
	path   *regexp.Regexp
	schema string
	once   bool
	answer func(message) reply
	got    chan message
}

// newKit starts the kit's server. Where there are no schemas it skips the test,
// which the server, in a goroutine of its own, cannot do.
func newKit(t *testing.T) *kit {
	t.Helper()
	testkit.Shared(t)
	k := &kit{t: t}
	k.server = httptest.NewServer(http.HandlerFunc(k.serve))
	k.URL = strings.Replace(k.server.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(k.server.Close)
	return k
}

// always answers a path as long as the test runs.
func (k *kit) always(path string, answer func(message) reply) *route {
	return k.add(&route{path: regexp.MustCompile("^" + path + "$"), answer: answer, got: make(chan message, 100)})
}

// await takes one message of a path that the schema permits; schema may be
// empty.
func (k *kit) await(path, schema string, answer func(message) reply) *route {
	return k.add(&route{path: regexp.MustCompile("^" + path + "$"), schema: schema, once: true, answer: answer, got: make(chan message, 1)})
}

func (k *kit) add(r *route) *route {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.routes = append(k.routes, r)
	return r
}

// reset forgets all paths.
func (k *kit) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.routes = nil
}

func (k *kit) find(path string) (*route, []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.routes {
		if m := r.path.FindStringSubmatch(path); m != nil {
			return r, m
		}
	}
	return nil, nil
}

// take removes a route that is good once; false: another call was first.
func (k *kit) take(r *route) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.routes {
		if k.routes[i] == r {
			if r.once {
				k.routes = append(k.routes[:i:i], k.routes[i+1:]...)
			}
			return true
		}
	}
	return false
}

func (k *kit) serve(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	w.Header()["Content-Type"] = nil
	r, m := k.find(req.URL.Path)
	if r == nil {
		http.Error(w, "No handler registered on this endpoint", http.StatusNotFound)
		return
	}
	got := message{Path: req.URL.Path, Authorization: req.Header.Get("Authorization"), Raw: raw}
	if len(m) > 1 {
		got.ID = m[1]
	}
	if r.schema != "" {
		if err := validate(k.t, r.schema, raw); err != nil {
			k.t.Errorf("%s does not fit its schema: %v\n%s", req.URL.Path, err, raw)
			http.Error(w, "Error evaluating body: "+err.Error(), http.StatusBadRequest)
			return
		}
	}
	_ = json.Unmarshal(raw, &got.Body) // of completed it may be empty
	if !k.take(r) {
		http.Error(w, "No handler registered on this endpoint", http.StatusNotFound)
		return
	}
	a := reply{}
	if r.answer != nil {
		a = r.answer(got)
	}
	r.got <- got
	if a.Pause > 0 {
		after(a.Pause)
	}
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	if a.Body != nil {
		_ = json.NewEncoder(w).Encode(a.Body)
	}
}

// after waits as somebody does who is slow.
func after(d time.Duration) { <-time.After(d) }

// wait returns the message that was awaited.
func (r *route) wait(t *testing.T) message {
	t.Helper()
	select {
	case m := <-r.got:
		return m
	case <-time.After(patience):
		t.Fatalf("%s was not called within %s", r.path, patience)
	}
	return message{}
}

// post sends as the kit does: once. Everything but a 2xx fails the test.
func post(t *testing.T, url, authorization string, body any) map[string]any {
	t.Helper()
	status, answer := send(t, http.MethodPost, url, authorization, body)
	if status/100 != 2 {
		t.Fatalf("POST %s was answered %d: %s", url, status, answer)
	}
	var out map[string]any
	_ = json.Unmarshal(answer, &out) // there may be none
	return out
}

func send(t *testing.T, method, url, authorization string, body any) (status int, answer []byte) {
	t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// poll looks at the state of a process until it is the one that is wanted. An
// answer that is no 2xx, or has no state, fails the test at once.
func poll(t *testing.T, url, authorization, want string) {
	t.Helper()
	for begin := time.Now(); ; {
		after(glance)
		status, answer := send(t, http.MethodGet, url, authorization, nil)
		var out struct{ State string }
		if err := json.Unmarshal(answer, &out); status/100 != 2 || err != nil || out.State == "" {
			t.Fatalf("GET %s was answered %d: %s", url, status, answer)
		}
		if out.State == want {
			return
		}
		if time.Since(begin) > patience {
			t.Fatalf("%s is in state %s, and not in %s", url, out.State, want)
		}
	}
}

// uuid is a random one.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
