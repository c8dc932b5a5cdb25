// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// endless is a source that sends one megabyte a second until its caller goes.
type endless struct {
	url   string
	asked atomic.Int64 // requests
}

// secretOfSource is what the provider shows to its own source, and nobody else
// may ever see.
const secretOfSource = "hush-hush-hush"

func newEndless(t testing.TB) *endless {
	t.Helper()
	e := &endless{}
	piece := make([]byte, 50_000)
	for i := range piece {
		piece[i] = 'd'
	}
	e.url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.asked.Add(1)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			if _, err := w.Write(piece); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	}))
	return e
}

// flow is a body that is being read.
type flow struct {
	mu    sync.Mutex
	bytes int64
	marks []mileage
	err   error
	at    time.Time
	done  chan struct{}
}

// mileage is a number of bytes that somebody waits for.
type mileage struct {
	bytes int64
	fire  func()
}

// Write counts.
func (f *flow) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes += int64(len(p))
	for len(f.marks) > 0 && f.bytes >= f.marks[0].bytes {
		f.marks[0].fire()
		f.marks = f.marks[1:]
	}
	return len(p), nil
}

// flows begins to read a transfer's body.
func (n *node) flows(t testing.TB, id string) *flow {
	t.Helper()
	f, err := n.tryFlow(t, id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tryFlow is flows where the pull may be refused.
func (n *node) tryFlow(t testing.TB, id string) (*flow, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	body, err := n.Pull(ctx, id)
	if err != nil {
		cancel()
		return nil, err
	}
	f := &flow{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		_, err := io.Copy(f, body)
		f.at, f.err = time.Now(), err
		if err == nil {
			f.err = io.EOF
		}
		body.Close()
	}()
	t.Cleanup(func() { cancel(); <-f.done })
	return f, nil
}

// reaches waits for a number of bytes, and returns when they had come.
func (f *flow) reaches(t *testing.T, bytes int64) time.Time {
	t.Helper()
	came := make(chan time.Time, 1)
	f.mu.Lock()
	if f.bytes >= bytes {
		came <- time.Now()
	} else {
		f.marks = append(f.marks, mileage{bytes, func() { came <- time.Now() }})
	}
	f.mu.Unlock()
	limit, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	select {
	case at := <-came:
		return at
	case <-f.done:
		select {
		case at := <-came:
			return at
		default:
		}
		t.Fatalf("the body ended after %d bytes: %v", f.got(), f.err)
	case <-limit.Done():
		t.Fatalf("no more than %d bytes came", f.got())
	}
	return time.Time{}
}

func (f *flow) got() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes
}

// cut fails unless the body is aborted soon after a moment, and not before.
func (f *flow) cut(t *testing.T, cause time.Time, late *testkit.Lateness) time.Duration {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), cause.Add(patience))
	defer cancel()
	select {
	case <-f.done:
	case <-ctx.Done():
		t.Fatalf("the body goes on %v after its cause", patience)
	}
	took := f.at.Sub(cause)
	switch {
	case errors.Is(f.err, io.EOF) && !errors.Is(f.err, io.ErrUnexpectedEOF):
		t.Error("the body came to a clean end")
	case errors.Is(f.err, context.Canceled):
		t.Errorf("the body was not cut, but given up: %v", f.err)
	case took < -50*time.Millisecond:
		t.Errorf("the body was cut %v before its cause", -took)
	case took-late.Between(cause, f.at) > promise:
		t.Errorf("the body was cut %v after its cause, want no more than %v", took, promise)
	}
	return took
}
