// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/interop"
)

// musubiPair are two of our connectors.
type musubiPair struct {
	provider, consumer *interop.API
	asset              string
	pids               map[string]int
	closers            []func() error
}

// storeFor makes the store of one of the two, and says how it is taken away.
type storeFor func(ctx context.Context, name string) (dsn string, remove func() error, err error)

// onSQLite is a file beside the program, which goes with it.
func onSQLite(_ context.Context, name string) (string, func() error, error) {
	return "sqlite:" + name + ".db", func() error { return nil }, nil
}

// onPostgres is a schema of its own in the database.
func onPostgres(dsn string) storeFor {
	return func(ctx context.Context, name string) (string, func() error, error) {
		u, err := url.Parse(dsn)
		if err != nil {
			return "", nil, err
		}
		schema := "peers_" + name + "_" + strings.ToLower(rand.Text())
		do := func(ctx context.Context, statement string) error {
			out, err := exec.CommandContext(ctx, "psql", "-q", "-c", statement, dsn).CombinedOutput() //nolint:gosec // the run's own database
			if err != nil {
				return fmt.Errorf("%s: %w: %s", statement, err, out)
			}
			return nil
		}
		query := u.Query()
		query.Set("search_path", schema)
		u.RawQuery = query.Encode()
		remove := func() error { return do(context.WithoutCancel(ctx), "DROP SCHEMA "+schema+" CASCADE") }
		return u.String(), remove, do(ctx, "CREATE SCHEMA "+schema)
	}
}

const settings = `store: "%s"
key: "%s"
devMode: true
protocol: {listen: "%s"}
management: {listen: "%s", apiKeys: [key]}
participants:
  - context: %s
    id: "urn:example:%[5]s"
    name: "The %[5]s (fictional)"
    profile: preshared
    peers:
      - id: "urn:example:%[6]s"
        url: "http://%[7]s/%[6]s/dsp/2025-1"
        inbound: "Bearer %[6]s-to-%[5]s"
        outbound: "Bearer %[5]s-to-%[6]s"
`

// use permits whatever use.
var use = map[string]any{"permission": []any{map[string]any{"action": "use"}}}

// openMusubi starts them and publishes the asset.
func openMusubi(ctx context.Context, program *interop.Program, asset string, store storeFor) (_ pair, err error) {
	p := &musubiPair{asset: asset, pids: map[string]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	ports, err := interop.FreePorts(4)
	if err != nil {
		return nil, err
	}
	at := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	if p.provider, err = p.start(ctx, program, "provider", "consumer", store, at(0), at(1), at(2)); err != nil {
		return nil, err
	}
	if p.consumer, err = p.start(ctx, program, "consumer", "provider", store, at(2), at(3), at(0)); err != nil {
		return nil, err
	}
	return p, p.provider.Call(ctx, http.MethodPost, "/catalog", map[string]any{
		"assets": []any{map[string]any{"id": asset, "source": map[string]any{"type": "http", "url": p.provider.Base}}},
		"offers": []any{map[string]any{"id": "offer", "assets": map[string]any{"ids": []string{asset}}, "access": use, "usage": use}},
	}, nil)
}

// start starts one of the two.
func (p *musubiPair) start(ctx context.Context, program *interop.Program, name, peer string, store storeFor, protocol, management, peerProtocol string) (*interop.API, error) {
	dsn, remove, err := store(ctx, name)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, remove)
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	config := fmt.Sprintf(settings, dsn, hex.EncodeToString(key), protocol, management, name, peer, peerProtocol)
	process, err := program.Serve(ctx, name, config, management)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, process.Stop)
	p.pids[name] = process.PID()
	return interop.NewAPI("http://"+management+"/api/v1/participants/"+name, "key"), nil
}

func (p *musubiPair) begin(ctx context.Context) (string, error) {
	var n interop.View
	err := p.consumer.Call(ctx, http.MethodPost, "/negotiations", map[string]any{
		"peer": "urn:example:provider", "dataset": p.asset, "offerId": "offer", "policy": use,
	}, &n)
	return n.ID, err
}

func (p *musubiPair) await(ctx context.Context, id string) error {
	var n interop.View
	err := p.consumer.Call(ctx, http.MethodGet, "/negotiations/"+url.PathEscape(id)+"?wait=60s", nil, &n)
	if err == nil && n.State != "FINALIZED" {
		err = fmt.Errorf("%w: %s", errNotAgreed, n)
	}
	return err
}

func (p *musubiPair) agreed(ctx context.Context) (int, error) {
	n, before := 0, ""
	for {
		var page struct {
			Items []interop.View
			Next  string
		}
		if err := p.provider.Call(ctx, http.MethodGet, "/negotiations?state=FINALIZED&limit=1000"+before, nil, &page); err != nil {
			return n, err
		}
		if n += len(page.Items); page.Next == "" {
			return n, nil
		}
		before = "&before=" + url.QueryEscape(page.Next)
	}
}

func (p *musubiPair) processes() map[string]int { return p.pids }

// hold does nothing: with nothing to do, ours do nothing.
func (p *musubiPair) hold() error    { return nil }
func (p *musubiPair) release() error { return nil }

func (p *musubiPair) close() error {
	var err error
	for _, end := range slices.Backward(p.closers) { // a store after its process
		err = errors.Join(err, end())
	}
	p.closers = nil
	return err
}
