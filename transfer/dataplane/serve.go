// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
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
		refuse(w, errPath)
		return
	case len(sub) == 1 && sub[0] == renewSegment && p.cfg.Access != nil:
		p.renew(w, r, contextID, id)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		refuse(w, refusal{http.StatusMethodNotAllowed, "method-not-allowed", "data can only be read", "use GET or HEAD"})
		return
	}
	run, err := p.cfg.Transfers.Running(r.Context(), contextID, id)
	if run.Process == "" {
		refuse(w, err)
		return
	}
	grant, tokenErr := p.verify(r, run)
	if tokenErr != nil { // before the transfer's state, of which only its consumer learns
		refuse(w, tokenErr)
		return
	}
	if err = permitted(run, err, grant); err != nil {
		refuse(w, err)
		return
	}
	source, err := p.cfg.SourceOf(r.Context(), contextID, run.Dataset)
	if err == nil {
		err = source.allows(sub, r.URL.RawQuery)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	p.stream(w, r, run, source, sub)
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

// stream sends the data through a gate that closes with the transfer.
func (p *Plane) stream(w http.ResponseWriter, r *http.Request, run transfer.Running, source Source, sub []string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	g := newGate(p.cfg.paces.slowed(ctx, w, p.cfg, run, source), p.cfg, run, func() error {
		now, err := p.cfg.Transfers.Running(ctx, run.Context, run.Process)
		return permitted(now, err, run.Grant)
	})
	g.more = func(want, limit int64) (int64, error) {
		return p.cfg.Meters.TakeBytes(ctx, run.Context, run.Agreement, want, limit)
	}
	g.moved = p.sending(w, r, run, sub)
	done := g.watch(ctx, cancel)
	var err error
	if source.Type == SourceFile {
		err = serveFile(g, r.WithContext(ctx), source, sub)
	} else {
		err = serveURL(g, r.WithContext(ctx), p.cfg.Operator, source, sub)
	}
	if err == nil {
		err = g.failed // a header without a body may be all that was to be sent
	}
	cancel()
	<-done
	g.settle(r.Context())
	if g.wrote {
		g.moved.end(r.Context(), max(g.status, http.StatusOK), err == nil && g.verdict() == nil, p.cfg.Now())
	}
	switch cut := g.verdict(); {
	case g.wrote && (cut != nil || err != nil):
		// The connection is torn down without the end of the body.
		panic(http.ErrAbortHandler)
	case g.wrote:
	case cut != nil:
		refuse(w, cut)
	case g.wanted > 0:
		refuse(w, transfer.ErrExhausted)
	case err != nil:
		refuse(w, err)
	}
}

// sending begins the evidence of an answer, and names it to the consumer.
func (p *Plane) sending(w http.ResponseWriter, r *http.Request, run transfer.Running, sub []string) moved {
	if p.cfg.Evidence == nil {
		return moved{}
	}
	id := trackingID(r.Header, p.cfg.NewID)
	w.Header().Set(TrackingHeader, id)
	return moving(p.cfg.Evidence, transfer.Movement{
		Context: run.Context, Process: run.Process, TrackingID: id, Sent: true, Method: r.Method, Path: strings.Join(sub, "/"),
	}, p.cfg.Now())
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
