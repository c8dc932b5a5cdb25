// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"net"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

func (c Config) checkParticipants() error {
	seen := map[string]bool{}
	for _, p := range c.Participants {
		if err := p.validate(); err != nil {
			return err
		}
		if seen[p.Context] {
			return fmt.Errorf("participant %q is there twice", p.Context)
		}
		seen[p.Context] = true
		if err := c.mayServe(p.Context, p.Profile); err != nil {
			return err
		}
		if c.Protocol.Listen == "-" && p.PublicURL == "" && c.Protocol.PublicURL == "" {
			return fmt.Errorf("participant %q: without a listener of our own, publicUrl must be given", p.Context)
		}
	}
	return nil
}

// mayServe refuses a participant whose identity profile proves too little for
// where we listen.
func (c Config) mayServe(contextID, profile string) error {
	host, _, _ := net.SplitHostPort(c.Protocol.Listen)
	if profile == preshared && c.Protocol.Listen != "-" && !loopback(host) {
		return fmt.Errorf("participant %q uses the preshared identity profile, which proves too little for a network: protocol.listen must be a loopback address", contextID)
	}
	return nil
}

func (p ParticipantConfig) validate() error {
	switch {
	case !trust.ValidSlug(p.Context):
		return fmt.Errorf("participant context %q: write a slug of a-z, 0-9 and -, at most 63 long; it becomes part of every URL", p.Context)
	case p.Profile != "" && p.Profile != preshared && p.Profile != profileDCP:
		return fmt.Errorf("participant %q: there is no identity profile %q; write dcp or preshared", p.Context, p.Profile)
	case p.ID == "" && p.Profile == preshared:
		return fmt.Errorf("participant %q: id is missing; it is the name that counterparties know", p.Context)
	}
	if p.PublicURL != "" {
		if err := checkBase("participant "+p.Context+": publicUrl", p.PublicURL); err != nil {
			return err
		}
	}
	if err := p.validateIdentity(); err != nil {
		return fmt.Errorf("participant %q: %w", p.Context, err)
	}
	ids, tokens := map[string]bool{}, map[Secret]bool{}
	for _, peer := range p.Peers {
		if err := peer.validate(p.Profile); err != nil {
			return fmt.Errorf("participant %q: %w", p.Context, err)
		}
		switch {
		case ids[peer.ID]:
			return fmt.Errorf("participant %q: peer %q is there twice", p.Context, peer.ID)
		case tokens[peer.Inbound]:
			return fmt.Errorf("participant %q: peer %q has the inbound value of another peer: nobody could tell the two apart", p.Context, peer.ID)
		}
		ids[peer.ID], tokens[peer.Inbound] = true, peer.Inbound != ""
	}
	for _, r := range p.Relations {
		if err := r.validate(p.Identity.Samples); err != nil {
			return fmt.Errorf("participant %q: %w", p.Context, err)
		}
	}
	return nil
}

// validateIdentity checks what the profile dcp needs.
func (p ParticipantConfig) validateIdentity() error {
	if p.Profile == preshared {
		return nil
	}
	switch {
	case p.ID != "" && !strings.HasPrefix(p.ID, "did:web:"):
		return fmt.Errorf("id %q: under the profile dcp a participant is a did:web, as did:web:connector.example.com:%s; leave id out and it is made of publicUrl", p.ID, p.Context)
	case (p.STS.ClientID == "") != (p.STS.ClientSecret == ""):
		return fmt.Errorf("sts: name both clientId and clientSecret")
	}
	for use, key := range p.Keys {
		switch {
		case use != trust.UseIdentity && use != trust.UseIssuer:
			return fmt.Errorf("keys: there is no use %q; write identity or issuer", use)
		case (key.PEM == "") == (key.File == ""):
			return fmt.Errorf("keys.%s: name either pem or file", use)
		}
	}
	if err := p.Identity.Check(); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	return nil
}

func (p PeerConfig) validate(profile string) error {
	switch {
	case p.ID == "":
		return fmt.Errorf("a peer has no id")
	case p.Conformance != "" && p.Conformance != trust.Strict && p.Conformance != trust.Lenient:
		return fmt.Errorf("peer %q: conformance %q: write strict or lenient", p.ID, p.Conformance)
	case p.FormatNames != "" && p.FormatNames != trust.ProfileNames && p.FormatNames != trust.LegacyNames:
		return fmt.Errorf("peer %q: formatNames %q: write profile or legacy", p.ID, p.FormatNames)
	case p.WithoutRules != "" && p.WithoutRules != "refuse" && p.WithoutRules != trust.PermitsUse:
		return fmt.Errorf("peer %q: withoutRules %q: write refuse or use", p.ID, p.WithoutRules)
	case profile == preshared && (p.Inbound == "" || p.Outbound == ""):
		return fmt.Errorf("peer %q: inbound and outbound are needed, the exact Authorization values of both directions", p.ID)
	}
	return checkBase("peer "+p.ID+": url", p.URL)
}
