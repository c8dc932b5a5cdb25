// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
)

// FuzzDecode reads any text as a configuration. It never panics, and what the
// environment holds is in no error and not in what a printed Secret shows.
func FuzzDecode(f *testing.F) {
	f.Add("store: sqlite:x.db\nmanagement: {apiKeys: ['${A}']}\n")
	f.Add("participants: [{context: a, id: b, peers: [{id: c, url: 'http://d', inbound: '${A}', outbound: x}]}]\nlease: 3s\n")
	f.Add("egress: {timeout: '${A}'}\n")
	f.Add("a: &a [*a]\n")
	f.Add("---\n---\n")
	f.Add("\xff\xfe\x00")
	const secret = "hunter2-hunter2"
	f.Fuzz(func(t *testing.T, text string) {
		cfg := Default()
		err := decode([]byte(text), func(string) string { return secret }, &cfg)
		if err != nil {
			if strings.Contains(err.Error(), secret) && !strings.Contains(text, secret) {
				t.Fatalf("the error tells a secret: %v", err)
			}
			return
		}
		for _, k := range cfg.Management.APIKeys {
			if got := fmt.Sprintf("%v %#v %d", k, k, k); got != hidden+" "+hidden+" "+hidden {
				t.Fatalf("it prints as %s", got)
			}
		}
		_ = cfg.Validate()
		_ = fmt.Sprintf("%+v", cfg)
	})
}

// TestDecodeNamesThePage: where the members are described that can be written.
func TestDecodeNamesThePage(t *testing.T) {
	for page, cfg := range map[string]any{"docs/configuration.md": new(Config), "docs/data-planes.md": new(DataPlaneConfig)} {
		err := decode([]byte("stroe: x\n"), func(string) string { return "" }, cfg)
		if err == nil || !strings.Contains(err.Error(), `no member "stroe"; `+page) {
			t.Errorf("%T: %v, want %s", cfg, err, page)
		}
	}
}

// TestRefusedRegistration: what to do is said, and what was answered is not lost.
func TestRefusedRegistration(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusUnauthorized:        "answered 401; controlPlanes: alpha: outbound",
		http.StatusNotFound:            "answered 404; controlPlanes: alpha: signaling",
		http.StatusConflict:            "answered 409; controlPlanes: alpha: another data plane",
		http.StatusInternalServerError: "answered 500",
	} {
		err := refusedRegistration(served.ControlPlane{ID: "alpha", Outbound: "hunter2"}, status)
		answered, ok := errors.AsType[*signaling.StatusError](err)
		if !ok || answered.Status != status || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%d: %v, want %q", status, err, want)
		}
	}
}

// TestStrangers: a slip in the name of a participant is told at the start.
func TestStrangers(t *testing.T) {
	var c Config
	text := "dataplanes:\n  - {id: a, participant: acme}\n  - {id: b, participant: acne}\n  - {id: c}\n" +
		"signaling: {registration: [{key: k}, {key: k, participant: amce}]}\n"
	if err := decode([]byte(text), func(string) string { return "" }, &c); err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"dataplanes: b", "acne"}, {"signaling.registration: number 2", "amce"}}
	if got := c.strangers([]trust.Participant{{Context: "acme"}}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
