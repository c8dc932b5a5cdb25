// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// recheck is how often a running transfer is asked whether it may go on,
// should a commit elsewhere not have been noticed, and how old a verdict may
// be by which a request is let in.
const recheck = time.Second

// stale is how old a verdict may be by which a body goes on, should a look take
// long.
const stale = 3 * recheck

// lookTime bounds one look: longer than a status list is waited for.
const lookTime = 15 * time.Second

// look is a verdict, and the channel that is closed at the next commit of the
// transfer. It watches first, so that no commit falls between the two.
type look struct {
	run     transfer.Running
	err     error
	at      time.Time
	changed <-chan struct{}
	edited  <-chan struct{} // at the next edit of what the verdict rests on
	stop    func()
}

func (w *watching) look(ctx context.Context, contextID, id string) *look {
	k := &look{at: w.cfg.Now()}
	k.changed, k.stop = w.cfg.Watch(contextID, id)
	if w.cfg.Edits != nil {
		k.edited = w.cfg.Edits(contextID)
	}
	k.run, k.err = w.cfg.Transfers.Running(ctx, contextID, id)
	return k
}

// overtaken reports whether there was a commit, or an edit, since.
func (k *look) overtaken() bool {
	select {
	case <-k.changed:
		return true
	case <-k.edited:
		return true
	default:
		return false
	}
}

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
