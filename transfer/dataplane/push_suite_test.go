// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"crypto/rand"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

// works calls a carrier as the connector's chore does, until the test ends.
func works(t testing.TB, c *dataplane.Carrier) { t.Cleanup(runs(t, c, time.Until)) }

// runs is works until stop, by another clock.
func runs(t testing.TB, c *dataplane.Carrier, until func(time.Time) time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			next, err := c.Work(ctx)
			if err != nil && ctx.Err() == nil {
				t.Errorf("the carrier: %v", err)
			}
			pause := time.Minute
			if !next.IsZero() {
				pause = max(until(next), time.Millisecond)
			}
			fired, release := wallTimer(pause)
			select {
			case <-fired:
			case <-c.Wake():
			case <-ctx.Done():
			}
			release()
		}
	}()
	return func() { cancel(); <-ended; c.Close() }
}

// pushPlane opens the provider's plane of a push on the suite's control plane.
func pushPlane(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
	b := newBench(t)
	clients, err := safehttp.New(safehttp.Config{DevMode: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	cfg := dataplane.PushConfig{Config: b.config(), Jobs: memory.New(), Foreign: clients.Foreign, Signals: c}
	cfg.Transfers, cfg.Watch, cfg.Evidence, cfg.Now, cfg.Timer = c, c.Watch, c, time.Now, wallTimer
	var ids atomic.Int64
	cfg.NewID = func() string { return "urn:uuid:0190f5a3-0000-7000-8000-" + string('a'+rune(ids.Add(1)%26)) }
	cfg.SourceOf = func(context.Context, string, string) (dataplane.Source, error) {
		return dataplane.Source{Type: dataplane.SourceHTTP, URL: c.SourceURL()}, nil
	}
	plane := dataplane.NewPush(cfg)
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: cfg.Jobs, Alone: true, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: plane}, Watch: c.Watch, Timer: wallTimer, Now: time.Now,
	})
	plane.Carried(carrier)
	works(t, carrier)
	return plane
}

// TestPushPlane proves the contract of a data plane.
func TestPushPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.PushFormat, pushPlane)
}

// TestFaultyPushPlane: calls that are lost change nothing of it.
func TestFaultyPushPlane(t *testing.T) {
	dataplanetest.Run(t, dataplane.PushFormat, func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
		return dataplanetest.Faulty(pushPlane(t, c))
	})
}

// inboxPlane opens the consumer's plane of a push on the suite's control plane.
func inboxPlane(t testing.TB, c *dataplanetest.Control) (transfer.DataPlane, func(string) []string) {
	shelf, jobs := dataplanetest.NewShelf(1<<30), memory.New()
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{Jobs: jobs, Alone: true, Watch: c.Watch, Timer: wallTimer, Now: time.Now})
	server := httptest.NewServer(nil)
	inbox := dataplane.NewInbox(dataplane.InboxConfig{
		Jobs: jobs, Drafts: shelf, Carrier: carrier, Receiving: c.Receiving, Watch: c.Watch, Timer: wallTimer, Now: time.Now,
		NewID: newID, Rand: rand.Reader, Evidence: c,
		PublicURL: func(_ context.Context, contextID string) (string, error) { return server.URL + "/" + contextID, nil },
	})
	server.Config.Handler = inbox
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); carrier.Close() })
	return inbox, shelf.Bodies
}

// TestInboxPlane proves the contract of a consumer's data plane.
func TestInboxPlane(t *testing.T) {
	dataplanetest.RunInbox(t, dataplane.PushFormat, inboxPlane)
}

// TestFaultyInboxPlane: calls that are lost change nothing of it.
func TestFaultyInboxPlane(t *testing.T) {
	dataplanetest.RunInbox(t, dataplane.PushFormat, func(t testing.TB, c *dataplanetest.Control) (transfer.DataPlane, func(string) []string) {
		plane, kept := inboxPlane(t, c)
		return dataplanetest.Faulty(plane), kept
	})
}
