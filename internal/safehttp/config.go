// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// Config describes the way out of this installation. The zero value is usable:
// public addresses over https, with the limits given below.
type Config struct {
	// DevMode lets Foreign use http and loopback addresses. It is for a
	// machine on which everything runs together.
	DevMode bool
	// Allow lists further addresses that Foreign may reach, such as those of
	// a private network between the participants.
	Allow []netip.Prefix
	// Proxy is the URL of the egress proxy (http, https or socks5) that both
	// clients use; empty for none. The environment is not consulted.
	Proxy string
	// CAFile names a PEM file of certificate authorities that are trusted
	// besides those of the system.
	CAFile string
	// Timeout bounds a whole exchange of Do, and the wait for a response
	// header of Stream. Default 30 s.
	Timeout time.Duration
	// MaxResponse is the largest body that Do lets through, in bytes, counted
	// after decompression. Default 16 MiB.
	MaxResponse int64
	// MaxConnsPerHost bounds connections to one host and port; a request
	// beyond waits. Default: no bound.
	MaxConnsPerHost int

	// Control, if set, is told each address that is about to be dialled, after
	// the check has passed it: an operator's log of where the process goes,
	// and the proof in tests that it goes nowhere else. network is tcp4 or
	// tcp6, address an IP address and a port. Behind a proxy it is the proxy's.
	// It is called from many goroutines.
	Control func(network, address string)
	// Resolver looks names up; nil: as the system does.
	Resolver *net.Resolver
	// Now and Jitter are the clock and the chance of the breaker; nil: the
	// system's. Jitter returns a number from 0 to below 1.
	Now    func() time.Time
	Jitter func() float64
}

const (
	defaultTimeout     = 30 * time.Second
	defaultMaxResponse = 16 << 20
	connectTimeout     = 10 * time.Second
	handshakeTimeout   = 10 * time.Second
	idleTimeout        = 90 * time.Second
	maxHeaderBytes     = 64 << 10
	// idlePerHost keeps the connections of 64 requests in flight to one peer.
	idlePerHost = 64
	maxIdle     = 1024
)

// Clients are the two ways out.
type Clients struct {
	// Foreign sends requests to URLs that a counterparty gave us.
	Foreign *Client
	// Operator sends requests to URLs from our own configuration. Private
	// addresses and http are allowed.
	Operator *Client
}

// New builds both clients. It fails where Proxy is no proxy URL, or where
// CAFile cannot be read or holds no certificate.
func New(cfg Config) (*Clients, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.MaxResponse <= 0 {
		cfg.MaxResponse = defaultMaxResponse
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Jitter == nil {
		cfg.Jitter = rand.Float64
	}
	proxy, err := parseProxy(cfg.Proxy)
	if err != nil {
		return nil, err
	}
	roots, err := loadRoots(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	var allow []netip.Prefix
	for _, prefix := range cfg.Allow {
		allow = append(allow, unmap(prefix))
	}
	foreign := rule{loopback: cfg.DevMode, allow: allow}
	return &Clients{
		Foreign:  newClient(cfg, foreign, cfg.DevMode, proxy, roots),
		Operator: newClient(cfg, rule{private: true}, true, proxy, roots),
	}, nil
}

// CloseIdle closes the kept connections of both clients.
func (c *Clients) CloseIdle() {
	c.Foreign.CloseIdle()
	c.Operator.CloseIdle()
}

func parseProxy(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("safehttp: proxy: %w", ErrURL) // it may hold a password: not repeated
	}
	switch u.Scheme {
	case "http", "https", "socks5":
		return u, nil
	}
	return nil, fmt.Errorf("safehttp: proxy: %w: %.20q (http, https and socks5 are)", ErrScheme, u.Scheme)
}

func loadRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("safehttp: certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("safehttp: certificate authorities of the system: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("safehttp: %s holds no PEM certificate", path)
	}
	return pool, nil
}

// unmap turns a prefix of IPv4-mapped addresses into one of IPv4 addresses,
// the form in which addresses are compared.
func unmap(prefix netip.Prefix) netip.Prefix {
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix
}

func newTransport(cfg Config, roots *x509.CertPool) *http.Transport {
	idle := idlePerHost
	if cfg.MaxConnsPerHost > 0 {
		idle = cfg.MaxConnsPerHost
	}
	return &http.Transport{
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    min(handshakeTimeout, cfg.Timeout),
		ResponseHeaderTimeout:  cfg.Timeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    idle,
		MaxConnsPerHost:        cfg.MaxConnsPerHost,
		MaxResponseHeaderBytes: maxHeaderBytes,
		// An empty map keeps HTTP/2 off: one slow stream must not hold up the
		// messages that would share its connection.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}
