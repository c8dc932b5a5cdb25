// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/trust/policy"
)

// declared waits until a side has written down count bodies of a transfer.
func (n *node) declared(t *testing.T, id string, way evidence.Direction, count int64) evidence.Declaration {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		d, err := n.Evidence(t.Context(), id, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		if d.Totals(way).Count() >= count {
			return d
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s of transfer %s: %+v, want %d", way, id, d.Totals(way), count)
		}
	}
}

// TestEvidence: both sides write down the same of what was moved, and the
// journal of either has it.
func TestEvidence(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		provider, consumer := pairOn(t, store, nil, nil)
		large := bytes.Repeat([]byte("部品"), evidence.Large/6+1)
		bodies := make(chan []byte, 8)
		for _, b := range [][]byte{[]byte("one"), large, []byte("three"), {}} {
			bodies <- b
		}
		source := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(<-bodies) }))
		provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: source})
		n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
		p := consumer.request(t, n.AgreementID, "STARTED")
		for range 4 {
			consumer.pulled(t, p.ID)
		}
		theirs := provider.declared(t, p.PeerPID, evidence.Sent, 4)
		ours := consumer.declared(t, p.ID, evidence.Received, 4)
		r := evidence.Match(ours, theirs)
		if !r.Agree || r.Bodies != 4 || r.Bytes != int64(len(large))+8 {
			t.Fatalf("they match: %+v\n%+v\n%+v", r, ours, theirs)
		}
		sum := sha256.Sum256(large)
		if len(ours.Bodies) != 1 || ours.Bodies[0].SHA256 != hex.EncodeToString(sum[:]) || ours.Bodies[0].TrackingID == "" {
			t.Errorf("large bodies: %+v", ours.Bodies)
		}
		if ours.Agreement != n.AgreementID || ours.Participant != consumer.id || ours.Peer != provider.id {
			t.Errorf("who and what: %+v", ours)
		}
		consumer.does(t, p.ID, negotiation.Complete)
		consumer.awaitTransfer(t, p.ID, "COMPLETED", nil)
		for _, side := range []struct {
			*node
			id     string
			events []string
		}{{consumer, p.ID, []string{"transfer.data-received", "transfer.data-totals"}}, {provider, p.PeerPID, []string{"transfer.data-sent", "transfer.data-totals"}}} {
			for _, event := range side.events {
				side.journaled(t, event, side.id, ours.Received.Digest.String(), ours.Bodies[0].SHA256)
			}
		}
	})
}

// journaled waits for a row of the journal about a process that holds one of
// the texts.
func (n *node) journaled(t *testing.T, event, process string, texts ...string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		rows, err := n.Journal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, text := range texts {
				if row.Event == event && row.Process == process && strings.Contains(string(row.Detail), text) {
					return
				}
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no row %s of %s", event, process)
		}
	}
}

// TestEvidenceOfWhatWasCut: a body that did not come to its end is counted
// apart, and both sides say that there was one.
func TestEvidenceOfWhatWasCut(t *testing.T) {
	t.Parallel()
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: slowSource(t)})
	n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
	p := consumer.request(t, n.AgreementID, "STARTED")
	body, err := consumer.Pull(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(body, make([]byte, len("first"))); err != nil {
		t.Fatal(err)
	}
	provider.does(t, p.PeerPID, negotiation.Suspend)
	if _, err := io.ReadAll(body); err == nil {
		t.Fatal("the body was not cut")
	}
	_ = body.Close()
	ours, theirs := consumer.declared(t, p.ID, evidence.Received, 1), provider.declared(t, p.PeerPID, evidence.Sent, 1)
	for _, d := range []evidence.Totals{ours.Totals(evidence.Received), theirs.Totals(evidence.Sent)} {
		if d.Bodies != 0 || d.Cut != 1 || d.CutBytes != 5 || d.Digest != (evidence.Digest{}) {
			t.Errorf("cut: %+v", d)
		}
	}
	if r := evidence.Match(ours, theirs); !r.Agree || len(r.Notes) != 1 {
		t.Errorf("match: %+v", r)
	}
}

// TestEvidenceAtStop: what was moved just before the end is kept.
func TestEvidenceAtStop(t *testing.T) {
	t.Parallel()
	store := sqliteIn(t.TempDir())
	provider, consumer := pairOn(t, store, nil, nil)
	source := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("data")) }))
	provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: source})
	n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
	p := consumer.request(t, n.AgreementID, "STARTED")
	consumer.pulled(t, p.ID)
	stop(t, consumer.Connector)
	again := startNode(t, store("maker"), "maker")
	if d, err := again.Evidence(t.Context(), p.ID, "", 0); err != nil || d.Totals(evidence.Received).Bodies != 1 {
		t.Errorf("after a restart: %+v %v", d, err)
	}
}

// TestEvidenceOfAPush: both sides have a row of it, under one name. What the
// provider sent before the consumer had taken the start is beside it.
func TestEvidenceOfAPush(t *testing.T) {
	t.Parallel()
	provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
	path, sum := bulkFile(t, 1<<20)
	p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path}, nil, policy.Permit("use"))
	completed(t, provider, consumer, p)
	ours, theirs := consumer.declared(t, p.ID, evidence.Received, 1), provider.declared(t, p.PeerPID, evidence.Sent, 1)
	if r := evidence.Match(theirs, ours); !r.Agree || r.Bodies != 1 || r.Bytes != 1<<20 {
		t.Fatalf("they match: %+v\n%+v\n%+v", r, ours, theirs)
	}
	for _, d := range []evidence.Declaration{ours, theirs} {
		whole := slices.DeleteFunc(d.Bodies, func(b evidence.Body) bool { return !b.Whole })
		if len(whole) != 1 || whole[0].SHA256 != sum || whole[0].TrackingID != ours.Bodies[0].TrackingID {
			t.Errorf("the bodies of the %s: %+v", d.Role, d.Bodies)
		}
	}
}

// TestEvidenceIsForgotten: rows of single bodies go after the time that is
// configured, and the totals stay.
func TestEvidenceIsForgotten(t *testing.T) {
	t.Parallel()
	store, clock := sqliteIn(t.TempDir()), &leap{}
	provider, consumer := pairOn(t, store, nil, nil)
	path, sum := bulkFile(t, 1000)
	p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path}, nil, policy.Permit("use"))
	completed(t, provider, consumer, p)
	consumer.tells(t, p.ID, sum)
	consumer.journaled(t, "transfer.data-totals", p.ID, "digest")
	stop(t, consumer.Connector)
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store("maker"), true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: "maker", ID: consumer.id, Profile: "preshared"}}
	cfg.Evidence.Bodies = 24 * time.Hour
	clock.ahead.Store(int64(25 * time.Hour))
	c, err := connector.New(cfg, connector.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := nodeOf(t, c, "maker")
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		d, err := again.Evidence(t.Context(), p.ID, "", 0)
		if err != nil || d.Totals(evidence.Received).Bodies != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if len(d.Bodies) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still there: %+v", d.Bodies)
		}
	}
}
