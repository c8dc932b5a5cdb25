// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"testing"
	"time"
)

// balancer hands requests to replicas in turn, as far as they say that they
// are ready, and counts.
type balancer struct {
	address string

	mu       sync.Mutex
	backends []*backend
	turn     int
}

type backend struct {
	address, management string
	ready               bool
	requests            int
}

// How often a replica is asked whether it is ready, and how long it may take.
const (
	askEvery = 100 * time.Millisecond
	askLimit = 2 * time.Second
)

var errNobody = errors.New("no replica is ready")

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{address: l.Addr().String()}
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: &httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", b.next()
			r.Out.Host = r.In.Host
		},
	}}
	go server.Serve(l) // ends with Close
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	})
	return b
}

// add gives the balancer a replica: where requests go, and where it says that
// it is ready.
func (b *balancer) add(ctx context.Context, address, management string) {
	one := &backend{address: address, management: management}
	b.mu.Lock()
	b.backends = append(b.backends, one)
	b.mu.Unlock()
	go func() {
		client := &http.Client{Timeout: askLimit}
		for pause(ctx, askEvery) {
			status, _ := probe(ctx, client, management)
			b.mu.Lock()
			one.ready = status == http.StatusOK
			b.mu.Unlock()
		}
	}()
}

// probe asks a process whether it is ready.
func probe(ctx context.Context, client *http.Client, management string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+management+"/readyz", http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// next is the replica whose turn it is. Where none is ready, the request goes
// to nobody and is answered 502.
func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.backends {
		b.turn++
		if one := b.backends[b.turn%len(b.backends)]; one.ready {
			one.requests++
			return one.address
		}
	}
	return "127.0.0.1:1"
}

// open waits until n replicas are ready.
func (b *balancer) open(ctx context.Context, n int) error {
	for pause(ctx, again) {
		b.mu.Lock()
		ready := 0
		for _, one := range b.backends {
			if one.ready {
				ready++
			}
		}
		b.mu.Unlock()
		if ready >= n {
			return nil
		}
	}
	return errNobody
}

// counts are the requests that each replica was given.
func (b *balancer) counts() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]int, len(b.backends))
	for i, one := range b.backends {
		list[i] = one.requests
	}
	return list
}
