// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/musubi-ods/musubi/connector"
)

// stopTime bounds how long a stop may take.
const stopTime = 15 * time.Second

func (p program) serve(ctx context.Context) error {
	cfg, err := p.loaded()
	if err != nil {
		return err
	}
	return p.serveWith(ctx, cfg)
}

// loaded is the configuration that the command line names.
func (p program) loaded() (connector.Config, error) {
	path, err := p.config()
	if err != nil {
		return connector.Config{}, err
	}
	return connector.Load(path, p.getenv)
}

// serveWith serves until ctx ends.
func (p program) serveWith(ctx context.Context, cfg connector.Config, opts ...connector.Option) error {
	log := p.logger(cfg)
	c, err := connector.New(cfg, append(opts, connector.WithLogger(log))...)
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil && ctx.Err() == nil {
		return errors.Join(err, stop(ctx, c))
	}
	protocol, management := c.Addresses()
	log.Info("musubi serves", "protocol", protocol, "management", management, "participants", len(cfg.Participants))
	settle(ctx)
	log.Info("musubi stops")
	return stop(ctx, c)
}

// settle waits until ctx ends, and gives back what only the start needed once
// that is well over.
func settle(ctx context.Context) {
	over := time.NewTimer(time.Second)
	defer over.Stop()
	select {
	case <-over.C:
		giveBack()
		<-ctx.Done()
	case <-ctx.Done():
	}
}

// stop ends the connector in good order, although ctx has ended.
func stop(ctx context.Context, c *connector.Connector) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return c.Stop(end)
}

func (p program) logger(cfg connector.Config) *slog.Logger {
	var level slog.Level // info, where none is set
	_ = level.UnmarshalText([]byte(cfg.LogLevel))
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level}))
}

func (p program) migrate(ctx context.Context) error {
	cfg, err := p.loaded()
	if err != nil {
		return err
	}
	if err := connector.Migrate(ctx, cfg); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "the schema is up to date")
	return nil
}

// version prints the module's version and the commit it was built from.
func (p program) version() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		_, err := fmt.Fprintln(p.stdout, "musubi (unknown build)")
		return err
	}
	version, revision := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = " " + s.Value
		}
	}
	if version == "" || version == "(devel)" {
		version = "development build"
	}
	_, err := fmt.Fprintf(p.stdout, "musubi %s%s %s\n", version, revision, info.GoVersion)
	return err
}
