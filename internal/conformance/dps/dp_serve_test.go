// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/conformance/dps"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// dpServe serves a data plane with a control plane for each kit, as `musubi
// dataplane serve` would, and tells the kits where it is.
func dpServe(t *testing.T, kits map[string]*dpKit) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plane.yaml")
	if err := os.WriteFile(file, []byte(dpConfig(t, kits)), 0o600); err != nil {
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
func dpConfig(t *testing.T, kits map[string]*dpKit) string {
	t.Helper()
	var controls, participants, datasets strings.Builder
	for id, k := range kits {
		slug := strings.ToLower(strings.ReplaceAll(id, "_", "-"))
		k.shown, k.participant = "dummy-authorization-"+slug, "did:web:plane.example:"+slug
		k.plays(id)
		fmt.Fprintf(&controls, "  - {id: %q, signaling: %q, inbound: %q}\n", id, k.url, k.shown)
		fmt.Fprintf(&participants, "  - {context: %q, id: %q, controlPlane: %q}\n", slug, k.participant, id)
		fmt.Fprintf(&datasets, "  - {id: \"*\", participant: %q}\n  - {id: async, participant: %q, async: true}\n", slug, slug)
	}
	return `
store: "memory:"
devMode: true
data: {listen: "127.0.0.1:0"}
signaling: {listen: "127.0.0.1:0"}
completes: whenDone
receive: {dir: ` + strconv.Quote(filepath.Join(t.TempDir(), "received")) + `}
datasets:
` + datasets.String() + "controlPlanes:\n" + controls.String() + "participants:\n" + participants.String()
}

// plays sets what the kit says in one of its tests.
func (k *dpKit) plays(id string) {
	k.counter, k.profile, k.dataset = "tck-counterparty", "http-pull", uuid()
	switch {
	case strings.Contains(id, "HTTP"):
		k.profile = "https://w3id.org/dspace-sig/profile/http-pull"
		k.counter = k.newDID()
	case strings.Contains(id, "PUSH"):
		k.profile = "http-push"
	}
	if slices.Contains(dps.AsyncTests, id) {
		k.dataset = dps.AsyncDataset
	}
}

// TestProgram: the same as TestOneDataPlane, of `musubi dataplane serve` itself:
// what an earlier test has left goes on beside the next one.
func TestProgram(t *testing.T) {
	if !testkit.Full() {
		t.Skip("it builds the program and takes ten seconds; set MUSUBI_FULL=1")
	}
	k := newDPKit(t)
	did, err := dps.KitDID(k.url)
	if err != nil {
		t.Fatal(err)
	}
	signaling := testkit.FreeAddress(t)
	serveProgram(t, signaling, fmt.Sprintf(`
store: %q
devMode: true
logLevel: warn
data: {listen: "127.0.0.1:0"}
signaling: {listen: %q}
completes: whenDone
receive: {dir: %q}
controlPlanes:
  - {id: tck, signaling: %q, inbound: %q}
participants:
  - {context: tck, id: %q, controlPlane: tck}
datasets:
  - id: "*"
  - {id: %q, async: true}
`, "sqlite:"+filepath.Join(t.TempDir(), "plane.db"), signaling, t.TempDir(), k.url, dps.PlaneAuthorization, dps.PlaneParticipant, dps.AsyncDataset))
	k.plane, k.shown, k.participant = "http://"+signaling, dps.PlaneAuthorization, dps.PlaneParticipant
	for _, c := range slices.Concat(dpCases, dpHTTPCases) {
		t.Run(c.id, func(t *testing.T) {
			k.t = t
			k.mu.Lock()
			clear(k.handlers)
			k.mu.Unlock()
			k.plays(c.id)
			if k.counter = k.newDID(); k.counter != did {
				t.Fatal(k.counter, did)
			}
			c.run(k)
		})
	}
}

// serveProgram runs `musubi dataplane serve` until the test ends.
func serveProgram(t *testing.T, signaling, config string) {
	t.Helper()
	dir := t.TempDir()
	binary, file := filepath.Join(dir, "musubi"), filepath.Join(dir, "plane.yaml")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/musubi")
	build.Dir = testkit.ModuleRoot(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "dataplane", "serve", "-config", file)
	program.Stderr = os.Stderr
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Signal(os.Interrupt)
		if err := program.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
	})
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(limit, http.MethodGet, "http://"+signaling+"/readyz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-limit.Done():
			t.Fatal("the program does not serve")
		}
	}
}
