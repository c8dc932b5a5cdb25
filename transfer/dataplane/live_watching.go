// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"sync"

	"github.com/musubi-ods/musubi/transfer"
)

type liveKey struct{ context, process string }

// watching is what looks after the transfers of a plane.
type watching struct {
	cfg      Config
	done     chan struct{}
	once     sync.Once
	watchers sync.WaitGroup

	mu   sync.RWMutex
	list map[liveKey]*live
}

func newWatching(c Config) *watching {
	return &watching{cfg: c, done: make(chan struct{}), list: map[liveKey]*live{}}
}

// Close ends what watches transfers. It is called when nothing is served any
// more.
func (w *watching) Close() {
	w.once.Do(func() { close(w.done) })
	w.watchers.Wait()
}

func (w *watching) find(k liveKey) *live {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.list[k]
}

// adopt begins to watch a transfer by a look that let a request in.
func (w *watching) adopt(ctx context.Context, key liveKey, k *look) *live {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.list[key]; l != nil { // another request was faster
		k.stop()
		return l
	}
	l := &live{w: w, key: key, ctx: context.WithoutCancel(ctx), gates: map[*gate]struct{}{}, used: true}
	l.latest.Store(k)
	w.list[key] = l
	w.watchers.Go(l.watch)
	return l
}

// verdict returns a look that is not older than a second, and the live that it
// is of, if there is one.
func (w *watching) verdict(ctx context.Context, key liveKey) (*live, *look) {
	if l := w.find(key); l != nil {
		return l, l.verdict(w.cfg.Now())
	}
	return nil, w.look(ctx, key.context, key.process)
}

// open returns a gate for a run of whatever start, if it is permitted now.
// cancel is called when it shuts; leave has to be.
func (w *watching) open(ctx context.Context, to http.ResponseWriter, run transfer.Running, cancel func()) (*gate, error) {
	key := liveKey{run.Context, run.Process}
	for range maxTries { // a live may just have ended
		l, k := w.verdict(ctx, key)
		if k.err != nil {
			if l == nil {
				k.stop()
			}
			return nil, k.err
		}
		if l == nil {
			l = w.adopt(ctx, key, k)
		}
		g := newGate(ctx, to, l, run, cancel)
		g.any = true
		if l.enter(g) {
			g.judge(l.latest.Load()) // what was looked at before the gate was there
			return g, nil
		}
	}
	return nil, context.Canceled
}
