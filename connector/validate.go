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
