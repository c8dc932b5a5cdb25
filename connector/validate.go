// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// The identity profiles.
const (
	profileDCP = "dcp"
	preshared  = "preshared"
)

// Validate says what is wrong with a configuration, in words for the person
// who wrote it. New calls it again, since an embedder may not have.
func (c Config) Validate() error {
	checks := []func() error{c.checkStore, c.checkListeners, c.checkEgress, c.checkSink, c.checkEvidence, c.checkParticipants, c.checkDataplanes}
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
		return fmt.Errorf("store %q: write sqlite:<path>, postgres://user@host/database or memory: (for trials)", safeDSN(c.Store))
	case scheme == "sqlite" && rest == "":
		return fmt.Errorf("store %q names no file: write sqlite:musubi.db", c.Store)
	case strings.HasPrefix(scheme, "postgres") && c.KeyFile == "" && c.Key == "":
		return fmt.Errorf("a PostgreSQL store needs keyFile or MUSUBI_KEY (64 hex digits), the same for every replica; make one with: openssl rand -hex 32")
	case c.Lease != 0 && c.Lease < time.Second:
		return fmt.Errorf("lease %v: write a time of a second or more with its unit, such as 30s", c.Lease)
	}
	if c.Key != "" {
		if _, err := parseKey(string(c.Key), "key (MUSUBI_KEY)"); err != nil {
			return err
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); c.LogLevel != "" && err != nil {
		return fmt.Errorf("logLevel %q: write debug, info, warn or error", c.LogLevel)
	}
	return nil
}

func (c Config) checkListeners() error {
	if err := c.Protocol.validate("protocol", c.DevMode); err != nil {
		return err
	}
	if err := c.Management.validate("management", c.DevMode); err != nil {
		return err
	}
	for i, key := range c.Management.APIKeys {
		if key == "" {
			return fmt.Errorf("management.apiKeys: number %d is empty, a key that anybody knows", i+1)
		}
	}
	return nil
}

func (l Listener) validate(name string, devMode bool) error {
	if l.Listen != "-" {
		host, port, err := net.SplitHostPort(l.Listen)
		if _, failed := strconv.ParseUint(port, 10, 16); err != nil || failed != nil {
			return fmt.Errorf("%s.listen %q: write host:port, as in 127.0.0.1:8282", name, l.Listen)
		}
		if devMode && !loopback(host) {
			return fmt.Errorf("devMode is for one machine alone: %s.listen must be a loopback address such as 127.0.0.1, not %q", name, host)
		}
	}
	switch {
	case (l.TLS.CertFile == "") != (l.TLS.KeyFile == ""):
		return fmt.Errorf("%s.tls: name both certFile and keyFile", name)
	case l.MaxBody < 0:
		return fmt.Errorf("%s.maxBody %d: write a number of bytes, or leave it out", name, l.MaxBody)
	}
	for _, cidr := range l.TrustedProxies {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("%s.trustedProxies %q: write a CIDR such as 10.0.0.0/8", name, cidr)
		}
	}
	if l.PublicURL != "" {
		return checkBase(name+".publicUrl", l.PublicURL)
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
		return fmt.Errorf("%s %q: write a URL such as https://connector.example.com/acme, without user, password or query", name, safeURL(raw))
	}
	return nil
}

func (c Config) checkEgress() error {
	for _, cidr := range c.Egress.Allow {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("egress.allow %q: write a CIDR such as 10.20.0.0/16", cidr)
		}
	}
	if c.Egress.Timeout != 0 && c.Egress.Timeout < time.Millisecond {
		return fmt.Errorf("egress.timeout %v: write a time with its unit, such as 10s", c.Egress.Timeout)
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
