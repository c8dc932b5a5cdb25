// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestTokensEndWithTheTransfer: what is kept to renew the tokens of a pull is gone
// at its end, on both sides, also in the format whose tokens are renewed only
// where the source asks for it.
func TestTokensEndWithTheTransfer(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	clock := connector.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	s := newSpace(t, clock)
	s.opts = []connector.Option{clock}
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	err := supplier.Publish(t.Context(), []catalog.Asset{{
		ID: dataset, Formats: []string{transfer.ProfileHTTPPull, pull},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: serve(t, &orders{}), Passage: catalog.Passage{Renew: true}},
	}}, []catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: policy.Permit("use")}})
	if err != nil {
		t.Fatal(err)
	}
	agreement := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED").AgreementID
	settled := func(p transfer.Process) bool { return p.NextTry.IsZero() }
	for name, c := range map[string]struct {
		format, state string
		who           *node // nil: the consumer
		does          negotiation.Act
		pauses        bool
	}{
		"completed by the consumer":           {pull, "COMPLETED", nil, negotiation.Complete, false},
		"terminated by the provider":          {pull, "TERMINATED", supplier, negotiation.Terminate, false},
		"terminated while it is suspended":    {pull, "TERMINATED", supplier, negotiation.Terminate, true},
		"completed, in the profile that says": {transfer.ProfileHTTPPull, "COMPLETED", nil, negotiation.Complete, false},
	} {
		asked, err := maker.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: c.format})
		if err != nil {
			t.Fatal(err)
		}
		p := maker.awaitTransfer(t, asked.ID, "STARTED", settled)
		ahead.Add(int64(6 * time.Minute)) // the token has expired
		if got := maker.pulled(t, p.ID); got != "answer to GET" {
			t.Fatalf("%s: %q", name, got)
		}
		sides := map[*node]string{maker: p.ID, supplier: p.PeerPID}
		for n, id := range sides {
			if kept, err := n.Tokens(t.Context(), id); err != nil || kept == 0 {
				t.Errorf("%s: nothing is kept that could be dropped: %v", name, err)
			}
		}
		if c.pauses {
			supplier.does(t, p.PeerPID, negotiation.Suspend)
			maker.awaitTransfer(t, p.ID, "SUSPENDED", settled)
		}
		if c.who == nil {
			c.who = maker
		}
		c.who.does(t, sides[c.who], c.does)
		for n, id := range sides {
			n.awaitTransfer(t, id, c.state, settled)
			if kept, err := n.Tokens(t.Context(), id); err != nil || kept != 0 {
				t.Errorf("%s: %s of %s keeps its tokens: %v", name, p.ID, n.id, err)
			}
		}
	}
}

// TestPulledElsewhere: tokens that a data plane of its own renews are left to it.
func TestPulledElsewhere(t *testing.T) {
	t.Parallel()
	plane := newVendorPlane(t)
	supplier := startNode(t, "memory:", "supplier")
	maker := startWith(t, "memory:", "maker", func(c *connector.Config) {
		c.Dataplanes = []connector.RemotePlaneConfig{{
			ID: "vendor", Endpoint: plane.url, Profiles: []string{transfer.ProfileHTTPPull, pull}, Roles: []string{"consumer"}, Authorization: weCallItBy,
		}}
	})
	introduce(t, supplier, maker)
	supplier.publish(t, catalog.Source{})
	if err := supplier.Publish(t.Context(), []catalog.Asset{{
		ID: dataset, Formats: []string{transfer.ProfileHTTPPull, pull}, Source: catalog.Source{Type: catalog.SourceHTTP, URL: serve(t, &orders{})},
	}}, nil); err != nil {
		t.Fatal(err)
	}
	agreement := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED").AgreementID
	for format, want := range map[string]string{transfer.ProfileHTTPPull: "pulled-elsewhere", pull: "answer to GET"} {
		asked, err := maker.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: format})
		if err != nil {
			t.Fatal(err)
		}
		p := maker.awaitTransfer(t, asked.ID, "STARTED", nil)
		got := call(t, http.MethodGet, serve(t, maker.PullHandler(p.ID)), "", "")
		if !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s, want %s", format, got.status, got.body, want)
		}
		if kept, err := maker.Tokens(t.Context(), p.ID); err != nil || kept != 0 {
			t.Errorf("%s: tokens are kept: %v", format, err)
		}
	}
}
