// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/trust"
)

// Participants finds the participants that this connector speaks for.
type Participants interface {
	// Participant returns one by its context. trust.ErrUnknownParticipant.
	Participant(ctx context.Context, contextID string) (trust.Participant, error)
}

// Common is what both handlers need.
type Common struct {
	// MaxBody is the largest request body, in bytes; default 1 MiB.
	MaxBody int64
	// TrustedProxies are the networks whose X-Forwarded-For is believed in
	// logs; without any the address of the connection is taken.
	TrustedProxies []netip.Prefix
	// Slow is from when on a request is logged as a warning; default 2 s.
	Slow  time.Duration
	Now   func() time.Time
	NewID func() string // unique; names requests
	Log   *slog.Logger  // nil discards
}

const (
	defaultMaxBody = 1 << 20
	defaultSlow    = 2 * time.Second
)

func (c *Common) defaults() {
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Slow <= 0 {
		c.Slow = defaultSlow
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// newEcho returns a router with what every request goes through.
func (c *Common) newEcho(fail echo.HTTPErrorHandler) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	e.IPExtractor = extractor(c.TrustedProxies)
	e.HTTPErrorHandler = fail
	e.Use(c.identified, c.logged, c.recovered)
	return e
}

// discard takes echo's own log: whatever matters is in ours.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// extractor says whose address a request comes from. By itself echo would
// believe anybody's X-Forwarded-For.
func extractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// asSent has the router see the path as the client escaped it, so that an id
// may hold a slash, and so that a parameter is unescaped exactly once (by
// param): by itself net/http keeps the escaped path only where the default
// escaping would give another.
func asSent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.EscapedPath(); path != r.URL.RawPath {
			u := *r.URL
			u.RawPath = path
			r = r.WithContext(r.Context()) // a copy: the caller's stays as it is
			r.URL = &u
		}
		next.ServeHTTP(w, r)
	})
}
