// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/musubi-ods/musubi/internal/web"
)

// servers are the listeners of a started connector.
type servers struct {
	mu                   sync.Mutex
	protocol, management *web.Server
	signaling            *web.Server // nil: data planes call the protocol listener
	started, stopped     bool

	public atomic.Pointer[string] // base URL of the protocol listener, once there is one
}

// Start listens, writes the configured participants to the store, takes up
// the work that is owed, and returns. It may be called once.
func (c *Connector) Start(ctx context.Context) error {
	c.servers.mu.Lock()
	defer c.servers.mu.Unlock()
	switch {
	case c.servers.started:
		return errors.New("the connector was started before; make another one with New")
	case c.servers.stopped:
		return errors.New("the connector was stopped; make another one with New")
	}
	c.servers.started = true
	if err := c.listen(); err != nil {
		return errors.Join(err, c.closeServers(ctx))
	}
	if err := c.seed(ctx); err != nil {
		return errors.Join(err, c.closeServers(ctx))
	}
	if err := c.planes.Load(ctx); err != nil {
		return errors.Join(err, c.closeServers(ctx))
	}
	if err := c.runner.Start(ctx); err != nil {
		return errors.Join(err, c.closeServers(ctx))
	}
	planes := []chore{c.carriage(), {name: "data planes", do: c.loadPlanes}}
	c.background.start(ctx, slices.Concat(c.chores(), planes, c.retention(), c.keeping()))
	if c.servers.protocol != nil {
		c.servers.protocol.Serve(c.protocol)
	}
	if c.servers.management != nil {
		c.servers.management.Serve(c.management)
	}
	if c.servers.signaling != nil {
		c.servers.signaling.Serve(c.signaling)
	}
	return nil
}

// seed writes the configured participants to the store, and refuses any there
// that must not be served where we listen.
func (c *Connector) seed(ctx context.Context) error {
	before, err := c.store.Participants(ctx)
	if err != nil {
		return err
	}
	owners := ownersOf(before)
	for _, p := range c.cfg.Participants {
		if _, err := c.addParticipant(ctx, p, owners); err != nil {
			return err
		}
	}
	all, err := c.store.Participants(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := c.cfg.mayServe(p.Context, p.Profile); err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	for _, words := range c.cfg.strangers(all) {
		c.log.Warn("the configuration names a participant that is not here (yet)", "member", words[0], "participant", words[1])
	}
	return nil
}

// Stop ends in good order: no new calls, calls and work under way finished or
// cut off when ctx ends, the store closed. What is owed stays owed.
func (c *Connector) Stop(ctx context.Context) error {
	c.servers.mu.Lock()
	defer c.servers.mu.Unlock()
	if c.servers.stopped {
		return nil
	}
	c.servers.stopped = true
	err := c.closeServers(ctx)
	c.background.stop()
	c.carrier.Close()
	c.data.Close()
	c.push.Close()
	c.renewer.Close()
	c.runner.Stop()
	c.http.CloseIdle()
	return errors.Join(err, c.lastEvidence(ctx), c.store.Close())
}

func (c *Connector) closeServers(ctx context.Context) error {
	var errs []error
	for _, s := range []*web.Server{c.servers.protocol, c.servers.management, c.servers.signaling} {
		if s != nil {
			errs = append(errs, s.Stop(ctx))
		}
	}
	c.servers.protocol, c.servers.management, c.servers.signaling = nil, nil, nil
	return errors.Join(errs...)
}

// listen opens both listeners, so that the addresses are known before the
// first participant is written.
func (c *Connector) listen() error {
	open := func(name string, l Listener) (*web.Server, error) {
		if l.Listen == "-" {
			return nil, nil
		}
		s, err := web.Listen(web.ServerConfig{Address: l.Listen, CertFile: l.TLS.CertFile, KeyFile: l.TLS.KeyFile, Log: c.log})
		return s, hintListen(name, l.Listen, err)
	}
	var err error
	if c.servers.protocol, err = open("protocol", c.cfg.Protocol); err != nil {
		return err
	}
	if c.servers.protocol != nil {
		scheme := "http"
		if c.cfg.Protocol.TLS.CertFile != "" {
			scheme = "https"
		}
		address := c.servers.protocol.Address()
		if c.cfg.DevMode {
			address = named(address)
		}
		base := scheme + "://" + address
		c.servers.public.Store(&base)
	}
	if c.servers.management, err = open("management", c.cfg.Management.Listener); err != nil || c.cfg.Signaling.Listen == "" {
		return err
	}
	c.servers.signaling, err = open("signaling", c.cfg.Signaling.Listener)
	return err
}

// hintListen says what to do about an address that cannot be listened on.
func hintListen(name, address string, err error) error {
	var op *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s.listen: another program uses %s; stop it or choose another port: %w", name, address, err)
	case errors.As(err, &op):
		return fmt.Errorf("%s.listen: %s cannot be listened on; choose an address of this machine: %w", name, address, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// publicBase is how counterparties reach the protocol listener, empty while
// that is not known.
func (c *Connector) publicBase() string {
	base := c.servers.public.Load()
	if c.cfg.Protocol.PublicURL != "" || base == nil {
		return trimBase(c.cfg.Protocol.PublicURL)
	}
	return *base
}

// SignalingAddress returns where the listener of data planes listens, empty
// where there is none.
func (c *Connector) SignalingAddress() string {
	c.servers.mu.Lock()
	defer c.servers.mu.Unlock()
	if s := c.servers.signaling; s != nil {
		return s.Address()
	}
	return ""
}

// Addresses returns where the two listeners listen, host:port, empty for one
// that does not.
func (c *Connector) Addresses() (protocol, management string) {
	c.servers.mu.Lock()
	defer c.servers.mu.Unlock()
	if s := c.servers.protocol; s != nil {
		protocol = s.Address()
	}
	if s := c.servers.management; s != nil {
		management = s.Address()
	}
	return protocol, management
}
