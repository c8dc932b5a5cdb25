// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"net/http"
	"slices"
	"strings"
)

// outage is what a gate answers in place of the side behind it.
type outage struct {
	end    string // of the path
	times  int
	status int
	met    []string
}

// Fail answers the next calls, whose path ends so, with a status.
func (g *Gate) Fail(end string, status, times int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.outage = outage{end: end, status: status, times: times}
}

func (g *Gate) fails(r *http.Request) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := &g.outage
	if o.end == "" || !strings.HasSuffix(r.URL.Path, o.end) {
		return 0
	}
	o.met = append(o.met, r.Header.Get("Authorization"))
	if o.times > 0 {
		o.times--
		return o.status
	}
	o.end = "" // all were failed, and one was let through
	return 0
}

// Met are the Authorization values of the calls that were failed, and of the
// one that was let through after them.
func (g *Gate) Met() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.met)
}
