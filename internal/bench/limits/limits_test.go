// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	l, err := Measure(t.Context(), dir, 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for name, rate := range map[string]float64{
		"commits": l.Commits, "grouped": l.Grouped, "requests": l.Requests, "ES256": l.ES256, "EdDSA": l.EdDSA,
	} {
		if rate <= 0 {
			t.Errorf("%s: %f a second", name, rate)
		}
	}
	if text := l.String(); strings.Count(text, "limit-") != 5 || strings.Count(text, "\n") != 5 {
		t.Errorf("not a line for each:\n%s", text)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left in the folder: %v", left, err)
	}
}

func TestNotMeasured(t *testing.T) {
	if _, err := Measure(t.Context(), filepath.Join(t.TempDir(), "absent"), time.Millisecond); err == nil || !strings.Contains(err.Error(), "measuring commits") {
		t.Errorf("a folder that does not exist: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(ended, t.TempDir(), time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that has ended: %v", err)
	}
	wrong := errors.New("wrong")
	if _, err := rate(t.Context(), 3, time.Hour, func(context.Context, int) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("what fails: %v", err)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ units, limit, want float64 }{{5, 20, 25}, {1, 0, 0}} {
		if got := Share(c.units, c.limit); got != c.want {
			t.Errorf("%v of %v is %v %%, want %v", c.units, c.limit, got, c.want)
		}
	}
}
