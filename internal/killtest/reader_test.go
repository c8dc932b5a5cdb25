// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// readLimit is how long a reader waits for a replica before it asks another.
const readLimit = 3 * time.Second

// reader follows a journal by its cursor, as somebody would who acts on each
// row once: on one replica while that answers, else on the next.
type reader struct {
	name    string
	at      []*side // in the order of its liking
	entries []entry
	moved   int // how often it went to another replica
	err     error
}

// readers are one for each replica of a cluster, preferring it.
func readers(c *cluster) []*reader {
	list := make([]*reader, len(c.replicas))
	for i, s := range c.replicas {
		list[i] = &reader{name: "the reader of " + s.name, at: append(append([]*side{}, c.replicas[i:]...), c.replicas[:i]...)}
	}
	return list
}

// follow reads until ctx ends, and then what is left.
func (r *reader) follow(ctx context.Context) {
	for r.err == nil && ctx.Err() == nil {
		r.next(ctx)
		pause(ctx, 5*again)
	}
	last := context.WithoutCancel(ctx)
	for r.err == nil && r.next(last) {
	}
}

// next reads a page from whoever answers, and reports whether there was one.
func (r *reader) next(ctx context.Context) bool {
	for i, s := range r.at {
		page, err := r.page(ctx, s)
		switch {
		case err != nil && (errors.Is(err, errLost) || ctx.Err() != nil):
			continue
		case err != nil:
			r.err = err
			return false
		case i > 0:
			r.moved++
		}
		r.take(page)
		return len(page) > 0
	}
	return false
}

func (r *reader) page(ctx context.Context, s *side) ([]entry, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	var page struct{ Items []entry }
	err := s.api.get(ctx, "/journal?limit=500&after="+strconv.Itoa(len(r.entries)), &page)
	return page.Items, err
}

// take appends a page, which has to continue what was read.
func (r *reader) take(page []entry) {
	for _, e := range page {
		prev := ""
		if n := len(r.entries); n > 0 {
			prev = r.entries[n-1].Hash
		}
		if e.Position != int64(len(r.entries)+1) || e.Prev != prev {
			r.err = fmt.Errorf("row %d came after row %d", e.Position, len(r.entries))
			return
		}
		r.entries = append(r.entries, e)
	}
}

// compare says where what was read differs from the journal as it is now.
func (r *reader) compare(journal []entry) error {
	if r.err != nil {
		return fmt.Errorf("%s: %w", r.name, r.err)
	}
	if len(r.entries) != len(journal) {
		return fmt.Errorf("%s read %d rows of %d", r.name, len(r.entries), len(journal))
	}
	for i := range journal {
		if r.entries[i] != journal[i] {
			return fmt.Errorf("%s read another row %d: %v, not %v", r.name, i+1, r.entries[i], journal[i])
		}
	}
	return nil
}

// followAll has readers follow until end is called, which waits for them.
func followAll(ctx context.Context, all []*reader) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	for _, r := range all {
		done.Go(func() { r.follow(ctx) })
	}
	return func() {
		cancel()
		done.Wait()
	}
}
