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
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/conformance/dps"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cutdps:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var c dps.Config
	flag.StringVar(&c.Kit, "kit", "http://localhost:8083", "address of the kit")
	flag.StringVar(&c.Store, "store", "memory:", "where the connector keeps its data")
	flag.StringVar(&c.Listen, "listen", "127.0.0.1:8282", "address of the protocol listener")
	hook := flag.String("hook", "127.0.0.1:8687", "address of the kit's trigger")
	plane := flag.String("plane", "127.0.0.1:8285", "address of the data plane's signaling interface")
	level := flag.String("log", "warn", "log level")
	flag.Parse()
	var lvl slog.Level
	if err := lvl.UnmarshalText([]byte(*level)); err != nil {
		return err
	}
	p, err := dps.Start(ctx, c, connector.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: lvl}))))
	if err != nil {
		return err
	}
	err = both(ctx, p, c, *hook, *plane)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, p.Stop(end))
}

// both starts the data plane beside the control plane, and serves.
func both(ctx context.Context, p *dps.ControlPlane, c dps.Config, hook, plane string) error {
	c.Store, c.Listen = "", plane
	d, base, err := dps.StartPlane(ctx, c)
	if err != nil {
		return err
	}
	settings, err := dps.PlaneProperties(c, base)
	if err == nil {
		err = serve(ctx, p, hook, settings)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, d.Stop(end))
}

// serve answers the kit's trigger until ctx ends. settings are those of the data
// plane.
func serve(ctx context.Context, p *dps.ControlPlane, address, settings string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p.Trigger(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Print(p.Properties("http://"+l.Addr().String()), settings)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
