// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// trackingHeader names a request on both sides (ODP, transaction).
const trackingHeader = "X-Trackingid"

// track takes the consumer's name of the request, or makes one, and answers
// with it.
func (g *gate) track(r *http.Request) {
	if g.tracking = r.Header.Get(trackingHeader); !trackable(g.tracking) {
		g.tracking = newTracking(g.cfg.Rand)
	}
	g.Header()[trackingHeader] = []string{g.tracking}
}

func trackable(id string) bool {
	strange := func(c rune) bool { return c <= ' ' || c > '~' }
	return id != "" && len(id) <= 128 && !strings.ContainsFunc(id, strange)
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

// testify tells the evidence what moved, in both directions.
func (g *gate) testify(r *http.Request, up *sentBody, sub []string, began time.Time, whole bool) {
	if g.cfg.Evidence == nil || !g.began.Load() && up == nil {
		return
	}
	m := transfer.Movement{
		Context: g.run.Context, Process: g.run.Process, TrackingID: g.tracking, Method: r.Method,
		Path: strings.Join(sub, "/"), Status: g.status, Began: began, Ended: g.cfg.Now(),
	}
	ctx := context.WithoutCancel(r.Context())
	if up != nil && up.n.Load() > 0 {
		in := m
		in.Bytes, in.Whole, in.SHA256 = up.moved()
		g.cfg.Evidence.Moved(ctx, in)
	}
	if g.began.Load() {
		m.Sent, m.Bytes, m.Whole, m.Offset = true, g.sent, whole, offset(g.Header())
		m.SHA256 = sumOf(g.sum, whole && r.Method != http.MethodHead)
		g.cfg.Evidence.Moved(ctx, m)
	}
}

func sumOf(h hash.Hash, whole bool) string {
	if h == nil || !whole {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// offset is where a part begins (RFC 9110, section 14.4).
func offset(h http.Header) int64 {
	span, _, _ := strings.Cut(strings.TrimPrefix(h.Get("Content-Range"), "bytes "), "-")
	n, _ := strconv.ParseInt(span, 10, 64)
	return n
}
