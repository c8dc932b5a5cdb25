// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/trust"
)

// handlers builds what the two listeners serve.
func (c *Connector) handlers() error {
	common := func(l Listener) (web.Common, error) {
		w := web.Common{MaxBody: l.MaxBody, Now: c.now, NewID: newID, Log: c.log}
		for _, cidr := range l.TrustedProxies {
			prefix, err := netip.ParsePrefix(cidr)
			if err != nil {
				return w, fmt.Errorf("%w: trustedProxies %q: %w", ErrConfig, cidr, err)
			}
			w.TrustedProxies = append(w.TrustedProxies, prefix)
		}
		return w, nil
	}
	protocol, err := common(c.cfg.Protocol)
	if err != nil {
		return err
	}
	management, err := common(c.cfg.Management.Listener)
	if err != nil {
		return err
	}
	c.protocol = web.NewProtocol(web.ProtocolConfig{
		Common: protocol, Participants: c.store, Verifier: c.profile,
		Catalog: c.catalog, Negotiations: c.negotiations, Transfers: c.transfers, Data: c.data,
	})
	c.management = web.NewManagement(web.ManagementConfig{
		Common: management, APIKeys: c.apiKeys(), Participants: c.store, AddParticipant: c.add, Peers: c.store,
		Catalog: c.catalog, Client: c.client, Negotiations: c.negotiations, Agreements: c.store, Transfers: c.transfers,
		Processes: c.store, Ready: c.ready,
		Await: func(ctx context.Context, contextID, id string, version int64, until time.Time) bool {
			return c.runner.Await(ctx, engine.Change{Context: contextID, Process: id}, version, until)
		},
	})
	return nil
}

func (c *Connector) apiKeys() []string {
	list := make([]string, len(c.cfg.Management.APIKeys))
	for i, k := range c.cfg.Management.APIKeys {
		list[i] = string(k)
	}
	return list
}

// add is AddParticipant for the management API.
func (c *Connector) add(ctx context.Context, p web.NewParticipant) (trust.Participant, error) {
	added, err := c.AddParticipant(ctx, ParticipantConfig{
		Context: p.Context, ID: p.ID, Name: p.Name, PublicURL: p.PublicURL, Profile: p.Profile,
	})
	switch {
	case errors.Is(err, ErrConfig):
		return trust.Participant{}, web.BadInput("participant-invalid", err, "see docs/configuration.md")
	case err != nil:
		return trust.Participant{}, err
	}
	return added.Info(ctx)
}

// ready reports whether the store answers.
func (c *Connector) ready(ctx context.Context) error {
	_, err := c.store.Participants(ctx)
	return err
}
