// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
)

// inFlight is how many negotiations go on at the same time.
const inFlight = 64

// BenchmarkNegotiation concludes agreements between two connectors of one
// process over loopback: request, agreement, verification, finalization, each
// with its proof. dcp has warm caches, after the first.
func BenchmarkNegotiation(b *testing.B) {
	for name, pair := range map[string]func(*testing.B) (provider, consumer *node){
		"sqlite": func(b *testing.B) (*node, *node) {
			dir := b.TempDir()
			return pairOn(b, func(name string) string { return "sqlite:" + dir + "/" + name + ".db" }, nil, nil)
		},
		"sqlite-dcp": func(b *testing.B) (*node, *node) {
			s := newSpace(b)
			s.onDisk = true
			provider, consumer := s.member(b, "supplier"), s.member(b, "maker")
			know(b, provider, consumer)
			return provider, consumer
		},
	} {
		b.Run(name, func(b *testing.B) {
			provider, consumer := pair(b)
			provider.publish(b, catalog.Source{})
			consumer.negotiate(b, proposalOf(provider.id), "FINALIZED")
			b.ResetTimer()
			began := time.Now()
			conclude(b, consumer, provider.id)
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "negotiations/s")
		})
	}
}

// conclude negotiates b.N times.
func conclude(b *testing.B, consumer *node, provider string) {
	b.Helper()
	work := make(chan struct{})
	var all sync.WaitGroup
	for range inFlight {
		all.Go(func() {
			for range work {
				n, err := consumer.Negotiate(b.Context(), proposalOf(provider))
				if err == nil {
					n, err = consumer.AwaitNegotiation(b.Context(), n.ID, patience, func(n negotiation.Negotiation) bool { return n.State == "FINALIZED" })
				}
				if err != nil {
					b.Errorf("negotiation %s is %s: %v", n.ID, n.State, err)
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	all.Wait()
}
