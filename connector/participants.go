// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// AddParticipant adds a participant, or changes one.
func (c *Connector) AddParticipant(ctx context.Context, pc ParticipantConfig) (*Participant, error) {
	all, err := c.store.Participants(ctx)
	if err != nil {
		return nil, err
	}
	return c.addParticipant(ctx, pc, ownersOf(all))
}

// ownersOf returns whose each DID is, by its context.
func ownersOf(all []trust.Participant) map[string]string {
	owners := make(map[string]string, len(all))
	for _, p := range all {
		if p.Profile == profileDCP {
			owners[p.ID] = p.Context
		}
	}
	return owners
}

// addParticipant adds one beside those whose DIDs are known. It refuses a DID
// that another one has: a token for the one would be a token for the other,
// once each, and each would sign as both.
func (c *Connector) addParticipant(ctx context.Context, pc ParticipantConfig, owners map[string]string) (*Participant, error) {
	if err := pc.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.cfg.mayServe(pc.Context, pc.Profile); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	p, err := c.participant(pc)
	if err != nil {
		return nil, fmt.Errorf("%w: participant %q: %w", ErrConfig, pc.Context, err)
	}
	if p.Profile == profileDCP {
		if other, taken := owners[p.ID]; taken && other != p.Context {
			return nil, fmt.Errorf("%w: participant %q: id: %s is that of participant %q", ErrConfig, p.Context, p.ID, other)
		}
		owners[p.ID] = p.Context
	}
	if err := c.store.PutParticipant(ctx, p); err != nil {
		return nil, err
	}
	c.identity.recent.forget(p.Context)
	c.identity.documents.forget()
	handle := &Participant{c: c, context: pc.Context}
	for use, key := range pc.Keys {
		if err := c.importKey(ctx, pc.Context, use, key); err != nil {
			return nil, fmt.Errorf("%w: participant %q: keys.%s: %w", ErrConfig, pc.Context, use, err)
		}
	}
	for _, peer := range pc.Peers {
		if err := handle.PutPeer(ctx, peer); err != nil {
			return nil, err
		}
	}
	for _, r := range pc.Relations {
		if _, err := handle.PutRelation(ctx, trust.Relation{Party: r.Party, Kind: r.Kind, Note: r.Note}); err != nil {
			return nil, fmt.Errorf("participant %q: relations: %w", pc.Context, err)
		}
	}
	return handle, nil
}

// participant fills in what may be left out.
func (c *Connector) participant(pc ParticipantConfig) (trust.Participant, error) {
	p := trust.Participant{Context: pc.Context, ID: pc.ID, Name: pc.Name, PublicURL: trimBase(pc.PublicURL), Profile: pc.Profile}
	if p.Profile == "" {
		p.Profile = profileDCP
	}
	if p.PublicURL == "" {
		base := c.publicBase()
		if base == "" {
			return p, fmt.Errorf("publicUrl must be given before the connector listens")
		}
		p.PublicURL = base + "/" + pc.Context
	}
	if p.Profile != profileDCP {
		return p, nil
	}
	if p.ID == "" {
		var err error
		if p.ID, err = did.FromURL(p.PublicURL); err != nil {
			return p, fmt.Errorf("publicUrl %s gives no did:web (%w); use a host name", p.PublicURL, err)
		}
	}
	settings := pc.Identity
	if pc.STS.ClientID != "" {
		settings.STS = &dcp.STSClient{ID: pc.STS.ClientID, SecretHash: dcp.HashSecret(string(pc.STS.ClientSecret))}
	}
	var err error
	if p.Settings, err = json.Marshal(settings); err != nil {
		return p, err
	}
	_, err = dcp.ReadSettings(p)
	return p, err
}

// importKey takes a key of the operator's own. One that is known is left.
func (c *Connector) importKey(ctx context.Context, contextID, use string, key KeyConfig) error {
	if c.keyStore != trust.KeyStore(c.keys) {
		return fmt.Errorf("the keys are in a key store of the embedder's: put it there")
	}
	text := []byte(key.PEM)
	if key.File != "" {
		var err error
		if text, err = os.ReadFile(key.File); err != nil {
			return err
		}
	}
	_, err := c.keys.Import(ctx, contextID, use, text, c.now())
	return err
}

// named writes the loopback address by name, since a did:web has no numbers
// for a host.
func named(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && host != "localhost" && loopback(host) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

func trimBase(raw string) string { return strings.TrimRight(raw, "/") }
