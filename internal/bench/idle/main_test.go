// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	if err := report("within", 20, "MB", 20); err != nil {
		t.Errorf("20 of 20: %v", err)
	}
	if err := report("over", 20.01, "MB", 20); !errors.Is(err, errOver) {
		t.Errorf("20.01 of 20: %v, want %v", err, errOver)
	}
}

func TestAwait(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	if err := await(t.Context(), server.URL, nil); err != nil || calls != 3 {
		t.Errorf("after %d calls: %v, want success at the third", calls, err)
	}
	server.Close()
	ended := make(chan struct{})
	close(ended)
	if err := await(t.Context(), server.URL, ended); err == nil {
		t.Error("a server that has ended counts as ready")
	}
}

func TestPrepare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	config, management, err := prepare(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(config)
	if err != nil || !strings.Contains(string(text), `"`+management+`"`) {
		t.Errorf("the configuration does not name %s: %v\n%s", management, err, text)
	}
}
