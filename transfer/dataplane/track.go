// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// track takes the consumer's name of the request, or makes one, and answers
// with it.
func (g *gate) track(r *http.Request) {
	newID := g.cfg.NewID
	if newID == nil {
		newID = func() string { return newTracking(g.cfg.Rand) }
	}
	g.tracking = trackingID(r.Header, newID)
	g.Header()[TrackingHeader] = []string{g.tracking}
}

// newTracking is a random UUID (RFC 9562, section 5.4).
func newTracking(rand io.Reader) string {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return ""
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	return string(out)
}

// describes is what the evidence of a request says before anything has moved.
func (g *gate) describes(r *http.Request, sub []string) transfer.Movement {
	return transfer.Movement{
		Context: g.run.Context, Process: g.run.Process, TrackingID: g.tracking, Sent: true, Method: r.Method, Path: strings.Join(sub, "/"),
	}
}

// end tells of a body that went the other way than the answer that what
// describes.
func (b *sentBody) end(ctx context.Context, to transfer.Evidence, what transfer.Movement, status int, now time.Time) {
	if b == nil || to == nil || b.n.Load() == 0 {
		return
	}
	what.Sent, what.Status, what.Began, what.Ended = !what.Sent, status, b.began, now
	what.Bytes, what.Whole, what.SHA256 = b.moved()
	to.Moved(context.WithoutCancel(ctx), what)
}

// offset is where a part begins (RFC 9110, section 14.4).
func offset(h http.Header) int64 {
	span, _, _ := strings.Cut(strings.TrimPrefix(h.Get("Content-Range"), "bytes "), "-")
	n, _ := strconv.ParseInt(span, 10, 64)
	return n
}
