// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
)

// TestMovementsOutliveThePlane: what was moved while the control plane was down
// is told by the next process on the same store.
func TestMovementsOutliveThePlane(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "seat.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var up atomic.Bool
	refused := make(chan string, 100)
	control := &reports{heard: map[string]string{}, came: make(chan string, 100)}
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case !strings.HasSuffix(r.URL.Path, "/movements"):
			http.NotFound(w, r) // it gives no verdicts
		case !up.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
			refused <- r.URL.RawQuery
		default:
			control.mu.Lock()
			control.heard[r.URL.Path] += r.URL.RawQuery + string(body)
			control.mu.Unlock()
			control.came <- r.URL.Path
		}
	}))
	cfg := planeConfig("sqlite:"+filepath.Join(dir, "plane.db"), url, served.Dataset{
		ID: dataset, Source: served.Source{Type: "file", Path: file},
	})
	first, plane := startPlane(t, cfg)
	f := flowOf(t, call(t, "POST", plane+"/dataflows/start", planeShown, planeAsk("p", dataset)))
	if got := call(t, "GET", f.DataAddress.Endpoint, "Bearer "+f.token(), ""); got.status != 200 {
		t.Fatal(got.status, got.body)
	}
	var batch string
	select {
	case batch = <-refused:
	case <-time.After(patience):
		t.Fatal("the control plane is not told")
	}
	stopPlane(t, first)
	up.Store(true)
	startPlane(t, cfg)
	control.awaits(t, "/transfers/p/movements", `"bytes":4`)
	control.mu.Lock()
	defer control.mu.Unlock()
	if heard := control.heard["/transfers/p/movements"]; !strings.HasPrefix(heard, batch) {
		t.Errorf("told as %s, first as %s", heard, batch)
	}
}
