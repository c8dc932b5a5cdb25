// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is the longest URL that is read, in bytes: what common servers take.
const maxURL = 8 << 10

// CheckURL reads a URL and says early, before anything is stored or sent,
// whether this client would refuse it for its form: scheme, host, port, user
// information, an address written out. No name is resolved: a good answer is
// no promise, since addresses are checked again when they are dialled.
func (c *Client) CheckURL(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, fmt.Errorf("safehttp: %w: longer than %d bytes", ErrURL, maxURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("safehttp: %w: it cannot be parsed", ErrURL) // the parser's message repeats the URL
	}
	if u.Fragment != "" {
		return nil, fmt.Errorf("safehttp: %w: it has a fragment", ErrURL)
	}
	if err := c.check(u); err != nil {
		return nil, fmt.Errorf("safehttp: %w", err)
	}
	return u, nil
}

func (c *Client) check(u *url.URL) error {
	switch {
	case u == nil || u.Opaque != "" || u.Scheme == "":
		return fmt.Errorf("%w: it is not absolute", ErrURL)
	case u.Scheme != "https" && (u.Scheme != "http" || !c.plain):
		return fmt.Errorf("%w: %.20q", ErrScheme, u.Scheme)
	case u.User != nil:
		return ErrUserinfo
	}
	if err := checkPort(u, c.rule.private); err != nil {
		return err
	}
	return c.checkHost(u.Hostname())
}

func (c *Client) checkHost(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return c.rule.check(addr)
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if err := checkName(name); err != nil {
		return err
	}
	local := name == "localhost" || strings.HasSuffix(name, ".localhost") // RFC 6761 section 6.3
	if local && !c.rule.private && !c.rule.loopback && len(c.rule.allow) == 0 {
		return fmt.Errorf("%w: %.80q is this machine", ErrForbiddenAddress, name)
	}
	return nil
}

// checkName takes a DNS name in ASCII whose last label is no number. Some
// resolvers read 127.1, 0x7f000001 or 2130706433 as IPv4 addresses; nobody
// needs to write them so.
func checkName(name string) error {
	if name == "" || len(name) > 253 {
		return fmt.Errorf("%w: no host", ErrURL)
	}
	for _, c := range []byte(name) {
		ok := c == '-' || c == '.' || c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !ok {
			return fmt.Errorf("%w: host %.80q (international names are written in their xn-- form)", ErrURL, name)
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("%w: host %.80q", ErrURL, name)
	}
	return nil
}

// checkPort keeps strangers from pointing us at mail, name and file servers:
// of the well-known ports (RFC 6335) only those of the web are used.
func checkPort(u *url.URL, all bool) error {
	text := u.Port()
	if text == "" {
		if strings.HasSuffix(u.Host, ":") {
			return fmt.Errorf("%w: empty", ErrPort)
		}
		return nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("%w: %.10q", ErrPort, text)
	}
	if port < 1024 && port != 80 && port != 443 && !all {
		return fmt.Errorf("%w: %d (of those below 1024 only 80 and 443 are)", ErrPort, port)
	}
	return nil
}
