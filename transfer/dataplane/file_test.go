// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

func TestFileSource(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	inside := filepath.Join(dir, "inside")
	for name, content := range map[string]string{"outside.json": "outside", "inside/data.json": `{"co2":1}`, "inside/sub/x.csv": "x"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := b.start("t1", "g1")
	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: filepath.Join(inside, "data.json")}
	d, err := b.fetch(a, dataplane.Query{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(d.Body)
	d.Body.Close()
	if err != nil || string(raw) != `{"co2":1}` || d.ContentType != "application/json" || d.Length != 9 || d.Partial {
		t.Errorf("%q %+v %v", raw, d, err)
	}
	if got := b.body(a, dataplane.Query{Range: "bytes=2-4"}); got != "co2" {
		t.Errorf("range: %q", got)
	}
	b.refused(a, dataplane.Query{Path: []string{"sub", "x.csv"}}, 404, "path-not-found")

	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: inside, SubPaths: true, ContentType: "text/x-test"}
	b.later()
	if got := b.body(a, dataplane.Query{Path: []string{"sub", "x.csv"}}); got != "x" {
		t.Errorf("below a folder: %q", got)
	}
	b.refused(a, dataplane.Query{}, 404, "path-not-found")
	b.refused(a, dataplane.Query{Path: []string{"sub"}}, 404, "path-not-found")
	b.refused(a, dataplane.Query{Path: []string{"none"}}, 404, "path-not-found")

	if err := os.Symlink(filepath.Join(dir, "outside.json"), filepath.Join(inside, "link.json")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	b.refused(a, dataplane.Query{Path: []string{"link.json"}}, 404, "path-not-found")
	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: filepath.Join(inside, "link.json")}
	b.later()
	b.refused(a, dataplane.Query{}, 404, "source-missing")
	b.source.Path = filepath.Join(dir, "gone", "data.json")
	b.later()
	b.refused(a, dataplane.Query{}, 502, "source-failed")
}

func TestVerbs(t *testing.T) {
	b := newBench(t)
	b.start("t1", "g1")
	ctx, f := context.Background(), transfer.Flow{Context: "prov", Process: "t1", Format: dataplane.Format}
	if s, err := b.plane.Prepare(ctx, f); err != nil || s.State != transfer.FlowPrepared || s.DataAddress != nil {
		t.Errorf("prepare: %+v %v", s, err)
	}
	for err, want := range map[error]transfer.FlowState{
		nil: transfer.FlowStarted, transfer.ErrNotStarted: transfer.FlowPrepared, transfer.ErrSuspended: transfer.FlowSuspended,
		transfer.ErrEnded: transfer.FlowTerminated, transfer.ErrAgreementEnded: transfer.FlowTerminated,
	} {
		b.set("t1", err, true)
		if s, err := b.plane.Status(ctx, f); err != nil || s.State != want {
			t.Errorf("status %v %v, want %s", s, err, want)
		}
	}
	b.set("t1", errors.New("away"), true)
	if _, err := b.plane.Status(ctx, f); err == nil {
		t.Error("a status out of nothing")
	}
	if _, err := b.plane.Start(ctx, transfer.Flow{Format: "HttpData-PUSH"}); err == nil || !strings.Contains(err.Error(), "format-unsupported") {
		t.Errorf("a push: %v", err)
	}
	if errors.Join(b.plane.Suspend(ctx, f), b.plane.Complete(ctx, f), b.plane.Terminate(ctx, f)) != nil {
		t.Error("the verbs without an effect failed")
	}
}
