// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	// inFlight is how many negotiations go on at the same time.
	inFlight = 64
	// messages of a negotiation, each with its proof: request, agreement,
	// verification, finalization.
	messages = 4
)

// BenchmarkNegotiation concludes agreements between two connectors of one
// process over loopback. CPU time is that of the process, so of both sides:
// the difference between the two cases is what proving and checking costs.
// dcp has warm caches: the first negotiation is not counted.
func BenchmarkNegotiation(b *testing.B) {
	for _, c := range []struct {
		name string
		pair func(*testing.B) (provider, consumer *node)
	}{
		{"sqlite", presharedPair},
		{"sqlite-dcp", dcpPair},
	} {
		b.Run(c.name, func(b *testing.B) {
			provider, consumer := c.pair(b)
			provider.publish(b, catalog.Source{})
			consumer.negotiate(b, proposalOf(provider.id), "FINALIZED")
			b.ResetTimer()
			began, used := time.Now(), cpu(b)
			conclude(b, consumer, provider.id)
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "negotiations/s")
			b.ReportMetric((cpu(b)-used).Seconds()*1e6/float64(b.N*messages), "cpu-µs/message")
		})
	}
}

func presharedPair(b *testing.B) (provider, consumer *node) {
	dir := b.TempDir()
	return pairOn(b, func(name string) string { return "sqlite:" + dir + "/" + name + ".db" }, nil, nil)
}

func dcpPair(b *testing.B) (provider, consumer *node) {
	s := newSpace(b)
	s.onDisk = true
	s.settings = func(d *dcp.Settings) { d.StatusCache = 0 } // the default, which other tests switch off
	provider, consumer = s.member(b, "supplier"), s.member(b, "maker")
	know(b, provider, consumer)
	return provider, consumer
}

// cpu is the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
