// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// sends begins an upload to t1 that has no end.
func (b *bench) sends(method, first string) (*http.Response, io.Writer, error) {
	b.t.Helper()
	b.source.Rules = []dataplane.Rule{{Path: "/", Methods: []string{method}}}
	out, in := io.Pipe()
	b.t.Cleanup(func() { _ = in.Close() })
	go func() { _, _ = io.WriteString(in, first) }()
	resp, err := b.clients.Foreign.Stream(b.request(b.start("t1", "g1"), method, out))
	return resp, in, err
}

// TestUpload: a body of the consumer's goes to the source piece by piece, and
// the answer may begin before it ends.
func TestUpload(t *testing.T) {
	b := newBench(t)
	arrived := make(chan string)
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(http.StatusCreated)
		_ = http.NewResponseController(w).Flush()
		piece := make([]byte, 5)
		for {
			n, err := io.ReadFull(r.Body, piece)
			if err != nil {
				return
			}
			arrived <- string(piece[:n])
			_, _ = w.Write(bytes.ToUpper(piece[:n]))
			_ = http.NewResponseController(w).Flush()
		}
	})
	resp, in, err := b.sends(http.MethodPost, "first")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := <-arrived; got != "first" || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%q %d", got, resp.StatusCode)
	}
	readPiece(t, resp.Body, "FIRST")
	go func() { _, _ = io.WriteString(in, "again") }()
	<-arrived
	readPiece(t, resp.Body, "AGAIN")
	b.set("t1", transfer.ErrSuspended, true) // cuts both directions
	aborted(t, resp.Body)
}

// TestUploadIsCut: an upload that the source only reads is cut as well, and
// the consumer learns why.
func TestUploadIsCut(t *testing.T) {
	b := newBench(t)
	begun, ended := make(chan struct{}), make(chan error, 1)
	b.serve(func(_ http.ResponseWriter, r *http.Request) {
		one := make([]byte, 1)
		_, _ = io.ReadFull(r.Body, one)
		close(begun)
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	})
	go func() { <-begun; b.set("t1", transfer.ErrEnded, true) }()
	resp, _, err := b.sends(http.MethodPut, "x")
	if err == nil {
		defer resp.Body.Close()
		if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusForbidden || !strings.Contains(string(raw), "transfer-ended") {
			t.Errorf("%d %s", resp.StatusCode, raw)
		}
	}
	if err := <-ended; err == nil {
		t.Error("the source took what came for the whole")
	}
}
