// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// lean exchanges what is simple on the caller's own goroutine: a GET or HEAD
// without a body, over plain HTTP, whose content coding the caller settled.
// net/http has two goroutines for each connection, which a small answer of a
// source in the next room costs more than the answer itself. Whatever else is
// asked is for net/http.
type lean struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	timeout time.Duration // up to the end of the header
	idle    leanIdle
}

// simple reports whether lean can do it.
func simple(req *http.Request) bool {
	return req.URL.Scheme == "http" && (req.Method == http.MethodGet || req.Method == http.MethodHead) &&
		(req.Body == nil || req.Body == http.NoBody) && !req.Close && req.Header["Accept-Encoding"] != nil &&
		req.Header["Connection"] == nil && req.Header["Upgrade"] == nil && req.Header["Expect"] == nil
}

// exchange sends a simple request. A connection that was kept may have been
// closed at the other end: what got no byte of an answer on one is sent again on
// the next, which is harmless for these methods.
func (l *lean) exchange(req *http.Request) (_ *http.Response, connected bool, _ error) {
	ctx := req.Context()
	for {
		c, kept, err := l.connect(ctx, addressOf(req))
		if err != nil {
			return nil, false, err
		}
		resp, err := l.over(ctx, c, req)
		if err == nil {
			return resp, true, nil
		}
		_ = c.Close()
		if cause := context.Cause(ctx); cause != nil {
			return nil, true, cause
		}
		if timeout, ok := errors.AsType[net.Error](err); !kept || c.came || ok && timeout.Timeout() {
			return nil, true, err
		}
	}
}

// addressOf is host and port.
func addressOf(req *http.Request) string {
	if req.URL.Port() == "" {
		return net.JoinHostPort(req.URL.Hostname(), "80")
	}
	return req.URL.Host
}

func (l *lean) connect(ctx context.Context, address string) (c *leanConn, kept bool, err error) {
	for c = l.idle.take(address); c != nil && !silent(c.Conn); c = l.idle.take(address) {
		_ = c.Close() // closed at the other end, or it said what nobody asked
	}
	if c == nil {
		dialled, err := l.dial(ctx, "tcp", address)
		if err != nil {
			return nil, false, err
		}
		c = &leanConn{Conn: dialled, address: address}
		c.in, c.out = bufio.NewReader(c), bufio.NewWriter(dialled)
	} else {
		kept = true
	}
	return c, kept, nil
}

// leanConn is a connection with what was read ahead on it.
type leanConn struct {
	net.Conn
	address string
	in      *bufio.Reader
	out     *bufio.Writer
	head    int  // bytes that a header may still have; below zero: there is none
	came    bool // a byte of the present answer
	since   time.Time
}

var errHeaderLength = fmt.Errorf("the header of the answer is longer than %d bytes", maxHeaderBytes)

// Read bounds headers.
func (c *leanConn) Read(p []byte) (int, error) {
	if c.head == 0 {
		return 0, errHeaderLength
	}
	if c.head > 0 && len(p) > c.head {
		p = p[:c.head]
	}
	n, err := c.Conn.Read(p)
	if c.head > 0 {
		c.head -= n
	}
	c.came = c.came || n > 0
	return n, err
}

// past is a deadline that wakes whoever reads or writes.
var past = time.Unix(1, 0)

// over sends the request over a connection and reads the header of its answer.
func (l *lean) over(ctx context.Context, c *leanConn, req *http.Request) (*http.Response, error) {
	if err := c.SetDeadline(time.Now().Add(l.timeout)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) })
	resp, err := c.ask(req)
	if err == nil {
		err = c.SetDeadline(time.Time{})
	}
	if err == nil && ctx.Err() != nil { // it may have ended before that
		err = ctx.Err()
	}
	if err != nil {
		stop()
		return nil, err
	}
	body := &leanBody{ReadCloser: resp.Body, ctx: ctx, l: l, c: c, stop: stop, again: !resp.Close}
	if resp.Body == http.NoBody {
		body.end(true)
		return resp, nil
	}
	resp.Body = body
	return resp, nil
}

// maxInterim bounds the answers before the answer (RFC 9110, section 15.2).
const maxInterim = 5

func (c *leanConn) ask(req *http.Request) (*http.Response, error) {
	c.head, c.came = maxHeaderBytes, false
	if err := req.Write(c.out); err != nil {
		return nil, err
	}
	if err := c.out.Flush(); err != nil {
		return nil, err
	}
	for range maxInterim {
		resp, err := http.ReadResponse(c.in, req)
		switch {
		case err != nil && c.head == 0:
			return nil, errHeaderLength
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, errors.New("the answer changes to another protocol, which was not asked for")
		case resp.StatusCode >= http.StatusOK:
			c.head = -1
			return resp, nil
		}
	}
	return nil, errors.New("the answer has too many before it")
}

// leanBody gives the connection back with its end.
type leanBody struct {
	io.ReadCloser
	ctx   context.Context //nolint:containedctx // of the request that it answers
	l     *lean
	c     *leanConn
	stop  func() bool
	again bool // the connection may be used again
	over  bool // the connection is not ours any more
	err   error
	shut  bool
}

// Read implements io.Reader.
func (b *leanBody) Read(p []byte) (int, error) {
	if b.shut {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.over {
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		whole := errors.Is(err, io.EOF)
		b.end(whole)
		if cause := context.Cause(b.ctx); !whole && cause != nil {
			err = cause
		}
		b.err = err
	}
	return n, err
}

// Close implements io.Closer.
func (b *leanBody) Close() error {
	b.shut = true
	b.end(false) // what is left is not read
	return nil
}

func (b *leanBody) end(whole bool) {
	if b.over {
		return
	}
	b.over = true
	// Whatever came behind the answer belongs to nobody.
	if quiet := b.stop(); quiet && whole && b.again && b.c.in.Buffered() == 0 {
		b.l.idle.put(b.c)
		return
	}
	_ = b.c.Close()
}
