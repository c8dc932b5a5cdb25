// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"strings"
)

// flight is one fetch that all callers who want the document wait for.
type flight struct {
	did      string
	host     string
	waiting  int // guarded by Web.mu
	cancel   context.CancelFunc
	done     chan struct{}
	document *Document // after done
	err      error
}

// join returns what the cache has, or the flight that fetches the document;
// neither where too many of its host are under way.
func (w *Web) join(ctx context.Context, did, address string) (*flight, *entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.cache.get(did); e != nil && !e.again && w.cfg.Now().Before(e.until) {
		return nil, e
	}
	f := w.flights[did]
	if f == nil {
		host := hostOf(did)
		if w.fetches[host] >= maxPerHost {
			return nil, nil
		}
		w.fetches[host]++
		// The fetch is for all who wait: it ends when the last of them leaves,
		// not when the first does.
		fetching, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		f = &flight{did: did, host: host, cancel: cancel, done: make(chan struct{})}
		w.flights[did] = f
		go w.fly(fetching, f, address)
	}
	f.waiting++
	return f, nil
}

// leave takes a caller out who waits no longer.
func (w *Web) leave(f *flight) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	f.cancel()
	if w.flights[f.did] == f {
		delete(w.flights, f.did) // whoever comes now starts anew
	}
}

func (w *Web) fly(ctx context.Context, f *flight, address string) {
	defer f.cancel()
	raw, err := w.fetch(ctx, address)
	if err == nil {
		f.document, err = ParseDocument(raw, f.did)
	}
	f.err = err
	now := w.cfg.Now()
	if f.document != nil {
		f.document.Fetched = now
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fetches[f.host]--; w.fetches[f.host] == 0 {
		delete(w.fetches, f.host)
	}
	if w.flights[f.did] == f {
		delete(w.flights, f.did)
		w.keep(f, now, len(raw))
	}
	close(f.done)
}

// hostOf returns the host of a did:web, with its port, in lower case.
func hostOf(did string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(did, prefixWeb), ":")
	return strings.ToLower(host)
}
