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
	for {
		u, err := p.read(ctx, run, s, offset, etag)
		if err == nil || !errors.Is(err, errOther) || offset == 0 {
			return u, err
		}
		offset, etag = 0, ""
	}
}

// errOther: what was to go on is another body by now, or shorter.
var errOther = fmt.Errorf("%w: it is another one", errSource)

// read asks the source, and waits for the begin of its answer.
func (p *Push) read(outer context.Context, run transfer.Running, s Source, offset int64, etag string) (*supply, error) {
	ctx, cancel := context.WithCancel(outer)
	r, err := sourceRequest(ctx, offset, etag)
	if err != nil {
		cancel()
		return nil, err
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
	u := &supply{body: body, header: out.header, close: func() {
		cancel()
		_ = body.CloseWithError(errCutOff)
		<-ended //nolint:errcheck // what it says is known
	}}
	if err = out.await(outer, ended); err == nil {
		err = u.describe(out.status, offset, etag)
	}
	if err != nil {
		u.close()
		return nil, err
	}
	return u, nil
}

// sourceRequest asks for what is behind an offset, of the body that has this
// entity tag.
func sourceRequest(ctx context.Context, offset int64, etag string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if err == nil && offset > 0 && etag != "" {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
		r.Header.Set("If-Range", etag)
	}
	return r, err
}

// describe reads the header of the source's answer.
func (u *supply) describe(status int, offset int64, etag string) error {
	u.total, u.etag, u.sum = -1, strong(u.header.Get("ETag")), digestOf(u.header.Get(reprDigest))
	if n, err := number(u.header.Get("Content-Length")); err == nil {
		u.total = n
	}
	if status == http.StatusPartialContent {
		var ok bool
		if u.start, u.total, ok = contentRange(u.header.Get("Content-Range")); !ok || u.start != offset {
			return fmt.Errorf("%w: a part that was not asked for", errSource)
		}
	}
	switch {
	case u.start > 0 && u.etag != etag, status == http.StatusRequestedRangeNotSatisfiable && offset > 0:
		return errOther
	case status != http.StatusOK && status != http.StatusPartialContent:
		return fmt.Errorf("%w: status %d", errSource, status)
	}
	return nil
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
