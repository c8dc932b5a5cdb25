// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// sources are a file and an HTTP source with the same size bytes.
func (b *bench) sources(size int) map[string]dataplane.Source {
	b.t.Helper()
	data := bytes.Repeat([]byte("d"), size)
	file := filepath.Join(b.t.(interface{ TempDir() string }).TempDir(), "data.bin")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "data.bin", time.Time{}, bytes.NewReader(data))
	})
	return map[string]dataplane.Source{"file": {Type: dataplane.SourceFile, Path: file}, "http": b.source}
}

func (b *bench) used() int64 {
	b.t.Helper()
	u, err := b.meters.Usage(context.Background(), "prov", "agreement-1")
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Bytes
}

// drained reads what comes, and whether it ended well.
func (b *bench) drained(a transfer.DataAddress, q dataplane.Query) (n int64, clean bool, err error) {
	d, err := b.fetch(a, q)
	if err != nil {
		return 0, false, err
	}
	defer d.Body.Close()
	n, err = io.Copy(io.Discard, d.Body)
	return n, err == nil, nil
}

// settled waits until what was taken is given back: a body's end is told
// before its request is over.
func (b *bench) settled(want int64) {
	b.t.Helper()
	polls(b.t, func() bool { return b.used() == want })
	if used := b.used(); used != want {
		b.t.Fatalf("%d bytes are counted, want %d", used, want)
	}
}

// TestByteLimit: what comes is what is counted, and never more than the limit.
func TestByteLimit(t *testing.T) {
	const size = 300_000
	for name, tc := range map[string]struct {
		limit  int64
		method string
		span   string // of bytes; empty: all
		want   int64
		clean  bool
	}{
		"below the limit":        {limit: size + 1, want: size, clean: true},
		"at the limit":           {limit: size, want: size, clean: true},
		"one byte too many":      {limit: size - 1, want: size - 1},
		"no more than one":       {limit: 1, want: 1},
		"far from the limit":     {limit: 1 << 40, want: size, clean: true},
		"no limit, but counted":  {limit: -1, want: size, clean: true},
		"a range":                {limit: size, span: "bytes=1000-1999", want: 1000, clean: true},
		"a range that is cut":    {limit: 500, span: "bytes=1000-1999", want: 500},
		"the head alone":         {limit: size, method: http.MethodHead, want: 0, clean: true},
		"the head below a limit": {limit: 10, method: http.MethodHead, want: 0, clean: true},
	} {
		for _, kind := range []string{"file", "http"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				b := newBench(t)
				b.source = b.sources(size)[kind]
				b.limit = tc.limit
				a := b.start("t1", "g1")
				if tc.method == http.MethodHead {
					if got := b.head(a); got != http.StatusOK {
						t.Errorf("the head is %d", got)
					}
				} else {
					n, clean, err := b.drained(a, dataplane.Query{Range: tc.span})
					if n != tc.want || clean != tc.clean || err != nil {
						t.Errorf("%d bytes came, clean %t, want %d, %t: %v", n, clean, tc.want, tc.clean, err)
					}
				}
				b.settled(tc.want)
				if b.mu.Lock(); (b.wanted > 0) == tc.clean {
					t.Errorf("clean %t, and told of %d wanted bytes", tc.clean, b.wanted)
				}
				b.mu.Unlock()
			})
		}
	}
}

func (b *bench) head(a transfer.DataAddress) int {
	b.t.Helper()
	resp, err := b.clients.Foreign.Do(b.request(a, http.MethodHead, http.NoBody))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// TestUsedUp: when nothing is left the answer is a refusal, also of a head.
func TestUsedUp(t *testing.T) {
	for _, kind := range []string{"file", "http"} {
		b := newBench(t)
		b.source = b.sources(1000)[kind]
		b.limit = 1000
		a := b.start("t1", "g1")
		if n, clean, err := b.drained(a, dataplane.Query{}); n != 1000 || !clean || err != nil {
			t.Fatal(n, clean, err)
		}
		b.refused(a, dataplane.Query{}, http.StatusForbidden, "agreement-exhausted")
		if got := b.head(a); got != http.StatusForbidden {
			t.Errorf("%s: the head of what is used up is %d", kind, got)
		}
	}
}

// TestParallelBytes: bodies that run at the same time share what there is, to
// the last byte, and what one takes and leaves another one gets.
func TestParallelBytes(t *testing.T) {
	const size, readers = 2 << 20, 8
	for _, limit := range []int64{1, 4096, 100_000, size, size + 1, 3*size + 7, 20 << 20} {
		t.Run(strconv.FormatInt(limit, 10), func(t *testing.T) {
			b := newBench(t)
			b.source = b.sources(size)["file"]
			b.limit = limit
			a := b.start("t1", "g1")
			var total atomic.Int64
			var all sync.WaitGroup
			for range readers {
				all.Go(func() {
					n, _, _ := b.drained(a, dataplane.Query{}) // or it is refused
					total.Add(n)
				})
			}
			all.Wait()
			want := min(limit, readers*size)
			b.settled(want)
			if total.Load() != want {
				t.Errorf("%d bytes came, want %d", total.Load(), want)
			}
		})
	}
}

// TestBytesNotNeeded: a body takes no more than it is long, so that another one
// gets all that is left while the first waits for its source.
func TestBytesNotNeeded(t *testing.T) {
	const long, short, beside = 8 << 20, 300_000, 4<<20 + 7 // beside: more than the reserve
	b := newBench(t)
	file := b.sources(long)["file"]
	begun, more := make(chan struct{}), make(chan struct{})
	b.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(short))
		_, _ = w.Write(make([]byte, short/2))
		_ = http.NewResponseController(w).Flush()
		close(begun)
		<-more
		_, _ = w.Write(make([]byte, short/2))
	})
	b.limit = short + beside
	slow := b.start("t1", "g1")
	came := make(chan int64, 1)
	go func() {
		n, _, _ := b.drained(slow, dataplane.Query{})
		came <- n
	}()
	<-begun
	polls(t, func() bool { return b.used() >= short }) // with its header
	b.mu.Lock()
	b.source = file
	b.mu.Unlock()
	if n, _, err := b.drained(b.start("t2", "g2"), dataplane.Query{}); n != beside || err != nil {
		t.Errorf("%d bytes came beside it, want %d: %v", n, beside, err)
	}
	close(more)
	if n := <-came; n != short {
		t.Errorf("%d bytes came, want %d", n, short)
	}
	b.settled(short + beside)
}

// TestAbandonedBytes: what a consumer that goes away did not get is given back,
// up to what was on its way.
func TestAbandonedBytes(t *testing.T) {
	b := newBench(t)
	b.limit = 1 << 40
	s := slow(b).begins()
	if b.used() <= 5 {
		t.Error("nothing is taken ahead: the test proves nothing")
	}
	s.stream.Close()
	<-s.ended
	b.settled(5)
}

// deadMeters fail when they are asked for bytes.
type deadMeters struct{ transfer.Meters }

func (deadMeters) TakeBytes(context.Context, string, string, string, int64, int64) (int64, error) {
	return 0, errors.New("the store is down")
}

// TestMetersDown: what cannot be counted is not sent, and a head is no 200.
func TestMetersDown(t *testing.T) {
	for _, kind := range []string{"file", "http"} {
		b := newBench(t)
		cfg := b.config()
		cfg.Meters = deadMeters{b.meters}
		b.server.Config.Handler = dataplane.New(cfg)
		b.source, b.limit = b.sources(1000)[kind], 1000
		a := b.start("t1", "g1")
		b.refused(a, dataplane.Query{}, http.StatusServiceUnavailable, "unavailable")
		if got := b.head(a); got != http.StatusServiceUnavailable {
			t.Errorf("%s: the head is %d", kind, got)
		}
	}
}

// onceDeadMeters fail the first time.
type onceDeadMeters struct {
	transfer.Meters
	asked atomic.Int64
}

func (m *onceDeadMeters) TakeBytes(ctx context.Context, contextID, agreement, process string, want, limit int64) (int64, error) {
	if m.asked.Add(1) == 1 {
		return 0, errors.New("the store is down")
	}
	return m.Meters.TakeBytes(ctx, contextID, agreement, process, want, limit)
}

// TestBodyWithoutItsHeader: where the header was held back nothing follows it. A
// part of the data would else come as 200, as if it were all of it.
func TestBodyWithoutItsHeader(t *testing.T) {
	for _, kind := range []string{"file", "http"} {
		b := newBench(t)
		cfg := b.config()
		cfg.Meters = &onceDeadMeters{Meters: b.meters}
		b.server.Config.Handler = dataplane.New(cfg)
		b.source, b.limit = b.sources(1000)[kind], 1000
		b.refused(b.start("t1", "g1"), dataplane.Query{Range: "bytes=10-19"}, http.StatusServiceUnavailable, "unavailable")
	}
}

// notedMeters note which transfer took bytes, or gave them back.
type notedMeters struct {
	transfer.Meters
	mu sync.Mutex
	of []string
}

func (m *notedMeters) note(note string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.of, note) {
		m.of = append(m.of, note)
	}
}

func (m *notedMeters) TakeBytes(ctx context.Context, contextID, agreement, process string, want, limit int64) (int64, error) {
	m.note("take " + process)
	return m.Meters.TakeBytes(ctx, contextID, agreement, process, want, limit)
}

func (m *notedMeters) ReturnBytes(ctx context.Context, contextID, agreement, process string, n int64) error {
	m.note("return " + process)
	return m.Meters.ReturnBytes(ctx, contextID, agreement, process, n)
}

// TestMetersOfTheTransfer: the transfer that sends takes its bytes, and gives
// back what it has not sent.
func TestMetersOfTheTransfer(t *testing.T) {
	b := newBench(t)
	cfg, meters := b.config(), &notedMeters{Meters: b.meters}
	cfg.Meters = meters
	b.server.Config.Handler = dataplane.New(cfg)
	b.limit = 1 << 40
	s := slow(b).begins()
	s.stream.Close()
	<-s.ended
	b.settled(5)
	meters.mu.Lock()
	defer meters.mu.Unlock()
	if want := []string{"take t1", "return t1"}; !slices.Equal(meters.of, want) {
		t.Error(meters.of)
	}
}
