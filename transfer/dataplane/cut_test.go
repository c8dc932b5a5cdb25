// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// slow is a source that writes a piece whenever it is told to.
func slow(b *bench) (more chan string, ended chan struct{}) {
	more, ended = make(chan string), make(chan struct{})
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for {
			select {
			case piece, ok := <-more:
				if !ok {
					return
				}
				_, _ = io.WriteString(w, piece)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	return more, ended
}

func readPiece(t *testing.T, body io.Reader, want string) {
	t.Helper()
	piece := make([]byte, len(want))
	if _, err := io.ReadFull(body, piece); err != nil || string(piece) != want {
		t.Fatalf("%q %v", piece, err)
	}
}

// aborted fails unless the rest is nothing but an error.
func aborted(t *testing.T, body io.Reader) {
	t.Helper()
	rest, err := io.ReadAll(body)
	if err == nil || len(rest) > 0 {
		t.Errorf("after the cut: %q and %v, want no byte and an error", rest, err)
	}
}

// TestCutByCommit: the commit of a suspension cuts a body that waits for its
// source, and lets the source go.
func TestCutByCommit(t *testing.T) {
	for _, why := range []error{transfer.ErrSuspended, transfer.ErrEnded, transfer.ErrAgreementEnded} {
		b := newBench(t)
		more, ended := slow(b)
		a := b.start("t1", "g1")
		go func() { more <- "first" }()
		d, err := b.fetch(a, dataplane.Query{})
		if err != nil {
			t.Fatal(err)
		}
		readPiece(t, d.Body, "first")
		b.set("t1", why, true)
		<-ended
		aborted(t, d.Body)
		d.Body.Close()
	}
}

// TestCutBySecond: a commit that nobody told of is found within a second.
func TestCutBySecond(t *testing.T) {
	b := newBench(t)
	more, ended := slow(b)
	a := b.start("t1", "g1")
	go func() { more <- "first" }()
	d, err := b.fetch(a, dataplane.Query{})
	if err != nil {
		t.Fatal(err)
	}
	readPiece(t, d.Body, "first")
	(<-b.timers) <- time.Time{} // a second without a change
	more <- "second"
	readPiece(t, d.Body, "second")
	b.set("t1", transfer.ErrSuspended, false)
	(<-b.timers) <- time.Time{}
	<-ended
	aborted(t, d.Body)
	d.Body.Close()
}

// TestCutByResumption: a new grant cuts a body that began under the old one.
func TestCutByResumption(t *testing.T) {
	b := newBench(t)
	more, ended := slow(b)
	a := b.start("t1", "g1")
	go func() { more <- "first" }()
	d, err := b.fetch(a, dataplane.Query{})
	if err != nil {
		t.Fatal(err)
	}
	readPiece(t, d.Body, "first")
	b.start("t1", "g2")
	b.set("t1", nil, true)
	<-ended
	aborted(t, d.Body)
	d.Body.Close()
}

// TestCutByCounting: a body of which no byte is counted does not run on once
// bytes have to be, nor one that is counted once they need not be.
func TestCutByCounting(t *testing.T) {
	for _, limits := range [][2]int64{{0, 1 << 30}, {1 << 30, 0}} {
		b := newBench(t)
		more, ended := slow(b)
		b.limit = limits[0]
		a := b.start("t1", "g1")
		go func() { more <- "first" }()
		d, err := b.fetch(a, dataplane.Query{})
		if err != nil {
			t.Fatal(err)
		}
		readPiece(t, d.Body, "first")
		b.mu.Lock()
		b.limit = limits[1]
		b.mu.Unlock()
		b.set("t1", nil, true)
		<-ended
		aborted(t, d.Body)
		d.Body.Close()
	}
}

// TestSourceBreaks: half of the source's data is not passed on as the whole.
func TestSourceBreaks(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	d, err := b.fetch(b.start("t1", "g1"), dataplane.Query{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Body.Close()
	if rest, err := io.ReadAll(d.Body); err == nil {
		t.Errorf("%q without an error", rest)
	}
}

// TestCutFile: also where the consumer does not read and the connection is
// full, and the length was announced.
func TestCutFile(t *testing.T) {
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "big.bin")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	const size = 256 << 20
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		t.Fatal(err)
	}
	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: file}
	d, err := b.fetch(b.start("t1", "g1"), dataplane.Query{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Body.Close()
	if d.Length != size {
		t.Fatalf("length %d", d.Length)
	}
	readPiece(t, d.Body, string(make([]byte, 1000)))
	b.set("t1", transfer.ErrEnded, true)
	n, err := io.Copy(io.Discard, d.Body)
	if err == nil || n >= size-1000 {
		t.Errorf("%d bytes more and %v", n, err)
	}
}

// TestNothingLeft: a body that ends by itself ends cleanly.
func TestNothingLeft(t *testing.T) {
	b := newBench(t)
	more, ended := slow(b)
	a := b.start("t1", "g1")
	go func() { more <- "all"; close(more) }()
	if got := b.body(a, dataplane.Query{}); got != "all" {
		t.Errorf("%q", got)
	}
	<-ended
}
