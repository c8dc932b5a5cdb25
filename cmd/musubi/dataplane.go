// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/connector"
)

// dataplane is a data plane that runs alone.
func (p program) dataplane(ctx context.Context, args []string) error {
	if len(args) > 0 && helps(args[0]) {
		fmt.Fprint(p.stdout, usageOf("dataplane"))
		return nil
	}
	if len(args) == 0 || args[0] != "serve" {
		fmt.Fprintln(p.stderr, "usage: musubi dataplane serve -config FILE")
		return errUsage
	}
	o, err := p.parse("dataplane serve", args[1:], "config")
	if err != nil {
		return err
	}
	if err := p.wants("dataplane serve", o, 0, 0, "-config FILE"); err != nil {
		return err
	}
	cfg, err := connector.LoadDataPlane(o.config, p.getenv)
	if err != nil {
		return err
	}
	return p.serveDataPlane(ctx, cfg)
}

// serveDataPlane serves until ctx ends.
func (p program) serveDataPlane(ctx context.Context, cfg connector.DataPlaneConfig) error {
	log := p.logger(connector.Config{LogLevel: cfg.LogLevel})
	d, err := connector.NewDataPlane(cfg, connector.WithLogger(log))
	if err != nil {
		return err
	}
	end := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		return d.Stop(ctx)
	}
	if err := d.Start(ctx); err != nil && ctx.Err() == nil {
		return errors.Join(err, end())
	}
	data, signaling := d.Addresses()
	log.Info("musubi moves data", "data", data, "signaling", signaling, "applications", d.ApplicationsAddress(), "controlPlanes", len(cfg.ControlPlanes), "participants", len(cfg.Participants))
	settle(ctx)
	log.Info("musubi stops")
	return end()
}
