// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"net/url"
	"strings"
)

// maxLink bounds the Link headers that are looked at, in bytes.
const maxLink = 64 << 10

// nextLink returns the address of the next page (RFC 8288), or "". It has to
// be of the same origin: our token goes there.
func nextLink(from string, headers []string) (string, error) {
	target, found := linkTo("next", strings.Join(headers, ","))
	if !found {
		return "", nil
	}
	here, err := url.Parse(from)
	if err != nil {
		return "", errors.New("the page has no usable address")
	}
	there, err := here.Parse(target)
	if err != nil {
		return "", errors.New("its link to the next page is no URL")
	}
	if there.Scheme != here.Scheme || there.Host != here.Host {
		return "", errors.New("its link to the next page leads to another host")
	}
	there.Fragment = ""
	return there.String(), nil
}

// linkTo finds the first link of a relation in a Link header: a list of
// <target>; rel="relation relation".
func linkTo(relation, header string) (target string, found bool) {
	if len(header) > maxLink {
		return "", false
	}
	for {
		_, rest, more := strings.Cut(header, "<")
		if !more {
			return "", false
		}
		target, rest, more = strings.Cut(rest, ">")
		if !more {
			return "", false
		}
		var rels string
		rels, header = linkParams(rest)
		for rel := range strings.FieldsSeq(rels) {
			if strings.EqualFold(rel, relation) {
				return strings.TrimSpace(target), true
			}
		}
	}
}

// linkParams reads the parameters of one link up to the comma that ends it,
// and returns the value of the first rel.
func linkParams(text string) (rels, rest string) {
	known := false
	for {
		text = strings.TrimLeft(text, " \t;")
		if text == "" || text[0] == ',' || text[0] == '<' {
			return rels, text
		}
		end := strings.IndexAny(text, "=;,")
		if end < 0 {
			return rels, ""
		}
		name := strings.TrimSpace(text[:end])
		if text[end] != '=' {
			text = text[end:]
			continue
		}
		var value string
		value, text = linkValue(strings.TrimLeft(text[end+1:], " \t"))
		if strings.EqualFold(name, "rel") && !known {
			rels, known = value, true
		}
	}
}

// linkValue reads a token or a quoted string.
func linkValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ";,")
		if end < 0 {
			end = len(text)
		}
		return strings.TrimSpace(text[:end]), text[end:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}
