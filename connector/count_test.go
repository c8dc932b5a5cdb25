// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust/policy"
)

// limitedVenues plays a test where a provider is one process, on each store,
// and where it is two.
func limitedVenues(t *testing.T, f func(t *testing.T, v *venue)) {
	t.Helper()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		v := &venue{source: newEndless(t)}
		v.desk, v.consumer = pairOn(t, store, nil, nil)
		v.pump = v.desk
		f(t, v)
	})
	t.Run("two replicas", func(t *testing.T) { f(t, newVenue(t, replicas, false, 0)) })
}

// TestCount: of many transfers that are asked for at the same time as many
// start as the policy permits, never one more, and the others are told why.
func TestCount(t *testing.T) {
	t.Parallel()
	const limit, asked = 3, 20
	limitedVenues(t, func(t *testing.T, v *venue) {
		usage := policy.Permit("use", policy.Times(limit))
		v.offers(t, policy.Permit("use"), usage)
		n := v.consumer.negotiate(t, negotiation.Proposal{
			Peer: v.desk.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage},
		}, "FINALIZED")
		ended := make([]transfer.Process, asked)
		var all sync.WaitGroup
		for i := range ended {
			all.Go(func() {
				p, err := v.consumer.Request(t.Context(), transfer.RequestArgs{Agreement: n.AgreementID, Format: pull})
				if err == nil {
					ended[i], err = v.consumer.AwaitTransfer(t.Context(), p.ID, patience, func(p transfer.Process) bool {
						return p.Pending == "" && (p.State == "STARTED" || p.State == "TERMINATED")
					})
				}
				if err != nil {
					t.Errorf("transfer %d is %s: %v", i, ended[i].State, err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		started := 0
		for _, p := range ended {
			theirs := v.desk.awaitTransfer(t, p.PeerPID, p.State, nil)
			if p.State == "STARTED" {
				started++
				v.consumer.flows(t, p.ID).reaches(t, 1)
				continue
			}
			for who, p := range map[string]transfer.Process{"consumer": p, "provider": theirs} {
				if !strings.Contains(p.StoppedFor, "count lteq 3 does not hold") || p.DataAddress != nil {
					t.Errorf("the %s's refused transfer ended for %q, with the address %v", who, p.StoppedFor, p.DataAddress)
				}
			}
		}
		used, err := v.desk.Used(t.Context(), n.AgreementID)
		if started != limit || used.Started != limit || err != nil {
			t.Errorf("%d transfers started and %d are counted, want %d: %v", started, used.Started, limit, err)
		}
		if got := v.source.asked.Load(); got != limit {
			t.Errorf("the source was asked %d times, want %d", got, limit)
		}
	})
}

// TestUnstartedIsNotCounted: a transfer that is given up before it started
// leaves its place to another one.
func TestUnstartedIsNotCounted(t *testing.T) {
	provider, consumer := pair(t, connector.WithTransferDecider(transfer.Approval{}))
	usage := policy.Permit("use", policy.Times(1))
	err := provider.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Properties: map[string]any{"dct:title": "A seat"}, Source: catalog.Source{Type: catalog.SourceHTTP, URL: newEndless(t).url}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	n := consumer.negotiate(t, negotiation.Proposal{
		Peer: provider.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage},
	}, "FINALIZED")
	given := consumer.request(t, n.AgreementID, "REQUESTED")
	consumer.does(t, given.ID, negotiation.Terminate)
	provider.awaitTransfer(t, given.PeerPID, "TERMINATED", nil)

	p := consumer.request(t, n.AgreementID, "REQUESTED")
	if _, err := provider.ActTransfer(t.Context(), p.PeerPID, negotiation.Decision{Act: negotiation.Start}); err != nil {
		t.Fatal(err)
	}
	consumer.awaitTransfer(t, p.ID, "STARTED", nil)

	more := consumer.request(t, n.AgreementID, "TERMINATED") // not even a person is asked
	if !strings.Contains(more.StoppedFor, "count lteq 1") {
		t.Errorf("the second one ended for %q", more.StoppedFor)
	}
}

// TestVolume: bodies that run at the same time, of several transfers and on
// several replicas, get together what the policy permits and not a byte more.
func TestVolume(t *testing.T) {
	t.Parallel()
	const limit, readers = 700_001, 6
	limitedVenues(t, func(t *testing.T, v *venue) {
		v.spread.Store(true)
		usage := policy.Permit("use", policy.Volume(limit))
		v.offers(t, policy.Permit("use"), usage)
		n := v.consumer.negotiate(t, negotiation.Proposal{
			Peer: v.desk.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage},
		}, "FINALIZED")
		var flows []*flow
		processes := make([]transfer.Process, readers)
		for i := range processes {
			processes[i] = v.consumer.request(t, n.AgreementID, "STARTED")
		}
		for _, p := range processes {
			f, err := v.consumer.tryFlow(t, p.ID)
			var none *dataplane.FetchError
			switch {
			case err == nil:
				flows = append(flows, f)
			case !errors.As(err, &none) || none.Status != 403 || len(flows) == 0: // else the others were quicker
				t.Fatal(err)
			}
		}
		var total int64
		for _, f := range flows {
			<-f.done
			total += f.got()
		}
		for i := range processes {
			p := v.consumer.awaitTransfer(t, processes[i].ID, "TERMINATED", nil)
			v.desk.awaitTransfer(t, p.PeerPID, "TERMINATED", nil)
			if !strings.Contains(p.StoppedFor, "bytes lteq 700001 does not hold") {
				t.Errorf("transfer %d ended for %q", i, p.StoppedFor)
			}
		}
		used, err := v.desk.Used(t.Context(), n.AgreementID)
		if total != limit || used.Bytes != limit || err != nil {
			t.Errorf("%d bytes came and %d are counted, want %d: %v", total, used.Bytes, limit, err)
		}
	})
}
