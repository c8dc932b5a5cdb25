// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
)

// TestDataPlaneApplications: an application gets the data of a pull from its own
// participant's data plane, with a key of that participant and no token.
func TestDataPlaneApplications(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "seat.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	control := serve(t, http.NotFoundHandler())
	_, provider := startPlane(t, planeConfig("memory:", control, served.Dataset{ID: dataset, Source: served.Source{Type: "file", Path: file}}))
	var started struct{ DataAddress json.RawMessage }
	if a := call(t, "POST", provider+"/dataflows/start", planeShown, planeAsk("p", dataset)); json.Unmarshal([]byte(a.body), &started) != nil || a.status != 200 {
		t.Fatal(a.status, a.body)
	}

	cfg := planeConfig("memory:", control)
	cfg.Participants = []served.Participant{
		{Context: "maker", ID: "urn:example:maker", ControlPlane: "cp"}, {Context: "other", ID: "urn:example:other", ControlPlane: "cp"},
	}
	cfg.Applications.Listen = "127.0.0.1:0"
	cfg.Applications.Keys = []served.Application{{Key: "key-of-the-maker", Participant: "maker"}, {Key: "key-of-the-other", Participant: "other"}, {Key: "key-of-everybody"}}
	p, consumer := startPlane(t, cfg)
	post := func(path, body string) {
		t.Helper()
		if a := call(t, "POST", consumer+"/dataflows/"+path, planeShown, body); a.status != 200 {
			t.Fatal(path, a.status, a.body)
		}
	}
	app := "http://" + p.ApplicationsAddress()
	asks := func(when string, list map[string]string) {
		t.Helper()
		for ask, want := range list {
			key, path, _ := strings.Cut(ask, " ")
			a := call(t, "GET", app+path, "Bearer "+key, "")
			if got := a.body; a.status == 200 && got != want || a.status != 200 && !strings.Contains(got, `"`+want+`"`) {
				t.Errorf("%s, %s: %d %s, want %s", when, ask, a.status, got, want)
			}
			if a.status == http.StatusOK && a.header.Get("X-Trackingid") == "" || strings.Contains(a.body, "eyJ") {
				t.Errorf("%s, %s: %v", when, ask, a.header)
			}
		}
	}
	post("prepare", strings.NewReplacer("urn:example:supplier", "urn:example:maker", "urn:example:maker", "urn:example:supplier").Replace(planeAsk("p", dataset)))
	asks("before the start", map[string]string{"key-of-the-maker /maker/pull/p": "no-address"})
	post("p/started", `{"messageId":"m2","dataAddress":`+string(started.DataAddress)+`}`)
	asks("while it runs", map[string]string{
		"key-of-the-maker /maker/pull/p": "a,b\n", "key-of-the-maker /maker/pull/p/": "a,b\n", "key-of-everybody /maker/pull/p": "a,b\n",
		"key-of-the-other /maker/pull/p": "key-missing", "nobody's /maker/pull/p": "key-missing", "key-of-the-maker /none/pull/p": "key-missing",
		"key-of-the-maker /maker/pull/q": "transfer-unknown", "key-of-the-other /other/pull/p": "transfer-unknown", "key-of-everybody /none/pull/p": "participant-unknown",
		"key-of-the-maker /maker/pull/p/below": "path-not-found", "key-of-the-maker /maker/data/p": "no-route",
	})
	post("p/suspend", `{"messageId":"m3"}`)
	asks("suspended", map[string]string{"key-of-the-maker /maker/pull/p": "no-address"})
	if a := call(t, "GET", app+"/healthz", "", ""); a.status != http.StatusOK {
		t.Error(a.status)
	}
	if a := call(t, "GET", provider+"/maker/pull/p", "Bearer key-of-the-maker", ""); a.status != http.StatusNotFound {
		t.Errorf("at the listener of control planes: %d %s", a.status, a.body)
	}
}

// TestDataPlaneWithoutApplications: their listener alone may be left out, or be
// written as none, which needs no key.
func TestDataPlaneWithoutApplications(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"", "-"} {
		cfg := planeConfig("memory:", "https://cp.example")
		cfg.Applications.Listen = listen
		p, _ := startPlane(t, cfg)
		if data, signaling := p.Addresses(); p.ApplicationsAddress() != "" || data == "" || signaling == "" {
			t.Errorf("%q: it listens at %q, %q and %q", listen, p.ApplicationsAddress(), data, signaling)
		}
		for name, spoil := range map[string]func(*connector.DataPlaneConfig){
			"data.listen":      func(c *connector.DataPlaneConfig) { c.Data.Listen = "" },
			"signaling.listen": func(c *connector.DataPlaneConfig) { c.Signaling.Listen = "" },
		} {
			c := cfg
			spoil(&c)
			if err := c.Validate(); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: %v", name, err)
			}
		}
	}
}

// TestDataPlaneApplicationsConfig: what cannot work is said.
func TestDataPlaneApplicationsConfig(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*connector.DataPlaneConfig){
		"is shorter":                 func(c *connector.DataPlaneConfig) { c.Applications.Keys[0].Key = "short" },
		"there is no participant":    func(c *connector.DataPlaneConfig) { c.Applications.Keys[0].Participant = "none" },
		"applications.keys is":       func(c *connector.DataPlaneConfig) { c.Applications.Keys = nil },
		"applications.listen is":     func(c *connector.DataPlaneConfig) { c.Applications.Listen = "" },
		"must be a loopback address": func(c *connector.DataPlaneConfig) { c.Applications.Listen = "0.0.0.0:1" },
	} {
		c := planeConfig("memory:", "https://cp.example")
		c.Applications.Listen, c.Applications.Keys = "127.0.0.1:0", []served.Application{{Key: "key-of-the-supplier", Participant: "supplier"}}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		spoil(&c)
		if err := c.Validate(); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
