// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// identity is all that proves who is who under the profile dcp.
type identity struct {
	recent    *recent
	peers     *recentPeers
	documents *documents
	dids      *did.Web
	auth      *dcp.Authenticator
	tokens    *dcp.Tokens
	checker   *vc.Checker
	status    *status.Checker
	trust     *trustlist.Source
	authority *trustlist.Authority
	verifier  *verifier.Profile
	holder    *holder.Service
	issuer    *issuer.Service
}

// identify builds the identity profiles.
func (c *Connector) identify() {
	id := &c.identity
	id.recent = &recent{store: c.store, now: c.now}
	id.peers = &recentPeers{store: c.store, now: c.now}
	id.documents = &documents{keys: c.keyStore, participants: c.store.Participants, now: c.now}
	id.dids = did.NewWeb(did.WebConfig{
		HTTP: c.http.Foreign, Plain: c.cfg.DevMode, Now: c.now, Local: id.documents.local, TTL: c.cfg.Egress.DIDCache,
	})
	id.tokens = &dcp.Tokens{Keys: c.keyStore, Now: c.now, NewID: newID}
	relaxedBy := func(contextID, who, what string) { c.relaxed(who, what, slog.String("participant", contextID)) }
	id.auth = &dcp.Authenticator{DIDs: id.dids, Replays: c.store, Now: c.now, Conformance: c.conformance, Relaxed: relaxedBy}
	relaxed := func(who, what string) { c.relaxed(who, what) }
	id.checker = &vc.Checker{DIDs: id.dids, Schemas: newSchemas(c.http.Foreign, c.now), Now: c.now, Relaxed: relaxed}
	id.status = status.New(status.Config{HTTP: c.http.Foreign, DIDs: id.dids, Now: c.now, Relaxed: relaxed})
	id.trust = trustlist.NewSource(trustlist.Config{
		Store: c.store, DIDs: id.dids, HTTP: c.http.Operator, Now: c.now, Settings: c.settings,
		Log: func(contextID, text string, err error) {
			c.log.Info("trust list", "participant", contextID, "what", text, "error", err)
		},
	})
	// Who sends a message is judged as a peer, even if its credentials are
	// judged as a lenient issuer's.
	peers := *id.auth
	peers.Conformance = c.peerConformance
	id.verifier = verifier.New(verifier.Config{
		Participant: id.recent.participant, Settings: id.recent.settings, Peer: id.peers.Peer, Auth: &peers, Tokens: id.tokens, HTTP: c.http.Foreign,
		Checker: id.checker, Status: id.status, Trust: id.trust, Bindings: c.store, Now: c.now, Log: c.log,
	})
	id.authority = trustlist.NewAuthority(trustlist.AuthorityConfig{
		Store: c.store, Keys: c.keyStore, Participant: c.store.Participant, Now: c.now,
	})
	id.holder = holder.New(holder.Config{
		Store: c.store, Auth: id.auth, Tokens: id.tokens, Keys: c.keyStore, DIDs: id.dids, HTTP: c.http.Foreign,
		Participant: id.recent.participant, Peer: id.peers.Peer, Status: id.status, Prover: id.checker,
		Settings: id.recent.settings, Relaxed: relaxedBy, Now: c.now, NewID: newID, Log: c.log,
	})
	id.issuer = issuer.New(issuer.Config{
		Store: c.store, Auth: id.auth, Tokens: id.tokens, Keys: c.keyStore, DIDs: id.dids, HTTP: c.http.Foreign,
		Participant: c.store.Participant, Peer: c.store.Peer, Now: c.now, NewID: newID, Rand: rand.Reader, DevMode: c.cfg.DevMode,
		Schemas: issuedSchemas,
		Log: func(contextID, text string, err error) {
			c.log.Info("issuer", "participant", contextID, "what", text, "error", err)
		},
	})
	c.proved = newProved()
	c.profile = remembering{proved: c.proved, Profile: &profiles{
		participant: id.recent.participant, peer: id.peers.Peer,
		byName: map[string]trust.Profile{
			profileDCP: id.verifier,
			preshared:  &trust.Preshared{Peers: id.peers, Now: c.now},
		},
	}}
}

// settings reads what a participant decided about its identity.
func (c *Connector) settings(ctx context.Context, contextID string) (dcp.Settings, error) {
	p, err := c.identity.recent.participant(ctx, contextID)
	if err != nil {
		return dcp.Settings{}, err
	}
	return c.identity.recent.settings(p)
}

// peerConformance is how strictly a counterparty's messages are judged. What
// cannot be looked up is no reason to be lenient.
func (c *Connector) peerConformance(ctx context.Context, contextID, who string) trust.Conformance {
	conformance, _ := c.decided(ctx, contextID, who)
	return conformance
}

// conformance is how strictly a party is judged that calls our wallet or
// issuer service: as the peer or the trusted issuer that it is.
func (c *Connector) conformance(ctx context.Context, contextID, who string) trust.Conformance {
	conformance, decided := c.decided(ctx, contextID, who)
	if decided {
		return conformance
	}
	settings, err := c.settings(ctx, contextID)
	if err != nil {
		return trust.Strict
	}
	for _, i := range settings.TrustedIssuers {
		if i.ID == who {
			return i.Conformance
		}
	}
	return trust.Strict
}

// decided returns what is set for a peer, and whether that is the last word:
// it is not where nothing is set.
func (c *Connector) decided(ctx context.Context, contextID, who string) (trust.Conformance, bool) {
	peer, err := c.identity.peers.Peer(ctx, contextID, who)
	switch {
	case errors.Is(err, trust.ErrUnknownPeer), err == nil && peer.Conformance == "":
		return trust.Strict, false
	case err != nil:
		return trust.Strict, true
	}
	return peer.Conformance, true
}

// relaxed logs that a counterparty was judged less strictly than the
// specification demands, as the operator decided.
func (c *Connector) relaxed(who, what string, attrs ...any) {
	c.log.Info("lenient with a counterparty", append([]any{"who", who, "what", what}, attrs...)...)
}

// routes are the endpoints of all roles. A participant of another profile has
// none: it has no DID, or one for which it proves nothing.
func (i *identity) routes() []dcp.Route {
	list := slices.Concat(i.holder.Routes(), i.issuer.Routes(), i.authority.Routes())
	for at, r := range list {
		list[at].Serve = func(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
			if c.Own.Profile != profileDCP {
				return dcp.Answer{}, dcp.Faultf(http.StatusNotFound, "not_found", "there is nothing at this path")
			}
			return r.Serve(ctx, c)
		}
	}
	return list
}

// chores are the work of the roles beside the messages.
func (c *Connector) chores() []chore {
	return []chore{
		{name: "wallet", do: c.identity.holder.Work, wake: c.identity.holder.Wake()},
		{name: "issuer", do: c.identity.issuer.Work, wake: c.identity.issuer.Wake()},
		{name: "used tokens", do: c.dropTokens},
		{name: "policies of running transfers", do: c.enforce, wake: c.monitor.Wake()},
	}
}

// dropBatch bounds one statement that forgets used tokens.
const dropBatch = 1000

// dropTokens forgets the tokens that could not be used again anyway, also not
// at a replica whose clock is a minute behind.
func (c *Connector) dropTokens(ctx context.Context) (time.Time, error) {
	n, err := c.store.DropTokens(ctx, c.now().Add(-time.Minute), dropBatch)
	if n == dropBatch {
		return c.now(), err
	}
	return c.now().Add(time.Minute), err
}
