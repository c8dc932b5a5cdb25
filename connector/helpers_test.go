// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

func TestMain(m *testing.M) {
	testkit.AtOnce(4)
	goleak.VerifyTestMain(m)
}

// patience bounds every wait. It is long since machines are slow, and never
// used up where the code is right.
const patience = time.Minute

const pull = "HttpData-PULL"

// A node is a connector with one participant, on real ports of its own.
type node struct {
	*connector.Connector
	*connector.Participant
	name, id, url string
}

// startNode starts a connector that is stopped with the test.
func startNode(t testing.TB, store, name string, opts ...connector.Option) *node {
	t.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	id := "urn:example:" + name
	cfg.Participants = []connector.ParticipantConfig{{Context: name, ID: id, Name: name + " (fictional)", Profile: "preshared"}}
	c, err := connector.New(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return nodeOf(t, c, name)
}

// nodeOf is one participant of a started connector.
func nodeOf(t testing.TB, c *connector.Connector, name string) *node {
	t.Helper()
	p, err := c.Participant(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return &node{Connector: c, Participant: p, name: name, id: "urn:example:" + name, url: base(c) + "/" + name + "/dsp/2025-1"}
}

func stop(t testing.TB, c *connector.Connector) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// base is the root of the protocol listener.
func base(c *connector.Connector) string {
	address, _ := c.Addresses()
	return "http://" + strings.Replace(address, "127.0.0.1", "localhost", 1)
}

// introduce makes two participants known to each other.
func introduce(t testing.TB, a, b *node) {
	t.Helper()
	put := func(to, peer *node) {
		t.Helper()
		err := to.PutPeer(t.Context(), connector.PeerConfig{
			ID: peer.id, URL: peer.url,
			Inbound: tokenOf(peer.name, to.name), Outbound: tokenOf(to.name, peer.name),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put(a, b)
	put(b, a)
}

// tokenOf is what one participant sends to another.
func tokenOf(from, to string) connector.Secret {
	return connector.Secret("Bearer " + from + "-to-" + to)
}

// pair starts a provider and a consumer who know each other.
func pair(t testing.TB, opts ...connector.Option) (provider, consumer *node) {
	t.Helper()
	return pairOn(t, func(string) string { return "memory:" }, opts, opts)
}

func pairOn(t testing.TB, store func(name string) string, ofProvider, ofConsumer []connector.Option) (provider, consumer *node) {
	t.Helper()
	provider = startNode(t, store("supplier"), "supplier", ofProvider...)
	consumer = startNode(t, store("maker"), "maker", ofConsumer...)
	introduce(t, provider, consumer)
	return provider, consumer
}

// onEachStore runs a test on every store that needs no server.
func onEachStore(t *testing.T, f func(t *testing.T, store func(name string) string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		f(t, func(name string) string { return "sqlite:" + filepath.Join(dir, name+".db") })
	})
	t.Run("memory", func(t *testing.T) { f(t, func(string) string { return "memory:" }) })
}

const (
	dataset = "urn:example:dataset:seat"
	offerID = "urn:example:offer:seat"
)

// publish offers the dataset to anybody.
func (n *node) publish(t testing.TB, source catalog.Source, rules ...catalog.Rule) {
	t.Helper()
	err := n.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Properties: map[string]any{"dct:title": "A seat"}, Source: source}},
		[]catalog.Offer{{
			ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}},
			Access: policy.Permit("use"), Usage: policy.Permit("use"), Rules: rules,
		}})
	if err != nil {
		t.Fatal(err)
	}
}

// proposalOf asks a peer for the dataset on its own terms.
func proposalOf(peer string) negotiation.Proposal {
	return negotiation.Proposal{
		Peer: peer, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: policy.Permit("use")},
	}
}

// negotiate opens a negotiation and waits until it is in the state.
func (n *node) negotiate(t testing.TB, p negotiation.Proposal, state string) negotiation.Negotiation {
	t.Helper()
	opened, err := n.Negotiate(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return n.awaitNegotiation(t, opened.ID, state)
}

// awaitNegotiation waits for a state, with nothing of ours under way. Another
// end is a failure.
func (n *node) awaitNegotiation(t testing.TB, id, state string) negotiation.Negotiation {
	t.Helper()
	got, err := n.AwaitNegotiation(t.Context(), id, patience, func(g negotiation.Negotiation) bool {
		return g.State == state && g.Pending == "" || g.State == "TERMINATED" || g.State == "FINALIZED"
	})
	if err != nil || got.State != state {
		t.Fatalf("%s: the negotiation is %s (%s, pending %q, last error %+v), want %s: %v",
			n.name, got.State, got.TerminatedFor, got.Pending, got.LastError, state, err)
	}
	return got
}

// request asks for a transfer and waits until it is in the state.
func (n *node) request(t testing.TB, agreement, state string) transfer.Process {
	t.Helper()
	p, err := n.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	return n.awaitTransfer(t, p.ID, state, nil)
}

// awaitTransfer waits for a state, with nothing of ours under way and, if
// given, what else has to be true.
func (n *node) awaitTransfer(t testing.TB, id, state string, and func(transfer.Process) bool) transfer.Process {
	t.Helper()
	got, err := n.AwaitTransfer(t.Context(), id, patience, func(p transfer.Process) bool {
		return p.State == state && p.Pending == "" && (and == nil || and(p))
	})
	if err != nil {
		t.Fatalf("%s: the transfer is %s (%s, pending %q, last error %+v), want %s: %v",
			n.name, got.State, got.StoppedFor, got.Pending, got.LastError, state, err)
	}
	return got
}

// does acts in a transfer.
func (n *node) does(t testing.TB, id string, act negotiation.Act) {
	t.Helper()
	if _, err := n.ActTransfer(t.Context(), id, negotiation.Decision{Act: act, Reason: "the test wants it"}); err != nil {
		t.Fatalf("%s: %s: %v", n.name, act, err)
	}
}

// pulled reads all data of a transfer.
func (n *node) pulled(t testing.TB, id string) string {
	t.Helper()
	body, err := n.Pull(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// client calls over connections that it closes after use.
func client(t testing.TB) *http.Client {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request and reads the answer.
func call(t testing.TB, method, target, authorization, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// serve serves a handler on a port of its own until the test ends.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}
