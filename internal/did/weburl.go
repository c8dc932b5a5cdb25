// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const (
	prefixWeb   = "did:web:"
	maxEndpoint = 2048 // bytes of a service's address
)

// WebURL returns where the document of a did:web is (did:web section 3.2):
// plain says to use http, as in dev mode. Errors wrap ErrSyntax or ErrMethod.
func WebURL(did string, plain bool) (string, error) {
	name, err := methodOf(did)
	if err != nil {
		return "", err
	}
	if name != "web" {
		return "", fmt.Errorf("%w: %.20q", ErrMethod, name)
	}
	segments := strings.Split(strings.TrimPrefix(did, prefixWeb), ":")
	host, err := parseHost(segments[0])
	if err != nil {
		return "", err
	}
	path := segments[1:]
	for _, segment := range path {
		if err := checkSegment(segment); err != nil {
			return "", err
		}
	}
	if len(path) == 0 {
		path = []string{".well-known"}
	}
	scheme := "https"
	if plain {
		scheme = "http"
	}
	return scheme + "://" + host + "/" + strings.Join(path, "/") + "/did.json", nil
}

// parseHost reads the first segment of a did:web: a DNS name and possibly a
// port, whose colon alone is percent-encoded.
func parseHost(segment string) (string, error) {
	name, port, hasPort := strings.Cut(segment, "%3A")
	if err := checkHost(name); err != nil {
		return "", err
	}
	if !hasPort {
		return name, nil
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 || port[0] == '0' || port[0] == '+' {
		return "", fmt.Errorf("%w: port %.20q", ErrSyntax, port)
	}
	return name + ":" + port, nil
}

// checkHost demands a DNS name in ASCII. did:web has no IP addresses (section
// 3.1), and some resolvers take 127.1, 0x7f000001 or 2130706433 for one.
func checkHost(name string) error {
	if len(name) > 253 {
		return fmt.Errorf("%w: its host is longer than 253 bytes", ErrSyntax)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("%w: host %.80q", ErrSyntax, name)
		}
		for _, c := range []byte(label) {
			if !isIDChar(c) {
				return fmt.Errorf("%w: host %.80q", ErrSyntax, name)
			}
		}
	}
	last := strings.ToLower(labels[len(labels)-1])
	if strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("%w: host %.80q is an IP address", ErrSyntax, name)
	}
	return nil
}

// checkSegment demands a segment of the path that means itself to every
// server.
func checkSegment(segment string) error {
	if segment == "" || segment == "." || segment == ".." {
		return fmt.Errorf("%w: path segment %q", ErrSyntax, segment)
	}
	for _, c := range []byte(segment) {
		if !isIDChar(c) {
			return fmt.Errorf("%w: path segment %.80q", ErrSyntax, segment)
		}
	}
	return nil
}

// FromURL returns the did:web whose document is at base + "/did.json", base
// being the public URL of a participant; without a path, the document is at
// base + "/.well-known/did.json". An address written as numbers is refused:
// did:web has none. Errors wrap ErrSyntax.
func FromURL(base string) (string, error) {
	u, err := webAddress(base)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return "", fmt.Errorf("%w: the base URL has a query", ErrSyntax)
	}
	segments := []string{strings.ToLower(u.Hostname())}
	standard := map[string]string{"https": "443", "http": "80"}
	if port := u.Port(); port != "" && port != standard[u.Scheme] {
		segments[0] += "%3A" + port
	}
	if path := u.EscapedPath(); path != "" && path != "/" {
		segments = append(segments, strings.Split(strings.TrimSuffix(path, "/")[1:], "/")...)
	}
	for _, segment := range segments[1:] { // before a colon in one could pass for a separator
		if err := checkSegment(segment); err != nil {
			return "", err
		}
	}
	did := prefixWeb + strings.Join(segments, ":")
	if _, err := WebURL(did, false); err != nil {
		return "", err
	}
	return did, nil
}

// webAddress reads an absolute http or https URL without user and fragment.
func webAddress(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxEndpoint {
		return nil, fmt.Errorf("%w: not a URL", ErrSyntax)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Contains(raw, "#") {
		return nil, fmt.Errorf("%w: not an absolute URL of the web", ErrSyntax)
	}
	return u, nil
}
