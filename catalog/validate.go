// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is published. A page of full datasets has to stay below what
// a peer's client reads.
const (
	maxBatch      = 10_000   // assets, or offers, in one Publish
	maxID         = 512      // bytes of an id
	maxText       = 1_000    // bytes of a label, format, header, reason
	maxEntries    = 100      // properties, labels, formats, headers, rules
	maxSelected   = 10_000   // ids of a selector
	maxProperties = 64 << 10 // bytes of an asset's properties as JSON
)

// checkID takes ids that survive JSON-LD, a URL path and every store.
func checkID(id string) *Refusal {
	switch {
	case id == "":
		return refuse(CodeID, "the id is empty; give it one")
	case len(id) > maxID:
		return refuse(CodeID, "the id has %d bytes; take one of at most %d", len(id), maxID)
	case id == "." || id == ".." || strings.HasPrefix(id, "@") || strings.HasPrefix(id, "_:"):
		return refuse(CodeID, "the id means something else in a URL or in JSON-LD; take one that is neither . nor .. and begins with neither @ nor _:")
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unprintable):
		return refuse(CodeID, "the id holds a space, a control character or wrong UTF-8; take visible characters only")
	}
	return nil
}

func unprintable(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

// checkText takes text that can be stored and sent.
func checkText(text string) bool {
	return len(text) <= maxText && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// check reports what is wrong with an asset, its properties apart.
func (a Asset) check() *Refusal {
	if failed := checkID(a.ID); failed != nil {
		return failed
	}
	if len(a.Labels) > maxEntries || len(a.Formats) > maxEntries {
		return refuse(CodeTooMany, "it has more than %d labels or formats", maxEntries)
	}
	if failed := checkLabels(a.Labels); failed != nil {
		return failed
	}
	for i, format := range a.Formats {
		if format == "" || !checkText(format) || strings.ContainsFunc(format, unicode.IsSpace) {
			return refuse(CodeFormat, "the format %.100q is not usable; take a word such as %s, or an IRI", format, DefaultFormat)
		}
		if slices.Contains(a.Formats[:i], format) {
			return refuse(CodeFormat, "the format %.100q is there twice; remove one", format)
		}
	}
	return a.Source.check()
}

func checkLabels(labels map[string]string) *Refusal {
	for name, value := range labels {
		if name == "" || !checkText(name) || !checkText(value) {
			return refuse(CodeLabel, "the label %.100q is not usable; a name and a value of at most %d bytes without control characters are", name, maxText)
		}
	}
	return nil
}

func (s Source) check() *Refusal {
	switch s.Type {
	case SourceNone:
		if s.URL != "" || s.Path != "" || len(s.Headers) > 0 || !s.Passage.IsZero() {
			return refuse(CodeSource, "the source has no type; set it to %q or %q", SourceHTTP, SourceFile)
		}
		return nil
	case SourceFile:
		if s.Path == "" || len(s.Path) > 4096 || !utf8.ValidString(s.Path) || strings.ContainsFunc(s.Path, unicode.IsControl) {
			return refuse(CodeSource, "a source of type file needs a path without control characters")
		}
		if s.URL != "" || len(s.Headers) > 0 {
			return refuse(CodeSource, "a source of type file has neither URL nor headers; remove them")
		}
		if !(Passage{Renew: s.Passage.Renew, Idle: s.Passage.Idle, Rate: s.Passage.Rate}).equal(s.Passage) {
			return refuse(CodeSource, "a source of type file has neither paths, query nor rules for headers; remove them")
		}
		return s.Passage.check()
	case SourceHTTP:
		return s.checkHTTP()
	}
	return refuse(CodeSource, "the source type %.40q is not known; %q and %q are", s.Type, SourceHTTP, SourceFile)
}

func (s Source) checkHTTP() *Refusal {
	if s.Path != "" {
		return refuse(CodeSource, "a source of type http has no path besides its URL; put it into the URL")
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || len(s.URL) > 8<<10 || !utf8.ValidString(s.URL) || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return refuse(CodeSource, "a source of type http needs an absolute URL that begins with http:// or https://")
	case u.User != nil:
		return refuse(CodeSource, "the source's URL holds a user name or password; put it into a header (Authorization) instead, which is kept encrypted")
	case u.Fragment != "":
		return refuse(CodeSource, "the source's URL has a fragment (#...); remove it")
	}
	if len(s.Headers) > maxEntries {
		return refuse(CodeTooMany, "the source has more than %d headers", maxEntries)
	}
	for name, value := range s.Headers {
		if failed := checkHeader(name, value); failed != nil {
			return failed
		}
	}
	return s.Passage.check()
}

// ownHeaders are those that the data plane sets, or must not pass on (RFC 9110
// section 7.6.1).
var ownHeaders = []string{"host", "content-length", "connection", "transfer-encoding", "te", "trailer", "upgrade", "range"}

func checkHeader(name, value string) *Refusal {
	if name == "" || len(name) > maxText || strings.ContainsFunc(name, notToken) || slices.Contains(ownHeaders, strings.ToLower(name)) {
		return refuse(CodeSource, "the source's header %.100q cannot be set; remove it", name)
	}
	if value == "" {
		return refuse(CodeSource, "the source's header %.100q has no value; values are never shown again, so give it once more with every change", name)
	}
	if len(value) > 8<<10 || strings.TrimSpace(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return refuse(CodeSource, "the value of the source's header %.100q holds more than visible ASCII characters", name)
	}
	return checkReferences(name, value)
}

// notToken reports characters that no header name has (RFC 9110 section 5.6.2).
func notToken(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
