// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// track takes the consumer's name of the request, or makes one, and answers
// with it.
func (g *gate) track(r *http.Request) {
	if g.tracking = trackingID(r.Header, g.cfg.NewID); g.tracking != "" {
		g.Header()[TrackingHeader] = []string{g.tracking}
	}
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
	said := h.Get("Content-Range")
	if said == "" {
		return 0
	}
	span, _, _ := strings.Cut(strings.TrimPrefix(said, "bytes "), "-")
	n, _ := strconv.ParseInt(span, 10, 64)
	return n
}
