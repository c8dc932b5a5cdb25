// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// TrackingHeader names a request on both sides (ODP): what the evidence of
// either is matched by.
const TrackingHeader = "X-Trackingid"

// maxTracking bounds a tracking id, in bytes.
const maxTracking = 128

// trackingID is the one that the consumer gave the request or, where there is
// none that can be kept, a new one.
func trackingID(h http.Header, newID func() string) string {
	id := h.Get(TrackingHeader)
	odd := func(c rune) bool { return c <= ' ' || c > '~' }
	if id == "" || len(id) > maxTracking || strings.ContainsFunc(id, odd) {
		if newID == nil {
			return ""
		}
		return strings.TrimPrefix(newID(), "urn:uuid:")
	}
	return id
}

// trackingName is a new tracking id.
func trackingName(newID func() string) string { return strings.TrimPrefix(newID(), "urn:uuid:") }

// moved counts and hashes one body as it passes. The zero value is of nothing
// that anybody wants to know.
type moved struct {
	to   transfer.Evidence
	what transfer.Movement
	sum  hash.Hash
	told string // hash of the whole, in the answer to a HEAD
}

// moving begins a body. to may be nil.
func moving(to transfer.Evidence, what transfer.Movement, now time.Time) moved {
	if to == nil {
		return moved{}
	}
	what.Began = now
	return moved{to: to, what: what, sum: sha256.New()}
}

// pass counts bytes that were moved.
func (m *moved) pass(p []byte) {
	if m.to == nil {
		return
	}
	_, _ = m.sum.Write(p) // never fails
	m.what.Bytes += int64(len(p))
}

// end tells of the body. Of one that was cut there is no hash.
func (m *moved) end(ctx context.Context, status int, whole bool, now time.Time) {
	if m.to == nil {
		return
	}
	m.what.Status, m.what.Whole, m.what.Ended = status, whole, now
	switch {
	case whole && m.what.Method == http.MethodHead: // of the whole, which may have gone in parts
		m.what.SHA256, m.what.Alone = m.told, m.told != ""
	case whole:
		m.what.SHA256 = hex.EncodeToString(m.sum.Sum(nil))
	}
	m.to.Moved(ctx, m.what)
	m.to = nil
}

// movedBody is a body that is received: it ends with its end, or where it is
// closed before.
type movedBody struct {
	io.ReadCloser
	ctx    context.Context //nolint:containedctx // of the request that it answers
	status int
	now    func() time.Time
	moved
}

// Read implements io.Reader.
func (b *movedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.pass(p[:n])
	if err != nil {
		b.end(b.ctx, b.status, err == io.EOF, b.now())
	}
	return n, err
}

// Close implements io.Closer.
func (b *movedBody) Close() error {
	b.end(b.ctx, b.status, false, b.now())
	return b.ReadCloser.Close()
}
