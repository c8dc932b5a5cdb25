// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	if err := c.ownDID(ctx, p); err != nil {
		return nil, err
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
	return handle, nil
}

// ownDID refuses a DID that another participant here has: a token for the one
// would be a token for the other, once each, and each would sign as both.
func (c *Connector) ownDID(ctx context.Context, p trust.Participant) error {
	if p.Profile != profileDCP {
		return nil
	}
	all, err := c.store.Participants(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID == p.ID && other.Context != p.Context && other.Profile == profileDCP {
			return fmt.Errorf("%w: participant %q: id: %s is that of participant %q", ErrConfig, p.Context, p.ID, other.Context)
		}
	}
	return nil
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
		sum := sha256.Sum256([]byte(pc.STS.ClientSecret))
		settings.STS = &dcp.STSClient{ID: pc.STS.ClientID, SecretHash: hex.EncodeToString(sum[:])}
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
