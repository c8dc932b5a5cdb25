// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// proxy hands the requests of the kit to the replicas in turn, and counts.
type proxy struct {
	front, hooks *balancer
}

type balancer struct {
	listener net.Listener
	server   *http.Server
	mu       sync.Mutex
	targets  []string
	counts   []*atomic.Int64
	turn     atomic.Int64
}

func newProxy() (*proxy, error) {
	front, err := newBalancer()
	if err != nil {
		return nil, err
	}
	hooks, err := newBalancer()
	if err != nil {
		front.close()
		return nil, err
	}
	return &proxy{front: front, hooks: hooks}, nil
}

func newBalancer() (*balancer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &balancer{listener: l}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", b.next()
	}}
	b.server = &http.Server{Handler: forward, ReadHeaderTimeout: 5 * time.Second}
	go b.server.Serve(l) //nolint:errcheck // ends with close
	return b, nil
}

func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := int(b.turn.Add(1)) % len(b.targets)
	b.counts[i].Add(1)
	return b.targets[i]
}

func (b *balancer) add(target string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets, b.counts = append(b.targets, target), append(b.counts, new(atomic.Int64))
}

func (b *balancer) url() string {
	return fmt.Sprintf("http://localhost:%d", b.listener.Addr().(*net.TCPAddr).Port)
}

func (b *balancer) close() { _ = b.server.Close() }

func (p *proxy) url() string                { return p.front.url() }
func (p *proxy) hooksURL() string           { return p.hooks.url() }
func (p *proxy) add(protocol, hooks string) { p.front.add(protocol); p.hooks.add(hooks) }
func (p *proxy) close()                     { p.front.close(); p.hooks.close() }

// report prints how many requests each replica served.
func (p *proxy) report() {
	for i, n := range p.front.counts {
		fmt.Printf("replica %d served %d requests\n", i+1, n.Load())
	}
}

// balanced fails if a replica served less than its share.
func (p *proxy) balanced() error {
	var total int64
	for _, n := range p.front.counts {
		total += n.Load()
	}
	for i, n := range p.front.counts {
		if n.Load()*100 < 40*total {
			return fmt.Errorf("replica %d served %d of %d requests, under 40 %%", i+1, n.Load(), total)
		}
	}
	return nil
}

// demandsAuthentication checks on every replica (the proxy takes turns) that
// a catalogue is refused without the peer's token, and that the version
// document needs none.
func demandsAuthentication(ctx context.Context, base string) error {
	client := &http.Client{Timeout: 5 * time.Second}
	catalog := `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`
	for range 2 {
		for token, wanted := range map[string]int{"": 401, "Bearer other": 401, "Bearer TCK": 200} {
			if err := expect(ctx, client, http.MethodPost, base+"/dsp/2025-1/catalog/request", catalog, token, wanted); err != nil {
				return err
			}
		}
		if err := expect(ctx, client, http.MethodGet, base+"/.well-known/dspace-version", "", "", 200); err != nil {
			return err
		}
	}
	fmt.Println("without the kit's token, and with another one, a catalogue request is refused; the version document is open")
	return nil
}

func expect(ctx context.Context, client *http.Client, method, url, body, token string, wanted int) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != wanted {
		return fmt.Errorf("%s %s with Authorization %q answered %d, not %d", method, url, token, resp.StatusCode, wanted)
	}
	return nil
}
