// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Validate says what is wrong with a configuration, in words for the person
// who wrote it. New calls it again, since an embedder may not have.
func (c Config) Validate() error {
	checks := []func() error{c.checkStore, c.checkListeners, c.checkEgress, c.checkParticipants}
	for _, check := range checks {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	return nil
}

func (c Config) checkStore() error {
	scheme, rest, ok := strings.Cut(c.Store, ":")
	switch {
	case !ok || scheme != "sqlite" && scheme != "postgres" && scheme != "postgresql" && scheme != "memory":
		return fmt.Errorf("store %q: write sqlite:<path>, postgres://user@host/database or memory: (for trials)", c.Store)
	case scheme == "sqlite" && rest == "":
		return fmt.Errorf("store %q names no file: write sqlite:musubi.db", c.Store)
	case strings.HasPrefix(scheme, "postgres") && c.KeyFile == "" && c.Key == "":
		return fmt.Errorf("a PostgreSQL store needs keyFile or MUSUBI_KEY (64 hex digits), the same for every replica; make one with: openssl rand -hex 32")
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); c.LogLevel != "" && err != nil {
		return fmt.Errorf("logLevel %q: write debug, info, warn or error", c.LogLevel)
	}
	return nil
}

func (c Config) checkListeners() error {
	for name, l := range map[string]Listener{"protocol": c.Protocol, "management": c.Management.Listener} {
		if l.Listen == "-" {
			continue
		}
		host, _, err := net.SplitHostPort(l.Listen)
		if err != nil {
			return fmt.Errorf("%s.listen %q: write host:port, as in 127.0.0.1:8282", name, l.Listen)
		}
		if (l.TLS.CertFile == "") != (l.TLS.KeyFile == "") {
			return fmt.Errorf("%s.tls: name both certFile and keyFile", name)
		}
		if c.DevMode && !loopback(host) {
			return fmt.Errorf("devMode is for one machine alone: %s.listen must be a loopback address such as 127.0.0.1, not %q", name, host)
		}
		for _, cidr := range l.TrustedProxies {
			if _, err := netip.ParsePrefix(cidr); err != nil {
				return fmt.Errorf("%s.trustedProxies %q: write a CIDR such as 10.0.0.0/8", name, cidr)
			}
		}
	}
	if c.Protocol.PublicURL != "" {
		return checkBase("protocol.publicUrl", c.Protocol.PublicURL)
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func checkBase(name, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("%s %q: write a URL such as https://connector.example.com/acme", name, raw)
	}
	return nil
}

func (c Config) checkEgress() error {
	for _, cidr := range c.Egress.Allow {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("egress.allow %q: write a CIDR such as 10.20.0.0/16", cidr)
		}
	}
	return nil
}

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
	if (profile == "" || profile == "preshared") && c.Protocol.Listen != "-" && !loopback(host) {
		return fmt.Errorf("participant %q uses the preshared identity profile, which proves too little for a network: protocol.listen must be a loopback address", contextID)
	}
	return nil
}

func (p ParticipantConfig) validate() error {
	switch {
	case !slug.MatchString(p.Context):
		return fmt.Errorf("participant context %q: write a slug of a-z, 0-9 and -, at most 63 long; it becomes part of every URL", p.Context)
	case p.ID == "":
		return fmt.Errorf("participant %q: id is missing; it is the name that counterparties know", p.Context)
	case p.Profile != "" && p.Profile != "preshared":
		return fmt.Errorf("participant %q: there is no identity profile %q; write preshared", p.Context, p.Profile)
	}
	if p.PublicURL != "" {
		if err := checkBase("participant "+p.Context+": publicUrl", p.PublicURL); err != nil {
			return err
		}
	}
	for _, peer := range p.Peers {
		if err := peer.validate(); err != nil {
			return fmt.Errorf("participant %q: %w", p.Context, err)
		}
	}
	return nil
}

func (p PeerConfig) validate() error {
	switch {
	case p.ID == "":
		return fmt.Errorf("a peer has no id")
	case p.Inbound == "" || p.Outbound == "":
		return fmt.Errorf("peer %q: inbound and outbound are needed, the exact Authorization values of both directions", p.ID)
	}
	return checkBase("peer "+p.ID+": url", p.URL)
}
