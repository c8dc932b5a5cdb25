// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// settings are those of a connector on ports of its own.
func settings(store string, contexts ...string) connector.Config {
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Management.APIKeys = []connector.Secret{"key-of-the-test"}
	for _, c := range contexts {
		cfg.Participants = append(cfg.Participants, connector.ParticipantConfig{Context: c, ID: "urn:example:" + c, Profile: "preshared"})
	}
	return cfg
}

// TestLifecycle: whatever the order of calls, nothing is left behind.
func TestLifecycle(t *testing.T) {
	onEachStore(t, func(t *testing.T, store func(string) string) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		ctx := t.Context()
		cfg := settings(store("a"), "acme")

		never, err := connector.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := never.Stop(ctx); err != nil {
				t.Errorf("stopping what was not started: %v", err)
			}
		}
		if err := never.Start(ctx); err == nil || !strings.Contains(err.Error(), "stopped") {
			t.Errorf("started what was stopped: %v", err)
		}

		c, err := connector.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if protocol, management := c.Addresses(); protocol+management != "" {
			t.Errorf("it listens at %q and %q before the start", protocol, management)
		}
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(ctx); err == nil || !strings.Contains(err.Error(), "started before") {
			t.Errorf("started twice: %v", err)
		}
		root := base(c)
		if a := call(t, http.MethodGet, root+"/acme/.well-known/dspace-version", "", ""); a.status != http.StatusOK {
			t.Errorf("the second start broke the first: %d %s", a.status, a.body)
		}
		for range 2 {
			if err := c.Stop(ctx); err != nil {
				t.Errorf("Stop: %v", err)
			}
		}
		if _, err := net.Dial("tcp", strings.TrimPrefix(root, "http://")); err == nil {
			t.Error("it still listens")
		}
		if _, err := c.Participant(ctx, "acme"); err == nil && cfg.Store != "memory:" {
			t.Error("the store is still open")
		}
	})
}

// TestStopCancelled: a stop whose time is over still ends everything.
func TestStopCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c, err := connector.New(settings("memory:", "acme"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Stop(over); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestStopWithWorkOwed: a message under way to a peer that does not answer
// holds up no stop.
func TestStopWithWorkOwed(t *testing.T) {
	c, err := connector.New(settings("memory:", "acme"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := c.Participant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	came, end := make(chan struct{}, 100), make(chan struct{})
	hangs := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came <- struct{}{}; <-end }))
	defer close(end)
	if err := p.PutPeer(t.Context(), connector.PeerConfig{ID: "urn:example:mute", URL: hangs, Inbound: "a", Outbound: "b"}); err != nil {
		t.Fatal(err)
	}
	_, err = p.Negotiate(t.Context(), proposalOf("urn:example:mute"))
	if err != nil {
		t.Fatal(err)
	}
	<-came
	stop(t, c)
}

// TestStartFails: a port in use is named, and what was opened is closed.
func TestStartFails(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, set := range map[string]func(*connector.Config){
		"protocol":   func(c *connector.Config) { c.Protocol.Listen = taken.Addr().String() },
		"management": func(c *connector.Config) { c.Management.Listen = taken.Addr().String() },
	} {
		cfg := settings("memory:", "acme")
		set(&cfg)
		c, err := connector.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Start(t.Context())
		if err == nil || !strings.Contains(err.Error(), name+".listen: another program uses "+taken.Addr().String()) {
			t.Errorf("%s: %v", name, err)
		}
		stop(t, c)
	}
}

// TestRestart: what was owed when both sides stopped is done when they are
// back, on the same database.
func TestRestart(t *testing.T) {
	t.Parallel()
	sqlite := sqliteIn(t.TempDir())
	atProvider, atConsumer := newFront(t), newFront(t)
	provider, consumer := atProvider.start(t, sqlite("supplier"), "supplier"), atConsumer.start(t, sqlite("maker"), "maker")
	introduce(t, provider, consumer)
	provider.publish(t, catalog.Source{})
	atProvider.leaves(t, provider)

	n, err := consumer.Negotiate(t.Context(), proposalOf(provider.id))
	if err != nil {
		t.Fatal(err)
	}
	got, err := consumer.AwaitNegotiation(t.Context(), n.ID, patience, func(n negotiation.Negotiation) bool { return n.LastError != nil })
	if err != nil || got.LastError.Code != "unreachable" || got.WaitingFor != "peer" || got.NextTry.IsZero() || got.Deadline.IsZero() {
		t.Errorf("with the peer down: %+v, last error %+v: %v", got, got.LastError, err)
	}
	atConsumer.leaves(t, consumer)

	provider, consumer = atProvider.start(t, sqlite("supplier"), "supplier"), atConsumer.start(t, sqlite("maker"), "maker")
	done := consumer.awaitNegotiation(t, n.ID, "FINALIZED")
	provider.awaitNegotiation(t, done.PeerPID, "FINALIZED")
	sameAgreement(t, provider, consumer, done.AgreementID)
}

// TestParticipants: AddParticipant and PutPeer refuse what Validate would.
func TestParticipants(t *testing.T) {
	n := startNode(t, "memory:", "acme")
	ctx := t.Context()
	if _, err := n.AddParticipant(ctx, connector.ParticipantConfig{Context: "No Slug", ID: "x"}); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("no slug: %v", err)
	}
	if err := n.PutPeer(ctx, connector.PeerConfig{ID: "urn:example:x", URL: "not a URL", Inbound: "a", Outbound: "b"}); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("no URL: %v", err)
	}
	if _, err := n.Connector.Participant(ctx, "nobody"); !errors.Is(err, trust.ErrUnknownParticipant) {
		t.Errorf("nobody: %v", err)
	}
	p, err := n.AddParticipant(ctx, connector.ParticipantConfig{Context: "second", ID: "urn:example:second", Profile: "preshared"})
	if err != nil {
		t.Fatal(err)
	}
	info, err := p.Info(ctx)
	if want := base(n.Connector) + "/second"; err != nil || info.PublicURL != want || info.Profile != "preshared" || p.Context() != "second" {
		t.Errorf("the participant is %+v, want the URL %s: %v", info, want, err)
	}
	unbound, err := connector.New(settings("memory:"))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, unbound)
	if _, err := unbound.AddParticipant(ctx, connector.ParticipantConfig{Context: "acme", ID: "x", Profile: "preshared"}); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("without a URL to be reached at: %v", err)
	}
}
