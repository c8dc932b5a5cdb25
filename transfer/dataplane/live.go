// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// live is a transfer of which something is being sent, or was a moment ago.
// All its requests share the verdict and one watcher: the first byte of a
// request costs no look, and no body runs on for longer than a second after
// it may not.
type live struct {
	w       *watching
	key     liveKey
	ctx     context.Context //nolint:containedctx // of looks, which are nobody's request
	latest  atomic.Pointer[look]
	looking sync.Mutex // one look at a time

	mu    sync.Mutex
	gates map[*gate]struct{}
	used  bool // since the watcher looked last
	ended bool // a new one has to be made

	sourcing sync.Mutex
	source   Source
	sourceAt time.Time // zero: there is none
}

// verdict returns a look that is not older than a second.
func (l *live) verdict(now time.Time) *look {
	k := l.latest.Load()
	if k.overtaken() || now.Sub(k.at) >= recheck {
		return l.again(k)
	}
	return k
}

// again looks once more, unless somebody has since seen was taken.
func (l *live) again(seen *look) *look {
	l.looking.Lock()
	defer l.looking.Unlock()
	if k := l.latest.Load(); k != seen {
		return k
	}
	ctx, cancel := context.WithTimeout(l.ctx, lookTime)
	defer cancel()
	k := l.w.look(ctx, l.key.context, l.key.process)
	l.latest.Store(k)
	seen.stop()
	return k
}

// watch looks at each commit and each second, and shuts the gates of what may
// not go on. It ends when nothing was sent for a while.
func (l *live) watch() {
	for {
		k := l.latest.Load()
		fired, release := l.w.cfg.Timer(recheck)
		over := false
		select {
		case <-k.changed:
		case <-k.edited:
		case <-fired:
		case <-l.w.done:
			over = true
		}
		release()
		if over {
			l.latest.Load().stop()
			return
		}
		k = l.again(k)
		for _, g := range l.open() {
			g.judge(k)
		}
		if l.idle() {
			l.latest.Load().stop()
			return
		}
	}
}

func (l *live) open() []*gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*gate, 0, len(l.gates))
	for g := range l.gates {
		list = append(list, g)
	}
	return list
}

// idle ends a live that nobody used since it was asked last.
func (l *live) idle() bool {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.gates) > 0 || l.used {
		l.used = false
		return false
	}
	l.ended = true
	delete(l.w.list, l.key)
	return true
}

// enter adds a gate that the watcher shuts; false: the live has ended.
func (l *live) enter(g *gate) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.gates[g], l.used = struct{}{}, true
	return true
}

func (l *live) leave(g *gate) {
	l.mu.Lock()
	delete(l.gates, g)
	l.mu.Unlock()
	g.leave()
}

// sourceOf finds the source of the transfer's dataset. It is asked for once a
// second, not for each request.
func (l *live) sourceOf(ctx context.Context, dataset string) (Source, error) {
	l.sourcing.Lock()
	defer l.sourcing.Unlock()
	now := l.w.cfg.Now()
	if !l.sourceAt.IsZero() && now.Sub(l.sourceAt) < recheck {
		return l.source, nil
	}
	s, err := l.w.cfg.SourceOf(ctx, l.key.context, dataset)
	if err != nil {
		l.sourceAt = time.Time{}
		return s, err
	}
	l.source, l.sourceAt = s, now
	return s, nil
}
