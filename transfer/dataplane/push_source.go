// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/musubi-ods/musubi/transfer"
)

// supply is a source that is being read for the consumer, through the same
// gate as a pull: it ends with an error when the transfer does not run any
// more.
type supply struct {
	body   io.Reader
	header http.Header
	start  int64 // of the first byte
	total  int64 // of the whole; -1: nobody knows
	etag   string
	sum    string // SHA-256 of the whole, if it is known
	close  func()
}

// supply begins to read a source, if it can at a byte of the body that has
// this entity tag.
func (p *Push) supply(ctx context.Context, run transfer.Running, s Source, offset int64, etag string) (*supply, error) {
	outer := ctx
	ctx, cancel := context.WithCancel(outer)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if err != nil {
		cancel()
		return nil, err
	}
	if offset > 0 && etag != "" {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
		r.Header.Set("If-Range", etag)
	}
	body, w := io.Pipe()
	out := &funnel{header: http.Header{}, w: w, begun: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		err := p.gated(ctx, cancel, out, r, run, s)
		if err == nil {
			err = io.EOF
		}
		_ = w.CloseWithError(err)
		ended <- err
	}()
	done := func() {
		cancel()
		_ = body.CloseWithError(errCutOff)
		<-ended //nolint:errcheck // what it says is known
	}
	select {
	case <-out.begun:
	case err := <-ended:
		ended <- err
		select {
		case <-out.begun: // an empty body
		default:
			done()
			return nil, fmt.Errorf("reading the source: %w", err)
		}
	case <-ctx.Done():
		done()
		return nil, context.Cause(ctx)
	}
	u := &supply{body: body, header: out.header, total: -1, etag: strong(out.header.Get("ETag")), sum: digestOf(out.header.Get(reprDigest)), close: done}
	if n, err := number(out.header.Get("Content-Length")); err == nil {
		u.total = n
	}
	if out.status == http.StatusPartialContent {
		var ok bool
		if u.start, u.total, ok = contentRange(out.header.Get("Content-Range")); !ok || u.start != offset {
			done()
			return nil, fmt.Errorf("%w: a part that was not asked for", errSource)
		}
	}
	if u.start > 0 && u.etag != etag || out.status == http.StatusRequestedRangeNotSatisfiable && offset > 0 {
		done()
		return p.supply(outer, run, s, 0, "") // it is another one, or shorter now
	}
	if out.status != http.StatusOK && out.status != http.StatusPartialContent {
		done()
		return nil, fmt.Errorf("%w: status %d", errSource, out.status)
	}
	return u, nil
}

// nothingLeft is the rest of a source of which all has arrived; what the
// receiver has not got is our word that it is whole. Of a file that has changed
// there is none.
func (p *Push) nothingLeft(ctx context.Context, s Source, j transfer.Job) *supply {
	u := &supply{body: http.NoBody, header: http.Header{}, start: j.Total, total: j.Total, etag: j.ETag, close: func() {}}
	if s.Type == SourceFile {
		sum, err := p.cfg.digests.of(ctx, filepath.Dir(s.Path), filepath.Base(s.Path), j.ETag)
		if err != nil {
			return nil
		}
		u.sum = sum
	}
	return u
}

// gated sends the source into out while the transfer may flow.
func (p *Push) gated(ctx context.Context, cancel func(), out *funnel, r *http.Request, run transfer.Running, s Source) error {
	g, err := p.watching.open(ctx, p.cfg.paces.slowed(ctx, out, p.cfg.Config, run, s), run, func() {
		cancel()
		_ = out.w.CloseWithError(errCutOff) // whoever waits for the receiver to read on
	})
	if err != nil {
		return err
	}
	if s.Type == SourceFile {
		err = serveFile(g, r, s, nil)
	} else {
		_, err = serveURL(g, r, p.cfg.Operator, s, nil)
	}
	if err == nil {
		err = g.failed
	}
	cancel()
	g.live.leave(g)
	g.settle(ctx)
	if cut := g.verdict(); cut != nil {
		return cut
	}
	if g.wanted > 0 {
		return transfer.ErrExhausted
	}
	return err
}

var errCutOff = errors.New("the transfer does not run any more")

// funnel is a ResponseWriter whose body is read at the other end of a pipe.
type funnel struct {
	header http.Header
	w      *io.PipeWriter
	status int
	once   sync.Once
	begun  chan struct{} // closed with the header
}

func (f *funnel) Header() http.Header { return f.header }

func (f *funnel) WriteHeader(status int) {
	f.once.Do(func() {
		f.status = status
		close(f.begun)
	})
}

func (f *funnel) Write(p []byte) (int, error) {
	f.WriteHeader(http.StatusOK)
	return f.w.Write(p)
}

// Flush does nothing: whoever reads has it.
func (f *funnel) Flush() {}
