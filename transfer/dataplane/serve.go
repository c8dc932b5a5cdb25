// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/transfer"
)

// ServeHTTP serves /{ctx}/data/{transfer} and what is below it.
func (p *Plane) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	contextID, id, sub, ok := parsePath(r.URL)
	switch {
	case !ok:
		refuse(w, ErrPath)
		return
	case len(sub) == 1 && sub[0] == renewSegment && p.cfg.Access != nil:
		p.renew(w, r, contextID, id)
		return
	}
	for range maxTries { // a transfer may just have been given up
		l, k, err := p.admit(r, liveKey{contextID, id})
		if err != nil {
			refuse(w, err)
			return
		}
		if p.serve(w, r, l, k, sub) {
			return
		}
	}
	refuse(w, context.Canceled)
}

// admit lets a request in: by its token, and by what the transfer's state and
// policies say at most a second ago, with no commit since.
func (p *Plane) admit(r *http.Request, key liveKey) (*live, *look, error) {
	l, k := p.verdict(r.Context(), key)
	if err := p.judge(r, k); err != nil {
		if l == nil {
			k.stop()
		}
		return nil, nil, err
	}
	if l == nil {
		l = p.adopt(r.Context(), key, k)
	}
	return l, k, nil
}

func (p *Plane) judge(r *http.Request, k *look) error {
	if k.run.Process == "" {
		return k.err
	}
	grant, err := p.verify(r, k.run)
	if err != nil { // before the transfer's state, of which only its consumer learns
		return err
	}
	return permitted(k.run, k.err, grant)
}

// permitted judges what Transfers said.
func permitted(run transfer.Running, err error, grant string) error {
	switch {
	case err != nil:
		return err
	case run.Grant == "" || run.Grant != grant:
		return errSuperseded
	}
	return nil
}

// serve answers a request that was let in; false: the transfer was given up
// meanwhile, and nothing was done.
func (p *Plane) serve(w http.ResponseWriter, r *http.Request, l *live, k *look, sub []string) bool {
	source, err := l.sourceOf(r.Context(), k.run.Dataset)
	var allowed []string
	if err == nil {
		allowed, err = source.allows(r.Method, sub, r.URL.RawQuery)
	}
	if err == nil {
		err = bodiless(r)
	}
	if err != nil {
		if errors.Is(err, errMethod) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
		}
		p.tellRefused(r.Context(), k.run, err)
		refuse(w, err)
		return true
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	g := newGate(ctx, p.cfg.paces.slowed(ctx, w, p.cfg, k.run, source), l, k.run, cancel)
	if g.idle = source.Idle; g.idle <= 0 {
		g.idle = defaultIdle
	}
	if !l.enter(g) {
		return false
	}
	g.judge(l.latest.Load()) // what was looked at before the gate was there
	g.track(r)
	p.stream(g, r.WithContext(ctx), source, sub)
	return true
}

// bodiless refuses a body with a method that only reads: no rule speaks of it,
// a source may take it for a query, or for a request of its own (RFC 9110,
// section 9.3.1).
func bodiless(r *http.Request) error {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength != 0 {
		return refusal{http.StatusBadRequest, "body-not-allowed", "a request that reads has a body", "send it without one"}
	}
	return nil
}

// stream sends the data through a gate that closes with the transfer.
func (p *Plane) stream(g *gate, r *http.Request, source Source, sub []string) {
	what := g.describes(r, sub)
	g.moved = moving(p.cfg.Evidence, what, p.cfg.Now())
	var up *sentBody
	var err error
	if source.Type == SourceFile {
		err = serveFile(g, r, source, sub)
	} else {
		up, err = serveURL(g, r, p.cfg.Operator, source, sub)
	}
	if err == nil {
		err = g.failed // a header without a body may be all that was to be sent
	}
	g.live.leave(g)
	up.release(g.ResponseWriter, p.cfg.Now())
	g.settle(r.Context())
	cut := g.verdict()
	whole := err == nil && cut == nil
	if g.began.Load() {
		g.what.Offset = offset(g.Header())
		g.end(context.WithoutCancel(r.Context()), max(g.status, http.StatusOK), whole, p.cfg.Now())
	}
	up.end(r.Context(), p.cfg.Evidence, what, g.status, p.cfg.Now())
	switch {
	case g.began.Load() && !whole:
		// The connection is torn down without the end of the body.
		panic(http.ErrAbortHandler)
	case g.began.Load():
	case cut != nil:
		refuse(g.ResponseWriter, cut)
	case g.wanted > 0:
		refuse(g.ResponseWriter, transfer.ErrExhausted)
	case err != nil:
		p.tellRefused(r.Context(), g.run, err)
		refuse(g.ResponseWriter, err)
	}
}

// parsePath takes the path apart: the participant, the transfer, and the rest.
func parsePath(u *url.URL) (contextID, id string, sub []string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if len(parts) < 3 || parts[1] != "data" {
		return "", "", nil, false
	}
	for i := range parts {
		var err error
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			return "", "", nil, false
		}
	}
	return parts[0], parts[2], parts[3:], parts[0] != "" && parts[2] != ""
}
