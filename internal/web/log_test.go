// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/trust"
)

// panicking is a store that has a bug.
type panicking struct{}

func (panicking) Participant(context.Context, string) (trust.Participant, error) { panic("bug 42") }

// TestPanicIsOurFailure: it is answered and logged like any other.
func TestPanicIsOurFailure(t *testing.T) {
	log := &logBuffer{}
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: fixedNow, NewID: newID, Log: slog.New(slog.NewTextHandler(log, nil))}, Participants: panicking{},
	})
	scenario{URL: "/acme/dsp/2025-1/negotiations/x", Status: 500, Content: []string{"ContractNegotiationError", "internal"}, NotContent: []string{"bug 42"}}.run(t, h)
	if !strings.Contains(log.String(), "bug 42") || !strings.Contains(log.String(), "goroutine") {
		t.Errorf("the log does not say where: %s", log)
	}
}

// TestWhoseAddress: X-Forwarded-For is believed from the proxies that are
// named, and from nobody else.
func TestWhoseAddress(t *testing.T) {
	for _, c := range []struct {
		proxies []netip.Prefix
		from    string
		want    string
	}{
		{nil, "127.0.0.1:1", "127.0.0.1"},
		{nil, "10.0.0.1:1", "10.0.0.1"},
		{[]netip.Prefix{netip.MustParsePrefix("10.0.0.7/24")}, "10.0.0.1:1", "203.0.113.5"},
		{[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}, "10.0.1.1:1", "10.0.1.1"},
		{[]netip.Prefix{netip.MustParsePrefix("fd00::/8")}, "[fd00::1]:1", "203.0.113.5"},
	} {
		log := &logBuffer{}
		h := web.NewManagement(web.ManagementConfig{Common: web.Common{
			Now: fixedNow, NewID: newID, TrustedProxies: c.proxies, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		}})
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/healthz?api_key=in-the-query", nil)
		r.RemoteAddr = c.from
		r.Header.Set("X-Forwarded-For", "203.0.113.5")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if !strings.Contains(log.String(), fmt.Sprintf("from=%s", c.want)) {
			t.Errorf("%v through %v: %s", c.from, c.proxies, log)
		}
		if strings.Contains(log.String(), "in-the-query") {
			t.Errorf("the log holds the query: %s", log)
		}
	}
}
