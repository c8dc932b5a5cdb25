// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// identities are how the two of a trade prove themselves, by the ending of
// the case's name.
var identities = map[string]string{"": "token", "-dcp": "dcp", "-preshared": "preshared"}

// durable is what a store must say of its commits.
var durable = map[string]string{"sqlite": "synchronous=2", "postgres": "fsync=on synchronous_commit=on"}

// A trade is a consumer in this process and a provider in another, who know
// each other.
type trade struct {
	consumer      *node
	consumerSetup remoteSetup
	provider      *remote
	server        int  // process id of the database server; 0: none here
	signed        bool // each message has a token
}

// newTrade starts both.
func newTrade(t testing.TB, store, identity string) *trade {
	t.Helper()
	setup := remoteSetup{Store: storeAt(t, store, "supplier"), Durable: durable[store], Identity: identity}
	consumer := remoteSetup{Store: storeAt(t, store, "maker"), Durable: durable[store], Identity: identity}
	var s *space
	if identity != "preshared" {
		s = newSpace(t)
		settings := s.memberSettings()
		settings.StatusCache = 0 // the default, which other tests switch off
		if identity == "dcp" {
			settings.PresentationCache = -1
		}
		setup.Settings, setup.Authority = settings, s.authority.id
		consumer.Settings = settings
	}
	tr := &trade{consumer: consumer.start(t, "maker"), consumerSetup: consumer, provider: startRemote(t, setup), signed: s != nil}
	if store == "postgres" {
		tr.server = serverOf(t, os.Getenv("MUSUBI_POSTGRES"))
	}
	if s != nil {
		s.register(t, tr.consumer)
		s.registerRemote(t, tr.provider)
	}
	for _, err := range []error{
		tr.provider.call("Know", Place{tr.consumer.id, tr.consumer.url}, nil),
		consumer.know(tr.consumer, "supplier", tr.provider.place),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// storeAt is the data source name of a new store.
func storeAt(t testing.TB, store, name string) string {
	t.Helper()
	if store == "postgres" {
		return postgresDSN(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), name+".db")
}

// remoteSetup is what one of the two processes is told.
type remoteSetup struct {
	Store, Durable, Identity string
	Settings                 dcp.Settings // unless preshared
	Authority                string       // unless preshared
}

// start starts a connector of the setup and asks its store how durable it is.
func (s remoteSetup) start(t testing.TB, name string) *node {
	t.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.Key, cfg.DevMode = s.Store, connector.Secret(hexKey()), true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	own := connector.ParticipantConfig{Context: name, Name: name + " (fictional)", Identity: s.Settings}
	if s.Identity == "preshared" {
		own.Profile, own.ID = "preshared", "urn:example:"+name
	}
	cfg.Participants = []connector.ParticipantConfig{own}
	c, err := connector.New(cfg, connector.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Durability(t.Context()); err != nil || got != s.Durable {
		t.Fatalf("the store of the %s commits with %q, want %q: %v", name, got, s.Durable, err)
	}
	n := nodeOf(t, c, name)
	info, err := n.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.id, n.url = info.ID, info.PublicURL+"/dsp/2025-1"
	return n
}

// Place is where a counterparty is.
type Place struct{ ID, URL string }

// know makes a counterparty known to a node.
func (s remoteSetup) know(n *node, name string, at Place) error {
	peer := connector.PeerConfig{ID: at.ID, URL: at.URL}
	if s.Identity == "preshared" {
		peer.Inbound, peer.Outbound = tokenOf(name, n.name), tokenOf(n.name, name)
	}
	return n.PutPeer(context.Background(), peer)
}

// registerRemote has the other process ask the authority, and the authority
// approve.
func (s *space) registerRemote(t testing.TB, r *remote) {
	t.Helper()
	asked := r.client.Go("Remote.Register", struct{}{}, nil, nil)
	s.members++
	s.approve(t, r.place.ID, claimsOf(t, s.members))
	if <-asked.Done; asked.Error != nil {
		t.Fatal(asked.Error)
	}
}

// conclude negotiates as often as more says, with so many in flight. It is
// called by this goroutine alone, when there is room for another one.
func (tr *trade) conclude(t testing.TB, more func() bool) {
	t.Helper()
	proposal, work := proposalOf(tr.provider.place.ID), make(chan struct{})
	var all sync.WaitGroup
	for range inFlight {
		all.Go(func() {
			for range work {
				if _, err := tr.one(t, proposal); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for more() {
		work <- struct{}{}
	}
	close(work)
	all.Wait()
}

// one negotiates until the consumer's side is FINALIZED.
func (tr *trade) one(t testing.TB, proposal negotiation.Proposal) (negotiation.Negotiation, error) {
	n, err := tr.consumer.Negotiate(t.Context(), proposal)
	if err == nil {
		n, err = tr.consumer.AwaitNegotiation(t.Context(), n.ID, patience, finalized)
	}
	if err != nil {
		err = fmt.Errorf("negotiation %s is %s: %w", n.ID, n.State, err)
	}
	return n, err
}

func finalized(n negotiation.Negotiation) bool { return n.State == "FINALIZED" && n.Pending == "" }

// settle waits until all are FINALIZED at the provider, too.
func (tr *trade) settle(t testing.TB, want int) {
	t.Helper()
	var got int
	if err := tr.provider.call("Settle", struct{}{}, &got); err != nil || got != want {
		t.Fatalf("%d of %d negotiations are FINALIZED at the provider: %v", got, want, err)
	}
}

// times measures some negotiations, one after the other, from the request
// until both sides are FINALIZED.
func (tr *trade) times(t testing.TB, count int) []time.Duration {
	t.Helper()
	proposal := proposalOf(tr.provider.place.ID)
	took := make([]time.Duration, count)
	for i := range took {
		began := time.Now()
		n, err := tr.one(t, proposal)
		if err == nil {
			err = tr.provider.call("Await", n.PeerPID, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		took[i] = time.Since(began)
	}
	return took
}

// publishOpen offers the dataset to anybody.
func (n *node) publishOpen(t testing.TB) { t.Helper(); n.publish(t, catalog.Source{}) }

// credentials are those that a member of the space asks for.
var credentials = []string{trust.MembershipCredential, trust.CorporateIdentityCredential}
