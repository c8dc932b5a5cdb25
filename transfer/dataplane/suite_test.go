// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

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
	cfg.Timer = realTimer
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

// pushPlane opens the built-in plane of a push, with what carries its jobs.
func pushPlane(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
	b := newBench(t)
	cfg := b.config()
	cfg.Transfers, cfg.Watch, cfg.Now, cfg.Timer = c, c.Watch, time.Now, realTimer
	cfg.SourceOf = func(context.Context, string, string) (dataplane.Source, error) {
		return dataplane.Source{Type: dataplane.SourceHTTP, URL: c.SourceURL()}, nil
	}
	newID := func() string { return uuid.Must(uuid.NewV7()).URN() }
	push := dataplane.NewPush(dataplane.PushConfig{
		Config: cfg, Jobs: b.meters, Foreign: b.clients.Foreign, Signals: c, Evidence: c, NewID: newID,
	})
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: b.meters, Alone: true, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: push},
		Watch: c.Watch, Timer: realTimer, Now: time.Now,
	})
	push.Carried(carrier)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			next, err := carrier.Work(ctx)
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			pause := time.Second
			if !next.IsZero() {
				pause = min(pause, max(time.Until(next), time.Millisecond))
			}
			fired, stop := realTimer(pause)
			select {
			case <-ctx.Done():
			case <-carrier.Wake():
			case <-fired:
			}
			stop()
		}
	}()
	t.Cleanup(func() { cancel(); <-done; carrier.Close() })
	return push
}

func realTimer(d time.Duration) (<-chan time.Time, func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}

// TestPushPlane proves the contract of a data plane that pushes.
func TestPushPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.PushFormat, pushPlane)
}

// TestFaultyPushPlane: calls that are lost change nothing of it.
func TestFaultyPushPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.PushFormat, func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
		return dataplanetest.Faulty(pushPlane(t, c))
	})
}
