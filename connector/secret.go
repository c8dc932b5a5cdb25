// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/connector/secret"
)

// Secret is a text that is never printed.
type Secret = secret.Text

const hidden = secret.Hidden

// plain is a Config without its methods, of which the printed forms are made.
type plain Config

// printable leaves out what is secret beside the Secrets: passwords inside the
// addresses of the store and of the proxy.
func (c Config) printable() plain {
	c.Store = safeDSN(c.Store)
	if c.Egress.Proxy != "" {
		c.Egress.Proxy = safeURL(c.Egress.Proxy)
	}
	return plain(c)
}

// Format prints a Config without its secrets.
func (c Config) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.printable())
}

// LogValue logs a Config without its secrets.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.printable()) }

// MarshalJSON writes a Config without its secrets: it cannot be read back.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.printable()) }

// MarshalYAML writes a Config without its secrets: it cannot be read back.
func (c Config) MarshalYAML() (any, error) { return c.printable(), nil }

// safeDSN is the address of a store as it may be shown.
func safeDSN(dsn string) string {
	scheme, _, _ := strings.Cut(dsn, ":")
	if scheme == "sqlite" || scheme == "memory" {
		return dsn
	}
	return safeURL(dsn)
}

// safeURL is a URL as it may be shown: without a password, wherever it may
// stand. What could hold one and is no URL is not shown at all.
func safeURL(raw string) string {
	if !strings.ContainsAny(raw, "@?#= ") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "(not shown)"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String()
}
