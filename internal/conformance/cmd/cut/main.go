// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/conformance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cut:", err)
		os.Exit(1)
	}
}

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
	var lvl slog.Level
	if err := lvl.UnmarshalText([]byte(*level)); err != nil {
		return err
	}
	c, err := connector.New(cfg,
		connector.WithNegotiationDecider(conformance.Script{}),
		connector.WithTransferDecider(conformance.TransferScript{}),
		connector.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: lvl}))))
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	err = serve(ctx, c, *hooks)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, c.Stop(end))
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
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: conformance.Hooks(p), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Println("ready")
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
