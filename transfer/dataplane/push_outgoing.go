// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/musubi-ods/musubi/transfer"
)

// outgoing is a body on its way: it is hashed while it is read, and its
// trailer says the hash. Its reader may go on for a moment after the answer.
type outgoing struct {
	from    *supply
	hash    hash.Hash
	haul    *Haul
	trailer http.Header
	whole   func() string // SHA-256 of the whole, as far as it is known beside this
	again   bool          // something of the job was sent before
	ended   atomic.Pointer[string]
	sent    atomic.Int64
}

func (o *outgoing) Read(b []byte) (int, error) {
	n, err := o.from.body.Read(b)
	_, _ = o.hash.Write(b[:n]) // never fails
	o.haul.moved(o.from.start + o.sent.Add(int64(n)))
	if err == io.EOF {
		if short := o.short(); short != nil {
			return n, short
		}
		sum := hex.EncodeToString(o.hash.Sum(nil))
		o.ended.Store(&sum)
		if o.trailer != nil {
			o.trailer.Set(contentDigest, digestField(sum))
			if whole := o.sumOfAll(); whole != "" {
				o.trailer.Set(reprDigest, digestField(whole))
			}
		}
	}
	return n, err
}

// sum is the SHA-256 of this body, once it has come to its end.
func (o *outgoing) sum() string {
	if sum := o.ended.Load(); sum != nil {
		return *sum
	}
	return ""
}

// sumOfAll is the SHA-256 of the whole, if anybody here knows it.
func (o *outgoing) sumOfAll() string {
	if sum := o.sum(); sum != "" && o.from.start == 0 {
		return sum
	}
	return o.whole()
}

// size is how long the whole is that the receiver has. One that had it already
// may answer before it has read all, and knows better than what there is now, as
// far as that was ever sent.
func (o *outgoing) size(answer http.Header, j transfer.Job) int64 {
	if o.sum() == "" {
		if n, err := number(answer.Get(headerOffset)); err == nil && begun(j, n) {
			return n
		}
		if o.from.total >= 0 {
			return o.from.total
		}
	}
	return o.from.start + o.sent.Load()
}

// short reports a source that ended before its length.
func (o *outgoing) short() error {
	if all := o.from.start + o.sent.Load(); o.from.total >= 0 && all != o.from.total {
		return fmt.Errorf("%w: %d of %d bytes", errSource, all, o.from.total)
	}
	return nil
}

// hashBeside reads a file for its hash while a part of it is sent, until ctx
// ends.
func (p *Push) hashBeside(ctx context.Context, s Source, tag string) func() string {
	found := make(chan string, 1)
	go func() {
		sum, _ := p.cfg.digests.of(ctx, filepath.Dir(s.Path), filepath.Base(s.Path), tag) // without it the part's hash alone is said
		found <- sum
	}()
	return sync.OnceValue(func() string { return <-found })
}
