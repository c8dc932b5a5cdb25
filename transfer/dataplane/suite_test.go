// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

// pullPlane opens the built-in plane on the suite's control plane.
func pullPlane(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
	b := newBench(t)
	cfg := b.config()
	cfg.Transfers, cfg.Watch, cfg.Evidence, cfg.Now = c, c.Watch, c, time.Now
	cfg.NewID = func() string { return "urn:uuid:named-by-the-provider" }
	cfg.Timer = wallTimer
	cfg.SourceOf = func(context.Context, string, string) (dataplane.Source, error) {
		return dataplane.Source{Type: dataplane.SourceHTTP, URL: c.SourceURL()}, nil
	}
	plane := dataplane.New(cfg)
	b.server.Config.Handler = plane
	return plane
}

// TestPullPlane proves the contract of a data plane.
func TestPullPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.Format, pullPlane)
}

// TestFaultyPullPlane: calls that are lost change nothing of it.
func TestFaultyPullPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.Format, func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
		return dataplanetest.Faulty(pullPlane(t, c))
	})
}
