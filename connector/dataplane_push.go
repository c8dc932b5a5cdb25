// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// pushFormats are those in which the built-in planes push.
var pushFormats = []string{dataplane.PushFormat, dataplane.PushProfile}

// pushPlanes builds both sides of a push, and what moves bodies. Without a
// folder for data nothing can be pushed to us.
func (c *Connector) pushPlanes(planes *transfer.Set, replaced func(format string) bool) {
	c.push = dataplane.NewPush(dataplane.PushConfig{
		Config: c.sources(), Jobs: c.store, Foreign: c.http.Foreign, Signals: c.transfers,
	})
	c.carrier = c.newCarrier()
	c.push.Carried(c.carrier)
	if c.sink != nil {
		c.inbox = dataplane.NewInbox(dataplane.InboxConfig{
			Jobs: c.store, Drafts: drafts{c}, Carrier: c.carrier, Receiving: c.transfers.Receiving, PublicURL: c.publicURLOf,
			Until: func(ctx context.Context, f transfer.Flow) (time.Time, error) {
				return c.lentUntil(ctx, f.Context, f.Agreement)
			},
			Watch: c.watchTransfer, Timer: timer, Now: c.now, NewID: newID, Rand: rand.Reader, Evidence: c.evidence,
			MaxBodies: c.cfg.Sink.MaxBodies, MaxTotal: pushedLimit(c.cfg.Sink.MaxTransferBytes, c.cfg.sinkLimit()), Log: c.log,
		})
	}
	for _, format := range pushFormats {
		if replaced(format) {
			continue
		}
		planes.Builtin(format, "provider", c.push)
		if c.inbox != nil {
			planes.Builtin(format, "consumer", c.inbox)
		}
	}
}

// dataHandler serves the data of the built-in planes.
func (c *Connector) dataHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.inbox != nil && c.inbox.Serves(r.URL) {
			c.inbox.ServeHTTP(w, r)
			return
		}
		c.data.ServeHTTP(w, r)
	})
}
