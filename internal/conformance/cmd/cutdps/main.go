// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/conformance"
	"github.com/musubi-ods/musubi/internal/conformance/dps"
)

func main() { conformance.Main("cutdps", run) }

func run(ctx context.Context) error {
	var c dps.Config
	kit := flag.String("kit", "http://localhost:8083", "address of the kit: http, a name and a port")
	flag.StringVar(&c.Store, "store", "memory:", "where the connector keeps its data")
	flag.StringVar(&c.Listen, "listen", "127.0.0.1:8282", "address of the protocol listener")
	hook := flag.String("hook", "127.0.0.1:8687", "address of the kit's trigger")
	plane := flag.String("plane", "127.0.0.1:8285", "address of the data plane's signaling interface")
	level := flag.String("log", "warn", "log level")
	flag.Parse()
	log, err := conformance.Logger(*level)
	if err != nil {
		return err
	}
	if c.Kit, err = dps.KitURL(*kit); err != nil {
		return err
	}
	p, err := dps.Start(ctx, c, connector.WithLogger(log))
	if err != nil {
		return err
	}
	return conformance.During(ctx, p.Stop, func(ctx context.Context) error { return both(ctx, p, c, *hook, *plane) })
}

// both starts the data plane beside the control plane, and answers the kit's
// trigger until ctx ends.
func both(ctx context.Context, p *dps.ControlPlane, c dps.Config, hook, plane string) error {
	c.Store, c.Listen = "", plane
	d, base, err := dps.StartPlane(ctx, c)
	if err != nil {
		return err
	}
	return conformance.During(ctx, d.Stop, func(ctx context.Context) error {
		settings, err := dps.PlaneProperties(c, base)
		if err != nil {
			return err
		}
		return conformance.ServeHooks(ctx, hook, p.Trigger(), func(base string) { fmt.Print(p.Properties(base), settings) })
	})
}
