// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/rand"

	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// pullPlane is the built-in data plane.
func (c *Connector) pullPlane() *dataplane.Plane { return dataplane.New(c.sources()) }

// sources says where the data of transfers is, and who may have it.
func (c *Connector) sources() dataplane.Config {
	return dataplane.Config{
		Transfers: c.transfers, SourceOf: c.source, PublicURL: c.publicURLOf, Evidence: c.evidence, NewID: newID,
		Access: c.store, Replays: c.store, DIDs: c.identity.dids, CheckURL: c.http.Foreign.CheckURL, Renewer: c.renewer, Rand: rand.Reader,
		Keys: c.keys, Operator: c.http.Operator, Meters: c.store, Timer: timer, Now: c.now, Watch: c.watchTransfer, Edits: c.edits.watch, Log: c.log,
	}
}

func (c *Connector) publicURLOf(ctx context.Context, contextID string) (string, error) {
	p, err := c.store.Participant(ctx, contextID)
	return p.PublicURL, err
}
