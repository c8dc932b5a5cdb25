// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// dpKit is the kit for one test of a data plane: its control plane, which is
// strict about what it gets and never sends anything twice.
type dpKit struct {
	t           *testing.T
	plane       string // base URL of the data plane under test
	shown       string // what we send as Authorization
	participant string // dataplane.provider.id
	counter     string // dataplane.counterparty.id
	dataset     string
	profile     string
	callback    *httptest.Server
	url         string // of it

	mu       sync.Mutex
	handlers map[string]chan dpStatus // by the last path segment; gone after a valid call
	refusing map[string]int           // how often a kind is answered 404 first
	turned   int                      // calls that were answered 404
	document []byte                   // DID document
	key      dpKey
}

// dpStatus is what data planes answer and notify.
type dpStatus struct {
	DataFlowID  string          `json:"dataFlowId"`
	State       string          `json:"state"`
	DataAddress json.RawMessage `json:"dataAddress"`
}

func (s dpStatus) hasAddress() bool { return len(s.DataAddress) > 0 && string(s.DataAddress) != "null" }

var dpNotified = regexp.MustCompile(`^/transfers/[^/]+/dataflow/(prepared|started|completed)$`)

// newDPKit starts the callback endpoint; bind tells the rest.
func newDPKit(t *testing.T) *dpKit {
	t.Helper()
	k := &dpKit{t: t, handlers: map[string]chan dpStatus{}, refusing: map[string]int{}}
	k.callback = httptest.NewServer(http.HandlerFunc(k.serve))
	t.Cleanup(k.callback.Close)
	k.url = strings.Replace(k.callback.URL, "127.0.0.1", "localhost", 1)
	return k
}

// serve is the kit's server: it matches the path alone.
func (k *dpKit) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.URL.Path == "/.well-known/did.json" && k.document != nil {
		_, _ = w.Write(k.document)
		return
	}
	m := dpNotified.FindStringSubmatch(r.URL.Path)
	var waiting chan dpStatus
	if m != nil {
		waiting = k.handlers[m[1]]
	}
	if waiting != nil && k.refusing[m[1]] > 0 {
		k.refusing[m[1]]--
		waiting = nil
	}
	if waiting == nil {
		k.turned++
		http.Error(w, "No handler registered on this endpoint", http.StatusNotFound)
		return
	}
	if err := validate(k.t, schemaStatus, body); err != nil {
		http.Error(w, fmt.Sprintf("Error evaluating body: [%v]", err), http.StatusBadRequest)
		return
	}
	var s dpStatus
	_ = json.Unmarshal(body, &s)
	delete(k.handlers, m[1])
	waiting <- s
	_ = http.NewResponseController(w).Flush() // an empty body in chunks
}

// expects registers a handler for a notification. A test that has no schemas is
// skipped here: the server cannot do that.
func (k *dpKit) expects(kind string) <-chan dpStatus {
	k.t.Helper()
	testkit.Shared(k.t)
	k.mu.Lock()
	defer k.mu.Unlock()
	came := make(chan dpStatus, 1)
	k.handlers[kind] = came
	return came
}

// await waits for what a handler got.
func (k *dpKit) await(kind string, came <-chan dpStatus) {
	k.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-came:
	case <-limit.C:
		k.t.Fatalf("the data plane did not call %s", kind)
	}
}

// send posts a message; any answer that is no success ends the test.
func (k *dpKit) send(path string, body any) []byte {
	k.t.Helper()
	status, text := k.trySend(path, body)
	if status/100 != 2 {
		k.t.Fatalf("POST %s: %d %s", path, status, text)
	}
	return text
}

func (k *dpKit) trySend(path string, body any) (int, []byte) {
	k.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.call(http.MethodPost, path, text)
}

func (k *dpKit) call(method, path string, body []byte) (int, []byte) {
	k.t.Helper()
	req, err := http.NewRequestWithContext(k.t.Context(), method, k.plane+path, bytes.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", k.shown)
	return dpDo(k.t, req)
}

func dpDo(t *testing.T, req *http.Request) (int, []byte) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text
}

// request is the body of prepare and start.
func (k *dpKit) request() map[string]any {
	return map[string]any{
		"messageId": uuid(), "participantId": k.participant, "counterPartyId": k.counter, "dataspaceContext": "tck-dataspace",
		"processId": uuid(), "agreementId": uuid(), "datasetId": k.dataset, "profile": k.profile, "claims": map[string]any{},
	}
}

// begin sends prepare or start and checks the answer.
func (k *dpKit) begin(verb, state string, with map[string]any) dpStatus {
	k.t.Helper()
	body := k.request()
	maps.Copy(body, with)
	var s dpStatus
	if err := json.Unmarshal(k.send("/dataflows/"+verb, body), &s); err != nil {
		k.t.Fatal(err)
	}
	if s.DataFlowID == "" || s.State != state {
		k.t.Fatalf("%s was answered %+v, want the state %s", verb, s, state)
	}
	return s
}

// notify sends a message about a flow.
func (k *dpKit) notify(flow, verb string, body map[string]any) []byte {
	k.t.Helper()
	return k.send("/dataflows/"+flow+"/"+verb, body)
}

// poll looks at the status until it is so.
func (k *dpKit) poll(flow, state string) {
	k.t.Helper()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	last := ""
	for {
		select {
		case <-tick.C:
		case <-limit.C:
			k.t.Fatalf("the flow is %s, want %s", last, state)
		}
		status, text := k.call(http.MethodGet, "/dataflows/"+flow+"/status", nil)
		var s dpStatus
		if err := json.Unmarshal(text, &s); err != nil || status/100 != 2 || s.State == "" {
			k.t.Fatalf("the status was answered %d %s", status, text)
		}
		if last = s.State; last == state {
			return
		}
	}
}
