// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// sentBody is the body of a request on its way through. The transport reads it
// in a goroutine of its own, which may outlive the answer: what is told of it
// here is whole once eof is set.
type sentBody struct {
	io.ReadCloser
	pass func() error  // before each piece; nil: always
	move *atomic.Int64 // what moved in either direction; nil: nobody asks
	n    atomic.Int64
	eof  atomic.Bool
	sum  hash.Hash // nil: nobody asks

	began time.Time
}

// bodyOf is the body of a request; nil: it has none.
func bodyOf(r *http.Request, hashed bool, now time.Time) *sentBody {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil
	}
	b := &sentBody{ReadCloser: r.Body, began: now}
	if hashed {
		b.sum = sha256.New()
	}
	return b
}

func (b *sentBody) Read(p []byte) (int, error) {
	if b.pass != nil {
		if err := b.pass(); err != nil {
			return 0, err
		}
	}
	n, err := b.ReadCloser.Read(p)
	if b.sum != nil {
		_, _ = b.sum.Write(p[:n])
	}
	b.n.Add(int64(n))
	if b.move != nil {
		b.move.Add(int64(n))
	}
	if err == io.EOF {
		b.eof.Store(true)
	}
	return n, err
}

// Close leaves the body to the server that it came by: the request may be sent
// once more, or still be answered.
func (*sentBody) Close() error { return nil }

// moved returns how much went through, and its hash if that is all.
func (b *sentBody) moved() (n int64, whole bool, sum string) {
	if whole = b.eof.Load(); whole && b.sum != nil {
		sum = hex.EncodeToString(b.sum.Sum(nil))
	}
	return b.n.Load(), whole, sum
}

// release has the server not wait for the rest of a body that nobody reads.
func (b *sentBody) release(w http.ResponseWriter, now time.Time) {
	if b != nil && !b.eof.Load() {
		_ = http.NewResponseController(w).SetReadDeadline(now.Add(-time.Hour))
	}
}
