// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/connector/served"
)

// TestDataPlaneHearsOfVerdicts: a control plane that answers the registration
// with the word that it gives verdicts, and then a 404 to each question, has
// nothing sent. One that says nothing rules by its signals.
func TestDataPlaneHearsOfVerdicts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "seat.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		says string
		want int
	}{
		"it gives them": {`{"verdicts":true}`, http.StatusServiceUnavailable}, "it says nothing": {``, http.StatusOK}, "it says something else": {`"ok"`, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			registered := make(chan struct{}, 10)
			control := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/dataplanes" {
					http.NotFound(w, r)
					return
				}
				_, _ = io.WriteString(w, c.says)
				registered <- struct{}{}
			}))
			cfg := planeConfig("memory:", control, served.Dataset{ID: dataset, Source: served.Source{Type: "file", Path: file}})
			cfg.ControlPlanes[0].Register = true
			p, plane := startPlane(t, cfg)
			f := flowOf(t, call(t, "POST", plane+"/dataflows/start", planeShown, planeAsk("p", dataset)))
			limit, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			select {
			case <-registered:
			case <-limit.Done():
				t.Fatal("the plane did not register")
			}
			if err := p.Announce(t.Context()); err != nil { // once more: now the answer was read
				t.Fatal(err)
			}
			if got := call(t, "GET", f.DataAddress.Endpoint, "Bearer "+f.token(), "").status; got != c.want {
				t.Errorf("the data: %d, want %d", got, c.want)
			}
		})
	}
}
