// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// A place that an earlier run has left its databases in is good for another:
// what is there is moved aside, byte for byte.
func TestKeepTwice(t *testing.T) {
	home := t.TempDir()
	args := []string{"-data", "tutorial", "-refused=false", "-keep", home}
	if out := play(t, args...); strings.Contains(out, "earlier") {
		t.Errorf("the first run speaks of an earlier one:\n%s", out)
	}
	notes := filepath.Join(home, "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for run, aside := range []string{"_earlier-1", "_earlier-2"} {
		before, err := os.ReadFile(filepath.Join(home, "a", dataspace.Database))
		if err != nil {
			t.Fatal(err)
		}
		out := play(t, args...)
		if !strings.Contains(out, "(new)") || !strings.Contains(out, "Agreements: 1.") || !strings.Contains(out, filepath.Join(home, aside)) {
			t.Errorf("run %d:\n%s", run+2, out)
		}
		for _, folder := range []string{"a", "b", dataspace.RegistrarFolder} {
			if _, err := os.Stat(filepath.Join(home, folder, dataspace.Database)); err != nil {
				t.Error(err)
			}
		}
		after, err := os.ReadFile(filepath.Join(home, aside, "a", dataspace.Database))
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("what run %d left is not as it was: %v", run+1, err)
		}
	}
	if text, err := os.ReadFile(notes); err != nil || string(text) != "mine" {
		t.Errorf("another's file: %q, %v", text, err)
	}
}

// A what-if of a supplier that is out of reach is not tried; one that does not
// get past such a supplier says so.
func TestWhatIfCutOff(t *testing.T) {
	out := play(t, "-down", "precursor", "-refused=false")
	if !strings.Contains(out, "What if precursor had other numbers? It is out of reach") || strings.Contains(out, "5.6") {
		t.Errorf("it says\n%s", out)
	}
	out = play(t, "-down", "cathode", "-refused=false")
	_, after, _ := strings.Cut(out, "What if precursor")
	if !strings.Contains(after, "cell could not ask cathode, which is out of reach.\n  So oem learns nothing of it.\n") ||
		strings.Contains(after, "kgCO2e\n") || strings.Contains(after, "total, ") {
		t.Errorf("it says\n%s", after)
	}
}
