// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Bench measures what the engine does all the time. open is called once per
// benchmark and cleans up by itself.
func Bench(b *testing.B, open func(testing.TB) Opened) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("Step/callers=%d", callers), func(b *testing.B) { benchSteps(b, open(b).Store, callers) })
	}
	b.Run("Load", func(b *testing.B) {
		s := open(b).Store
		r := busy(record(owner, "p"))
		must(b, s.For(owner).Commit(b.Context(), insert(r, work(r, engine.OpSend, "k"))))
		for b.Loop() {
			if _, err := s.For(owner).Load(b.Context(), "p"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Claim/nothing due", func(b *testing.B) {
		benchClaims(b, open(b).Store, 100, func(i int, w *engine.Work) { w.Due = at(1000 + i) })
	})
	b.Run("Claim/one, no queue", func(b *testing.B) {
		benchClaims(b, open(b).Store, 1, func(int, *engine.Work) {})
	})
	b.Run("Claim/one, 20000 others finished", func(b *testing.B) {
		s := open(b).Store
		finish(b, s, 20000)
		benchClaims(b, s, 1, func(int, *engine.Work) {})
	})
	b.Run("Claim/one of 2000 in 500 lanes", func(b *testing.B) {
		benchClaims(b, open(b).Store, 2000, func(i int, w *engine.Work) { w.Lane = fmt.Sprint(i % 500) })
	})
	b.Run("Claim/one behind 10000 of a full lane", func(b *testing.B) {
		benchClaims(b, open(b).Store, 10000, func(i int, w *engine.Work) {
			if i < 9900 {
				w.Lane, w.Due = "full", at(-1000)
			} else {
				w.Lane = fmt.Sprint(i)
			}
		})
	})
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// busy gives r what a process in the middle of a negotiation has.
func busy(r engine.Record) engine.Record {
	r.PeerPID = "urn:uuid:0198c1d2-0000-7000-8000-00000000abcd"
	r.Address, r.FirstHash, r.LastHash, r.LastOK = "https://oem.example/dsp/2025-1", r.ID, r.ID, t0
	r.Pending = &engine.Pending{
		ID: "urn:uuid:0198c1d2-0000-7000-8000-00000000beef", Message: "ContractAgreementMessage", Target: "AGREED",
		Path: "negotiations/x/agreement", Deadline: at(86400), Due: t0,
	}
	r.Data = make([]byte, 600)
	for i := range r.Data {
		r.Data[i] = ' ' + byte(i%90)
	}
	return r
}

// benchSteps has each caller step processes of its own: the record, one row
// of the outbox, one message and one journal row at a time.
func benchSteps(b *testing.B, s engine.Store, callers int) {
	ctx := context.Background()
	body := make([]byte, 1024)
	var left, ids atomic.Int64 // ids grow with time, as those of UUID version 7
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	begin := time.Now()
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			p := s.For(owner)
			for left.Load() > 0 { // a new process every 10 steps
				r := busy(record(owner, fmt.Sprintf("urn:uuid:0198c1d2-0000-7000-0000-%012d", ids.Add(1))))
				was := engine.Work{}
				for range 10 {
					if left.Add(-1) < 0 {
						return
					}
					now := work(r, engine.OpSend, fmt.Sprintf("urn:uuid:%s-%d", r.ID[9:], r.Version))
					c := engine.Commit{Record: r, Expect: r.Version - 1, Put: []engine.WorkChange{{Was: was, Now: now}}}
					c.Exchanges = []engine.Exchange{{MessageID: now.Key, Message: "ContractAgreementMessage", Body: body, Hash: r.ID, At: t0}}
					c.Journal = []engine.Entry{event(r, now.Key)}
					if err := p.Commit(ctx, c); err != nil {
						b.Error(err)
						return
					}
					was = now
					r.Version++
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "steps/s")
}

// finish stores processes that owe nothing any more.
func finish(b *testing.B, s engine.Store, n int) {
	ctx := context.Background()
	var wg sync.WaitGroup
	for part := range 50 {
		wg.Go(func() {
			for i := part; i < n; i += 50 {
				r := busy(record(owner, fmt.Sprint("finished", i)))
				r.Final, r.Pending = true, nil
				if err := s.For(owner).Commit(ctx, insert(r)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// benchClaims claims one row at a time and gives it back.
func benchClaims(b *testing.B, s engine.Store, rows int, change func(int, *engine.Work)) {
	ctx := context.Background()
	var wg sync.WaitGroup
	for part := range 50 {
		wg.Go(func() {
			for i := part; i < rows; i += 50 {
				r := busy(record(owner, fmt.Sprint("p", i)))
				w := work(r, engine.OpSend, fmt.Sprint("k", i))
				change(i, &w)
				if err := s.For(owner).Commit(ctx, insert(r, w)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	req := request("worker", at(1))
	req.Limit, req.PerLane, req.Busy = 1, 16, map[string]int{"full": 16}
	for b.Loop() {
		list, _, err := s.Claim(ctx, req)
		must(b, err)
		for _, w := range list {
			must(b, s.Release(ctx, w))
		}
	}
}
