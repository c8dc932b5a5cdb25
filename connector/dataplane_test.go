// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
)

// planeShown is what the control plane of a test sends to its data plane.
const planeShown = "Bearer control-to-data"

// planeConfig is a data plane of one control plane and one participant.
func planeConfig(store, signaling string, datasets ...served.Dataset) connector.DataPlaneConfig {
	cfg := connector.DefaultDataPlane()
	cfg.Store, cfg.DevMode = store, true
	cfg.Data.Listen, cfg.Signaling.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.ControlPlanes = []served.ControlPlane{{ID: "cp", Signaling: signaling, Inbound: planeShown, Outbound: "Bearer data-to-control"}}
	cfg.Participants = []served.Participant{{Context: "supplier", ID: "urn:example:supplier", ControlPlane: "cp"}}
	cfg.Datasets = datasets
	return cfg
}

// startPlane starts a data plane that is stopped with the test, or before.
func startPlane(t testing.TB, cfg connector.DataPlaneConfig, opts ...connector.Option) (p *connector.DataPlane, url string) {
	t.Helper()
	p, err := connector.NewDataPlane(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopPlane(t, p) })
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, address := p.Addresses()
	return p, "http://" + address
}

func stopPlane(t testing.TB, p *connector.DataPlane) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// planeAsk is a start or prepare of a process.
func planeAsk(process, dataset string) string {
	return fmt.Sprintf(`{"messageId":"m","participantId":"urn:example:supplier","counterPartyId":"urn:example:maker","dataspaceContext":"d",
		"processId":%q,"agreementId":"a","datasetId":%q,"profile":"HttpData-PULL","claims":{}}`, process, dataset)
}

// flowAnswer is what a data plane answers.
type flowAnswer struct {
	State       string
	DataAddress struct {
		Endpoint           string
		EndpointProperties []struct{ Name, Value string }
	}
}

func (f flowAnswer) token() string {
	for _, p := range f.DataAddress.EndpointProperties {
		if p.Name == "authorization" {
			return p.Value
		}
	}
	return ""
}

func flowOf(t testing.TB, a answer) (f flowAnswer) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &f); err != nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return f
}

// TestDataPlaneServes: another vendor's control plane, which knows nothing of
// ours, has data sent, suspended, resumed and ended.
func TestDataPlaneServes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "seat.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := planeConfig("memory:", serve(t, http.NotFoundHandler()), served.Dataset{
		ID: dataset, Source: served.Source{Type: "file", Path: file},
	})
	_, plane := startPlane(t, cfg)
	post := func(path, body string) answer { return call(t, "POST", plane+"/dataflows/"+path, planeShown, body) }
	get := func(f flowAnswer, want int, text string) {
		t.Helper()
		got := call(t, "GET", f.DataAddress.Endpoint, "Bearer "+f.token(), "")
		if got.status != want || !strings.Contains(got.body, text) {
			t.Errorf("the data: %d %s, want %d %s", got.status, got.body, want, text)
		}
	}
	if got := post("start", planeAsk("p", "urn:example:other")); got.status != 422 || !strings.Contains(got.body, "dataset-unknown") {
		t.Error(got.status, got.body)
	}
	first := flowOf(t, post("start", planeAsk("q", dataset)))
	get(first, 200, "a,b")
	post("q/suspend", `{"messageId":"m2"}`)
	get(first, 403, "transfer-suspended")
	second := flowOf(t, post("q/resume", `{"messageId":"m3"}`))
	get(first, 403, "token-superseded")
	get(second, 200, "a,b")
	post("q/terminate", `{"messageId":"m4","reason":"enough"}`)
	get(second, 403, "transfer-ended")
	if got := call(t, "GET", plane+"/healthz", "", ""); got.status != 200 {
		t.Error(got.status)
	}
	if got := call(t, "GET", plane+"/readyz", "", ""); got.status != 200 {
		t.Error(got.status)
	}
	if got := call(t, "POST", plane+"/dataflows/start", "", planeAsk("r", dataset)); got.status != 401 {
		t.Error(got.status, got.body)
	}
}

// TestDataPlaneDatasetOfAnother: a control plane has no other participant's
// data sent, whatever id it names; a wildcard is for its participant alone.
func TestDataPlaneDatasetOfAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := func(name string) served.Source {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
		return served.Source{Type: "file", Path: file}
	}
	control := serve(t, http.NotFoundHandler())
	cfg := planeConfig("memory:", control,
		served.Dataset{ID: dataset, Participant: "supplier", Source: source("supplier")},
		served.Dataset{ID: dataset, Participant: "maker", Source: source("maker")},
		served.Dataset{ID: "urn:example:slow", Participant: "supplier", Async: true, Source: source("slow")},
		served.Dataset{ID: "*", Participant: "maker", Source: source("rest")})
	const shownByOther = "Bearer other-to-data"
	cfg.ControlPlanes = append(cfg.ControlPlanes, served.ControlPlane{ID: "other", Signaling: control, Inbound: shownByOther})
	cfg.Participants = append(cfg.Participants, served.Participant{Context: "maker", ID: "urn:example:maker", ControlPlane: "other"})
	_, plane := startPlane(t, cfg)
	for process, c := range map[string]struct{ us, shown, dataset, want string }{
		"its own":                  {"supplier", planeShown, dataset, "of supplier"},
		"the other's of that id":   {"maker", shownByOther, dataset, "of maker"},
		"another's, by a wildcard": {"maker", shownByOther, "urn:example:slow", "of rest"},
		"no wildcard of its own":   {"supplier", planeShown, "urn:example:any", ""},
	} {
		ask := strings.ReplaceAll(planeAsk(process, c.dataset), "urn:example:supplier", "urn:example:"+c.us)
		got := call(t, "POST", plane+"/dataflows/start", c.shown, ask)
		if c.want == "" {
			if got.status != 422 || !strings.Contains(got.body, "dataset-unknown") {
				t.Errorf("%s: %d %s", process, got.status, got.body)
			}
			continue
		}
		f := flowOf(t, got)
		if data := call(t, "GET", f.DataAddress.Endpoint, "Bearer "+f.token(), ""); data.body != c.want {
			t.Errorf("%s: %d %s, the data: %d %s", process, got.status, got.body, data.status, data.body)
		}
	}
}

// TestDataPlaneRestarts: flows and what they owe survive the process.
func TestDataPlaneRestarts(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 10)
	control := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer data-to-control" {
			t.Errorf("%s shows %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		heard <- r.URL.Path
	}))
	cfg := planeConfig("sqlite:"+filepath.Join(t.TempDir(), "plane.db"), "http://127.0.0.1:1", served.Dataset{ID: "*", Async: true})
	p, plane := startPlane(t, cfg)
	if got := call(t, "POST", plane+"/dataflows/start", planeShown, planeAsk("p", dataset)); got.status != 202 || got.header.Get("Location") != "/dataflows/p/status" {
		t.Fatal(got.status, got.body)
	}
	stopPlane(t, p)
	cfg.ControlPlanes[0].Signaling = control
	_, plane = startPlane(t, cfg)
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case path := <-heard:
		if path != "/transfers/p/dataflow/started" {
			t.Error(path)
		}
	case <-limit.Done():
		t.Fatal("nothing was reported after the restart")
	}
	f := flowOf(t, call(t, "GET", plane+"/dataflows/p/status", planeShown, ""))
	if f.State != "STARTED" || f.token() == "" {
		t.Errorf("after the restart: %+v", f)
	}
}

// TestDataPlaneRegisters: a control plane may move, but not to a place where
// nobody should call.
func TestDataPlaneRegisters(t *testing.T) {
	t.Parallel()
	moved := make(chan string, 10)
	elsewhere := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		moved <- r.URL.Path + " " + r.Header.Get("Authorization")
	}))
	cfg := planeConfig("memory:", serve(t, http.NotFoundHandler()), served.Dataset{ID: "*", Async: true})
	_, plane := startPlane(t, cfg)
	put := func(id, endpoint string) answer {
		return call(t, "PUT", plane+"/controlplanes", planeShown, fmt.Sprintf(
			`{"controlplaneId":%q,"endpoint":%q,"authorization":{"type":"authorization_header","value":"Bearer new"}}`, id, endpoint))
	}
	for name, c := range map[string]struct {
		id, endpoint string
		status       int
	}{
		"another's":   {"other", elsewhere, 403},
		"metadata":    {"cp", "http://169.254.169.254/latest", 400},
		"no URL":      {"cp", "file:///etc/passwd", 400},
		"its own":     {"cp", elsewhere, 200},
		"no endpoint": {"cp", "", 400},
	} {
		if got := put(c.id, c.endpoint); got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	put("cp", elsewhere)
	call(t, "POST", plane+"/dataflows/start", planeShown, planeAsk("p", dataset))
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case got := <-moved:
		if got != "/transfers/p/dataflow/started Bearer new" {
			t.Error(got)
		}
	case <-limit.Done():
		t.Error("it is not called where it registered")
	}
	if got := call(t, "DELETE", plane+"/controlplanes/cp", planeShown, ""); got.status != 204 {
		t.Error(got.status, got.body)
	}
}

// TestDataPlaneConfig: what cannot work is said before anything is opened.
func TestDataPlaneConfig(t *testing.T) {
	t.Parallel()
	good := planeConfig("memory:", "https://cp.example")
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*connector.DataPlaneConfig){
		"inbound is missing":         func(c *connector.DataPlaneConfig) { c.ControlPlanes[0].Inbound = "" },
		"there is no control plane":  func(c *connector.DataPlaneConfig) { c.Participants[0].ControlPlane = "none" },
		"must be a loopback address": func(c *connector.DataPlaneConfig) { c.Data.Listen = "0.0.0.0:1" },
		"write a slug":               func(c *connector.DataPlaneConfig) { c.Participants[0].Context = "A B" },
		"id is missing":              func(c *connector.DataPlaneConfig) { c.Participants[0].ID = "" },
		"verdicts":                   func(c *connector.DataPlaneConfig) { c.ControlPlanes[0].Verdicts = "perhaps" },
		"completes":                  func(c *connector.DataPlaneConfig) { c.Completes = "sometimes" },
		"type http with url": func(c *connector.DataPlaneConfig) {
			c.Datasets = []served.Dataset{{ID: "x", Source: served.Source{Type: "ftp"}}}
		},
		"is there twice": func(c *connector.DataPlaneConfig) { c.Datasets = []served.Dataset{{ID: "x"}, {ID: "x"}} },
		"participant is missing": func(c *connector.DataPlaneConfig) {
			c.Participants = append(c.Participants, served.Participant{Context: "maker", ID: "urn:example:maker", ControlPlane: "cp"})
			c.Datasets = []served.Dataset{{ID: "*", Participant: "maker"}, {ID: "x"}}
		},
		"there is no participant": func(c *connector.DataPlaneConfig) {
			c.Datasets = []served.Dataset{{ID: "x", Participant: "maker"}}
		},
		"\"x\" is there twice": func(c *connector.DataPlaneConfig) {
			c.Datasets = []served.Dataset{{ID: "x"}, {ID: "x", Participant: "supplier"}}
		},
		"store": func(c *connector.DataPlaneConfig) { c.Store = "x" },
	} {
		c := planeConfig("memory:", "https://cp.example")
		spoil(&c)
		if err := c.Validate(); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestDataPlanePassage: a source's rules are those of an asset, and a file of
// configuration that is not understood is refused.
func TestDataPlanePassage(t *testing.T) {
	t.Parallel()
	load := func(passage ...string) (connector.DataPlaneConfig, error) {
		file := filepath.Join(t.TempDir(), "plane.yaml")
		text := "datasets:\n  - id: x\n    source:\n      type: http\n      url: https://erp.example\n      headers: {X-Key: \"${ERP}\"}\n      " + strings.Join(passage, "\n      ") + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return connector.LoadDataPlane(file, func(name string) string { return map[string]string{"ERP": "hush-hush"}[name] })
	}
	cfg, err := load(`paths: [{path: /parts/*, methods: [GET, POST]}]`, `query: [since]`, `passErrors: true`, `renew: true`)
	if err != nil {
		t.Fatal(err)
	}
	p := cfg.Datasets[0].Source.Passage
	if len(p.Paths) != 1 || p.Paths[0].Path != "/parts/*" || len(p.Paths[0].Methods) != 2 || len(p.Query) != 1 || !p.PassErrors || !p.Renew {
		t.Errorf("%+v", p)
	}
	for _, passage := range []string{`pathes: []`, `paths: [{path: parts}]`, `paths: [{path: /, methods: [CONNECT]}]`, `rate: -1`} {
		if _, err := load(passage); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("%s: %v", passage, err)
		}
	}
	if text := fmt.Sprintf("%v %+v", cfg, cfg); strings.Contains(text, "hush-hush") {
		t.Error("the configuration prints a secret")
	}
}
