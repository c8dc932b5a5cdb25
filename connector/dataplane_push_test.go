// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
)

// reports is a control plane that listens.
type reports struct {
	mu    sync.Mutex
	heard map[string]string // path to body
	came  chan string
}

func newReports(t testing.TB) (*reports, string) {
	t.Helper()
	r := &reports{heard: map[string]string{}, came: make(chan string, 100)}
	return r, serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/flow") { // another vendor's: it gives no verdicts
			http.NotFound(w, req)
			return
		}
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.heard[req.URL.Path] += string(body)
		r.mu.Unlock()
		r.came <- req.URL.Path
	}))
}

// awaits waits for a report with a text in it.
func (r *reports) awaits(t testing.TB, path, text string) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		r.mu.Lock()
		body, ok := r.heard[path]
		r.mu.Unlock()
		if ok && strings.Contains(body, text) {
			return
		}
		select {
		case <-r.came:
		case <-limit.C:
			t.Fatalf("%s was not called with %s, but with %s", path, text, body)
		}
	}
}

// kept finds the one body that a data plane keeps for a participant.
func kept(t testing.TB, dir, participant string) (data []byte, about map[string]any) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, participant, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v in the folder: %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &about); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(strings.TrimSuffix(files[0], ".json")); err != nil {
		t.Fatal(err)
	}
	return data, about
}

// planePair is a provider's and a consumer's data plane, and who controls both.
func planePair(t *testing.T) (provider, consumer string, control *reports, dir string, data []byte) {
	t.Helper()
	data = make([]byte, 3<<20)
	_, _ = rand.Read(data)
	file := filepath.Join(t.TempDir(), "seat.bin")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	control, url := newReports(t)
	sends := planeConfig("memory:", url, served.Dataset{ID: dataset, Source: served.Source{Type: "file", Path: file}})
	_, provider = startPlane(t, sends)
	takes := planeConfig("memory:", url)
	takes.Participants[0].Context, takes.Participants[0].ID = "maker", "urn:example:maker"
	dir = t.TempDir()
	takes.Receive = served.Receive{Dir: dir, Pull: true}
	_, consumer = startPlane(t, takes)
	return provider, consumer, control, dir, data
}

// planeBegin is prepare or start of a participant.
func planeBegin(us, them, process, profile, address string) string {
	return fmt.Sprintf(`{"messageId":"m","participantId":"urn:example:%s","counterPartyId":"urn:example:%s","dataspaceContext":"d",
		"processId":%q,"agreementId":"a","datasetId":%q,"profile":%q,"claims":{}%s}`, us, them, process, dataset, profile, address)
}

// addressIn is the member dataAddress of an answer, to send on.
func addressIn(t testing.TB, body string) string {
	t.Helper()
	var m struct{ DataAddress json.RawMessage }
	if err := json.Unmarshal([]byte(body), &m); err != nil || len(m.DataAddress) == 0 {
		t.Fatalf("no address: %s", body)
	}
	return `"dataAddress":` + string(m.DataAddress)
}

func (r *reports) movedWhole(t testing.TB, process string, data []byte) {
	t.Helper()
	sum := sha256.Sum256(data)
	r.awaits(t, "/transfers/"+process+"/movements", hex.EncodeToString(sum[:]))
}

func checkKept(t testing.TB, dir string, want []byte) {
	t.Helper()
	got, about := kept(t, dir, "maker")
	sum := sha256.Sum256(want)
	if sha256.Sum256(got) != sum || about["sha256"] != hex.EncodeToString(sum[:]) || about["dataset"] != dataset || about["counterparty"] != "urn:example:supplier" {
		t.Errorf("%d bytes are kept of %d: %v", len(got), len(want), about)
	}
}

// TestDataPlanesPush: from one data plane that runs alone to another.
func TestDataPlanesPush(t *testing.T) {
	t.Parallel()
	provider, consumer, control, dir, data := planePair(t)
	prepared := call(t, "POST", consumer+"/dataflows/prepare", planeShown, planeBegin("maker", "supplier", "c", "HttpData-PUSH", ""))
	address := addressIn(t, prepared.body)
	started := call(t, "POST", provider+"/dataflows/start", planeShown, planeBegin("supplier", "maker", "p", "HttpData-PUSH", ","+address))
	if started.status != 200 || strings.Contains(started.body, "dataAddress") {
		t.Fatal(started.status, started.body)
	}
	call(t, "POST", consumer+"/dataflows/c/started", planeShown, `{"messageId":"m2"}`)
	control.awaits(t, "/transfers/p/dataflow/completed", `"state":"COMPLETED"`)
	checkKept(t, dir, data)
	control.movedWhole(t, "p", data)
	control.movedWhole(t, "c", data)
}

// TestDataPlanesPull: the consumer's data plane fetches by itself, and says
// when it has all.
func TestDataPlanesPull(t *testing.T) {
	t.Parallel()
	provider, consumer, control, dir, data := planePair(t)
	call(t, "POST", consumer+"/dataflows/prepare", planeShown, planeBegin("maker", "supplier", "c", "HttpData-PULL", ""))
	started := call(t, "POST", provider+"/dataflows/start", planeShown, planeBegin("supplier", "maker", "p", "HttpData-PULL", ""))
	told := call(t, "POST", consumer+"/dataflows/c/started", planeShown, `{"messageId":"m2",`+addressIn(t, started.body)+`}`)
	if told.status != 200 {
		t.Fatal(told.status, told.body)
	}
	control.awaits(t, "/transfers/c/dataflow/completed", `"state":"COMPLETED"`)
	checkKept(t, dir, data)
	control.movedWhole(t, "p", data)
	control.movedWhole(t, "c", data)
}

// TestDataPlaneAnnounces: a data plane makes itself known to a connector, and
// serves what comes then.
func TestDataPlaneAnnounces(t *testing.T) {
	t.Parallel()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "memory:", true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: "supplier", ID: "urn:example:supplier", Profile: "preshared"}}
	cfg.Signaling.Registration = append(cfg.Signaling.Registration, struct {
		Key         connector.Secret `yaml:"key"`
		Participant string           `yaml:"participant"`
	}{"0123456789abcdef", "supplier"})
	c, err := connector.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	supplier, maker := nodeOf(t, c, "supplier"), startNode(t, "memory:", "maker")
	introduce(t, supplier, maker)
	supplier.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: "http://127.0.0.1:1/not-from-here"})

	own := planeConfig("memory:", base(c)+"/supplier/signaling", served.Dataset{ID: dataset, Source: served.Source{
		Type: "http", URL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "from the plane") })),
	}})
	own.ControlPlanes[0].Outbound, own.ControlPlanes[0].Register, own.ControlPlanes[0].Verdicts = "Bearer 0123456789abcdef", true, "required"
	p, _ := startPlane(t, own, connector.WithLogger(testLog(t)))
	data, _ := p.Addresses()
	soon(t, "the data plane is not known", func() bool { return c.Knows("supplier", own.ID) })
	agreed := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	got := maker.request(t, agreed.AgreementID, "STARTED")
	if _, port, _ := strings.Cut(data, ":"); !strings.Contains(got.DataAddress.Endpoint, ":"+port+"/") {
		t.Errorf("the data is at %s, not at %s", got.DataAddress.Endpoint, data)
	}
	if text := maker.pulled(t, got.ID); text != "from the plane" {
		t.Errorf("the data is %q", text)
	}
	soon(t, "the provider has no evidence", func() bool {
		d, err := supplier.Evidence(t.Context(), got.PeerPID, "", 10)
		return err == nil && d.Sent != nil
	})
}

// soon waits until something is so.
func soon(t testing.TB, or string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !is() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-limit.C:
			t.Fatal(or)
		}
	}
}
