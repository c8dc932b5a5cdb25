// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/conformance"
)

func main() { conformance.Main("cut", run) }

func run(ctx context.Context) error {
	store := flag.String("store", "memory:", "where the connector keeps its data")
	listen := flag.String("listen", "127.0.0.1:8282", "address of the protocol listener")
	hooks := flag.String("hooks", "127.0.0.1:8687", "address of the kit's hooks")
	public := flag.String("public", "http://localhost:8282", "how the kit reaches the protocol listener")
	kit := flag.String("kit", "http://localhost:8083", "address of the kit")
	level := flag.String("log", "warn", "log level")
	flag.Parse()

	cfg := connector.Default()
	cfg.Store, cfg.DevMode = *store, true
	cfg.Protocol.Listen, cfg.Protocol.PublicURL = *listen, *public
	cfg.Management.Listen = "-"
	cfg.Key = connector.Secret(os.Getenv("MUSUBI_KEY"))
	cfg.Egress.Timeout = 3 * time.Second // the kit leaves a message it rejects unanswered
	cfg.Participants = []connector.ParticipantConfig{{
		Context: conformance.Context, ID: conformance.Participant, Name: "Connector under test", Profile: "preshared",
		Peers: []connector.PeerConfig{{
			ID: conformance.Kit, URL: *kit, Inbound: conformance.KitToken, Outbound: "Bearer CUT",
		}},
	}}
	log, err := conformance.Logger(*level)
	if err != nil {
		return err
	}
	c, err := connector.New(cfg,
		connector.WithNegotiationDecider(conformance.Script{}), connector.WithTransferDecider(conformance.TransferScript{}), connector.WithLogger(log))
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	return conformance.During(ctx, c.Stop, func(ctx context.Context) error { return serve(ctx, c, *hooks) })
}

// serve answers the kit's hooks until ctx ends.
func serve(ctx context.Context, c *connector.Connector, address string) error {
	dir, err := os.MkdirTemp("", "cut")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "data.json")
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		return err
	}
	p, err := c.Participant(ctx, conformance.Context)
	if err != nil {
		return err
	}
	if err := conformance.Seed(ctx, p, file); err != nil {
		return err
	}
	return conformance.ServeHooks(ctx, address, conformance.Hooks(p), func(string) { fmt.Println("ready") })
}
