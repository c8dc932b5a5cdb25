// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// commonOf is what the handlers of a listener share.
func commonOf(l Listener, now func() time.Time, log *slog.Logger) (web.Common, error) {
	c := web.Common{MaxBody: l.MaxBody, Now: now, NewID: newID, Log: log}
	for _, cidr := range l.TrustedProxies {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return c, fmt.Errorf("%w: trustedProxies %q: %w", ErrConfig, cidr, err)
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return c, nil
}

// handlers builds what the two listeners serve.
func (c *Connector) handlers(o options) error {
	protocol, err := commonOf(c.cfg.Protocol, c.now, c.log)
	if err != nil {
		return err
	}
	management, err := commonOf(c.cfg.Management.Listener, c.now, c.log)
	if err != nil {
		return err
	}
	c.protocol = web.NewProtocol(web.ProtocolConfig{
		Common: protocol, Participants: c.identity.recent, Verifier: c.profile, Refusals: &c.refusals, IssuerOnly: o.issuerOnly,
		Catalog: c.catalog, Negotiations: c.negotiations, Transfers: c.transfers, Data: c.dataHandler(), Signaling: c.signalingHere(),
		DID: c.identity.documents.of, Claims: c.identity.routes(), Describe: describe,
	})
	if c.cfg.Signaling.Listen != "" {
		own, err := commonOf(c.cfg.Signaling.Listener, c.now, c.log)
		if err != nil {
			return err
		}
		c.signaling = web.NewSignaling(web.SignalingConfig{Common: own, Participants: c.identity.recent, Handler: c.callbacks()})
	}
	c.management = web.NewManagement(web.ManagementConfig{
		Common: management, APIKeys: c.apiKeys(), Participants: c.store, AddParticipant: c.add, SetIdentity: c.setIdentity, Peers: c.identity.peers,
		Catalog: c.catalog, Client: c.client, Negotiations: c.negotiations, Agreements: c.store, Transfers: c.transfers,
		Holdings: holdings{c}, Evidence: c.evidence, Processes: c.store, Ready: c.store.Ready, Refusals: &c.refusals,
		Wallet: c.identity.holder, Issuer: c.identity.issuer, TrustList: c.identity.trust, Authority: c.identity.authority, Bindings: c.store,
		Relations: relationRecords{c}, Secrets: c.store, Pull: c.servePull, EndAgreement: c.endAgreement, Policies: c.policies, Usage: c.usage,
		Dataplanes: c.planes,
		Explain: func(ctx context.Context, contextID string, q web.Question) (any, error) {
			return c.explain(ctx, contextID, explain.Query(q))
		},
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
	pc := ParticipantConfig{Context: p.Context, ID: p.ID, Name: p.Name, PublicURL: p.PublicURL, Profile: p.Profile}
	if p.Identity != nil {
		pc.Identity = *p.Identity
	}
	added, err := c.AddParticipant(ctx, pc)
	switch {
	case errors.Is(err, ErrConfig):
		return trust.Participant{}, web.BadInput("participant-invalid", err, "see docs/configuration.md")
	case err != nil:
		return trust.Participant{}, err
	}
	return added.Info(ctx)
}

// setIdentity changes a participant's settings of the profile dcp.
func (c *Connector) setIdentity(ctx context.Context, contextID string, s dcp.Settings) (trust.Participant, error) {
	p, err := c.store.Participant(ctx, contextID)
	if err != nil {
		return p, err
	}
	if known, err := dcp.ReadSettings(p); err == nil {
		s.STS = known.STS // its secret is not in what a user writes
	}
	if p.Settings, err = json.Marshal(s); err != nil {
		return p, err
	}
	if _, err := dcp.ReadSettings(p); err != nil {
		return p, web.BadInput("identity-invalid", err, "see docs/configuration.md")
	}
	if err := c.store.PutParticipant(ctx, p); err != nil {
		return p, err
	}
	c.identity.recent.forget(contextID)
	c.identity.documents.forget()
	return p, nil
}

// describe says in the version document how callers prove who they are (DSP
// 2025-1, section 4.3).
func describe(p trust.Participant) (string, *wire.VersionAuth) {
	if p.Profile != profileDCP {
		return "", nil
	}
	return "did:web", &wire.VersionAuth{Protocol: "DCP", Version: "1.0", Profile: []string{"vc11-sl2021/jwt", "vc20-bssl/jwt"}}
}

// signalingHere is what data planes call at the protocol listener; nil where they
// have a listener of their own.
func (c *Connector) signalingHere() http.Handler {
	if c.cfg.Signaling.Listen != "" {
		return nil
	}
	return c.callbacks()
}
