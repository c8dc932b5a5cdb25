// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Rule allows methods under a path. A source without rules is read: GET and
// HEAD of its own URL.
type Rule struct {
	// Methods are those of HTTP; none stands for GET and HEAD.
	Methods []string
	// Path is what the consumer may append to the endpoint: "/" is the endpoint
	// itself, "*" stands for one name and a last "**" for any number of names:
	// /orders/*/lines, /orders/**.
	Path string
}

// HeaderRules change which headers pass. Those of the connection, and what
// proves who somebody is, never do.
type HeaderRules struct {
	Pass []string          // beside those that pass anyway
	Drop []string          // of those that pass anyway
	Set  map[string]string // instead of what came
}

var (
	// ErrPath: there is nothing under the path, or it is no path of plain names.
	ErrPath = errors.New("no such path")

	errMethod = errors.New("not by this method")
	errQuery  = errors.New("not with this query")
)

// readMethods are those of a source without rules.
var readMethods = []string{http.MethodGet, http.MethodHead}

// allows judges what the consumer asks for. Each part of the path must be a
// plain name: nothing that leads up, out or to another meaning once joined.
// allowed are the methods that the path has.
func (s Source) allows(method string, sub []string, query string) (allowed []string, err error) {
	for _, part := range sub {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "/\\:;\x00") || strings.ContainsFunc(part, isControl) {
			return nil, ErrPath
		}
	}
	if allowed = s.methods(sub); len(allowed) == 0 {
		return nil, ErrPath
	}
	if !slices.Contains(allowed, method) {
		return allowed, errMethod
	}
	return allowed, s.allowsQuery(query)
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// methods are those by which a path may be called.
func (s Source) methods(sub []string) []string {
	if len(s.Rules) == 0 || s.Type != SourceHTTP {
		if len(sub) > 0 && !s.SubPaths {
			return nil
		}
		return readMethods
	}
	var list []string
	for _, r := range s.Rules {
		if r.matches(sub) {
			if len(r.Methods) == 0 {
				list = append(list, readMethods...)
			}
			list = append(list, r.Methods...)
		}
	}
	return list
}

func (r Rule) matches(sub []string) bool {
	path := strings.Trim(r.Path, "/")
	if path == "" {
		return len(sub) == 0
	}
	pattern := strings.Split(path, "/")
	for i, part := range pattern {
		switch {
		case part == "**" && i == len(pattern)-1:
			return true
		case i >= len(sub), part != "*" && part != sub[i]:
			return false
		}
	}
	return len(sub) == len(pattern)
}

// allowsQuery judges the query: each parameter is one that the source allows,
// and none that its own URL sets.
func (s Source) allowsQuery(query string) error {
	if query == "" {
		return nil
	}
	all := s.Query || slices.Contains(s.QueryNames, "*")
	if s.Type != SourceHTTP || !all && len(s.QueryNames) == 0 {
		return errQuery
	}
	asked, err := url.ParseQuery(query)
	if err != nil {
		return errQuery
	}
	own := url.Values{}
	if u, err := url.Parse(s.URL); err == nil {
		own = u.Query()
	}
	fixed := map[string]bool{}
	for name := range own {
		fixed[folded(name)] = true
	}
	for name := range asked {
		if fixed[folded(name)] || !all && !slices.Contains(s.QueryNames, name) {
			return errQuery
		}
	}
	return nil
}

// folded is a parameter's name as the laxest of sources reads it: in any case,
// without blanks before it, and as a list.
func folded(name string) string {
	name, _, _ = strings.Cut(strings.TrimSpace(name), "[")
	return strings.ToLower(name)
}

// requestHeaders and responseHeaders are what passes between the consumer and
// an HTTP source; bodyHeaders pass with a body of the consumer's.
var (
	requestHeaders = []string{
		"Accept", "Accept-Encoding", "Accept-Language", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
		"Prefer", "Range",
	}
	bodyHeaders     = []string{"Content-Digest", "Content-Encoding", "Content-Language", "Content-Type", "Idempotency-Key"}
	responseHeaders = []string{
		"Accept-Ranges", "Allow", "Content-Digest", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Range",
		"Content-Type", "Etag", "Last-Modified", "Repr-Digest", "Retry-After", "Vary",
	}
)

// neverPass are headers of the connection (RFC 9110, section 7.6.1), of who
// somebody is, and those that are set here.
var neverPass = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Authorization", "Expect", "Host", "Www-Authenticate", TrackingHeader, "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
}

// MayPass reports whether a header rule may name a header at all.
func MayPass(name string) bool { return !slices.Contains(neverPass, http.CanonicalHeaderKey(name)) }

// pass copies the headers of the lists, of which each name may pass, and those
// of Pass, as the rules change them. What the sender declares to be of its
// connection is not copied.
func (r HeaderRules) pass(to, from http.Header, lists ...[]string) {
	for _, list := range lists {
		for _, name := range list {
			r.copy(to, from, name)
		}
	}
	for _, name := range r.Pass {
		if name = http.CanonicalHeaderKey(name); MayPass(name) {
			r.copy(to, from, name)
		}
	}
	for name, value := range r.Set {
		to.Set(name, value)
	}
}

func (r HeaderRules) copy(to, from http.Header, name string) {
	values := from[name]
	if len(values) == 0 || listed(from["Connection"], name) || len(r.Drop) > 0 && listed(r.Drop, name) {
		return
	}
	to[name] = values
}

// listed reports whether lists of header names hold one.
func listed(lists []string, name string) bool {
	for _, list := range lists {
		for item := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(item), name) {
				return true
			}
		}
	}
	return false
}
