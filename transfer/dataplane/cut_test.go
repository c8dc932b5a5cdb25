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

// slowly is a source that writes a piece whenever it is told to, and one body
// of it.
type slowly struct {
	*bench
	more   chan string
	ended  chan struct{} // the source's part of it
	stream io.ReadCloser
}

// slow makes such a source that of the bench.
func slow(b *bench) *slowly {
	s := &slowly{bench: b, more: make(chan string), ended: make(chan struct{})}
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		defer close(s.ended)
		for {
			select {
			case piece, ok := <-s.more:
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
	return s
}

// begins starts the transfer t1 and asks for its body, of which "first" comes.
func (s *slowly) begins() *slowly {
	s.t.Helper()
	a := s.start("t1", "g1")
	return s.asked(func() (io.ReadCloser, error) {
		d, err := s.fetch(a, dataplane.Query{})
		if err != nil {
			return nil, err
		}
		return d.Body, nil
	})
}

// asked is begins by somebody who asks in another way.
func (s *slowly) asked(ask func() (io.ReadCloser, error)) *slowly {
	s.t.Helper()
	go func() { s.more <- "first" }()
	body, err := ask()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = body.Close() })
	s.stream = body
	readPiece(s.t, body, "first")
	return s
}

// isCut fails unless the source is let go, and the rest of the body is nothing
// but an error.
func (s *slowly) isCut() {
	s.t.Helper()
	<-s.ended
	aborted(s.t, s.stream)
}

func readPiece(t testing.TB, body io.Reader, want string) {
	t.Helper()
	piece := make([]byte, len(want))
	if _, err := io.ReadFull(body, piece); err != nil || string(piece) != want {
		t.Fatalf("%q %v", piece, err)
	}
}

// aborted fails unless the rest is nothing but an error.
func aborted(t testing.TB, body io.Reader) {
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
		s := slow(newBench(t)).begins()
		s.set("t1", why, true)
		s.isCut()
	}
}

// TestCutBySecond: a commit that nobody told of is found within a second.
func TestCutBySecond(t *testing.T) {
	s := slow(newBench(t)).begins()
	(<-s.timers) <- time.Time{} // a second without a change
	s.more <- "second"
	readPiece(t, s.stream, "second")
	s.set("t1", transfer.ErrSuspended, false)
	(<-s.timers) <- time.Time{}
	s.isCut()
}

// TestCutByResumption: a new grant cuts a body that began under the old one.
func TestCutByResumption(t *testing.T) {
	s := slow(newBench(t)).begins()
	s.start("t1", "g2")
	s.set("t1", nil, true)
	s.isCut()
}

// TestCutByCounting: a body of which no byte is counted does not run on once
// bytes have to be, nor one that is counted once they need not be.
func TestCutByCounting(t *testing.T) {
	for _, limits := range [][2]int64{{0, 1 << 30}, {1 << 30, 0}} {
		b := newBench(t)
		b.limit = limits[0]
		s := slow(b).begins()
		b.mu.Lock()
		b.limit = limits[1]
		b.mu.Unlock()
		b.set("t1", nil, true)
		s.isCut()
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
	s := slow(newBench(t))
	a := s.start("t1", "g1")
	go func() { s.more <- "all"; close(s.more) }()
	if got := s.body(a, dataplane.Query{}); got != "all" {
		t.Errorf("%q", got)
	}
	<-s.ended
}
