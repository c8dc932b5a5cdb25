// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// dialer opens connections to allowed addresses only.
type dialer struct {
	net.Dialer
	rule rule
}

// newDialer builds a dialer that applies the rule to each address, after it
// was resolved and before anything is sent to it. Behind a proxy the only
// address dialled is the proxy's, which the operator chose.
func newDialer(r rule, proxied bool, cfg Config) *dialer {
	d := &dialer{rule: r}
	dialled := r
	if proxied {
		dialled = rule{private: true}
	}
	d.Timeout = min(connectTimeout, cfg.Timeout)
	d.Resolver = cfg.Resolver
	d.ControlContext = func(_ context.Context, network, address string, _ syscall.RawConn) error {
		if err := checkDial(dialled, network, address); err != nil {
			return err
		}
		if cfg.Control != nil {
			cfg.Control(network, address)
		}
		return nil
	}
	return d
}

func checkDial(r rule, network, address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("%w: %s %s", ErrForbiddenAddress, network, address)
	}
	return r.check(to.Addr())
}

// checkName is the best that can be done for a name which a proxy will
// resolve: every address found here must be allowed. A name that only the
// proxy can resolve passes, unless it looks like one of an internal network.
func (d *dialer) checkName(ctx context.Context, host string) error {
	if d.rule.private {
		return nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil // CheckURL has judged it
	}
	addrs, err := d.resolver().LookupNetIP(ctx, "ip", host)
	if err != nil {
		return checkUnresolved(host)
	}
	for _, addr := range addrs {
		if err := d.rule.check(addr); err != nil {
			return err
		}
	}
	return nil
}

func (d *dialer) resolver() *net.Resolver {
	if d.Resolver != nil {
		return d.Resolver
	}
	return net.DefaultResolver
}

// checkUnresolved refuses names that no public name server knows.
func checkUnresolved(host string) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	for _, suffix := range []string{".local", ".internal", ".localhost", ".home.arpa", ".lan", ".intranet", ".corp"} {
		if strings.HasSuffix(name, suffix) {
			return fmt.Errorf("%w: %.80q is a name of an internal network", ErrForbiddenAddress, host)
		}
	}
	if !strings.Contains(name, ".") {
		return fmt.Errorf("%w: %.80q is a name of an internal network", ErrForbiddenAddress, host)
	}
	return nil
}
