// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector"
)

// dpServe serves a data plane with a control plane for each kit, as `musubi
// dataplane serve` would, and tells the kits where it is.
func dpServe(t *testing.T, kits map[string]*dpKit) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plane.yaml")
	if err := os.WriteFile(file, []byte(dpConfig(kits)), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := connector.LoadDataPlane(file, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	p, err := connector.NewDataPlane(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, address := p.Addresses()
	for _, k := range kits {
		k.plane = "http://" + address
	}
}

// dpConfig is the file.
func dpConfig(kits map[string]*dpKit) string {
	var controls, participants strings.Builder
	for id, k := range kits {
		slug := strings.ToLower(strings.ReplaceAll(id, "_", "-"))
		k.shown, k.participant = "dummy-authorization-"+slug, "did:web:plane.example:"+slug
		switch {
		case strings.Contains(id, "HTTP"):
			k.profile, k.counter = "https://w3id.org/dspace-sig/profile/http-pull", k.newDID()
		case strings.Contains(id, "PUSH"):
			k.profile = "http-push"
		default:
			k.profile = "http-pull"
		}
		fmt.Fprintf(&controls, "  - {id: %q, signaling: %q, inbound: %q}\n", id, k.url, k.shown)
		fmt.Fprintf(&participants, "  - {context: %q, id: %q, controlPlane: %q}\n", slug, k.participant, id)
	}
	return `
store: "memory:"
devMode: true
data: {listen: "127.0.0.1:0"}
signaling: {listen: "127.0.0.1:0"}
completes: whenDone
datasets:
  - id: "*"
  - {id: async, async: true}
controlPlanes:
` + controls.String() + "participants:\n" + participants.String()
}
