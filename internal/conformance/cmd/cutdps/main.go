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
	var plane dps.DataPlane
	flag.StringVar(&plane.Signaling, "plane", "127.0.0.1:8285", "address of the data plane's signaling listener")
	flag.StringVar(&plane.Data, "data", "127.0.0.1:8284", "address of the data plane's data listener")
	flag.StringVar(&plane.Dir, "received", "", "folder for what is pushed to the data plane; default: a temporary one")
	hook := flag.String("hook", "127.0.0.1:8687", "address of the kit's trigger")
	level := flag.String("log", "warn", "log level")
	flag.Parse()
	var lvl slog.Level
	if err := lvl.UnmarshalText([]byte(*level)); err != nil {
		return err
	}
	log := connector.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: lvl})))
	p, err := dps.Start(ctx, c, log)
	if err != nil {
		return err
	}
	plane.Kit = c.Kit
	d, err := startPlane(ctx, &plane, log)
	if err == nil {
		err = serve(ctx, p, *hook, plane.Properties())
		err = errors.Join(err, d.Stop(context.WithoutCancel(ctx)))
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, p.Stop(end))
}

// serve answers the kit's trigger until ctx ends.
func serve(ctx context.Context, p *dps.ControlPlane, address, more string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p.Trigger(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Print(p.Properties("http://"+l.Addr().String()), more) // of what is there twice, the last counts
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startPlane starts the data plane under test.
func startPlane(ctx context.Context, d *dps.DataPlane, opts ...connector.Option) (*connector.DataPlane, error) {
	dir, err := os.MkdirTemp("", "cutdps")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if d.Dir == "" {
		if d.Dir, err = os.MkdirTemp("", "cutdps-received"); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(dir, "plane.yaml")
	if err := os.WriteFile(file, []byte(d.File()), 0o600); err != nil {
		return nil, err
	}
	cfg, err := connector.LoadDataPlane(file, os.Getenv)
	if err != nil {
		return nil, err
	}
	p, err := connector.NewDataPlane(cfg, opts...)
	if err != nil {
		return nil, err
	}
	return p, p.Start(ctx)
}
