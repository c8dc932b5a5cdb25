// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"slices"
	"time"
)

// DefaultFormat is the format of an asset that names none: the consumer pulls
// over HTTP.
const DefaultFormat = "HttpData-PULL"

// Asset is something a participant can offer. What counterparties see of it is
// its id, Properties and Formats; the rest stays here.
type Asset struct {
	ID string
	// Properties are public metadata. A name is an absolute IRI or a term with
	// a prefix of the DSP context, such as dct:title. Values are what
	// encoding/json decodes: string, float64, bool, or lists and JSON-LD objects
	// of these.
	Properties map[string]any
	// Labels are private, for selectors.
	Labels map[string]string
	// Formats are those in which the data can be transferred; none stands for
	// DefaultFormat.
	Formats []string
	Source  Source
	// Created and Updated are set by Service.Publish.
	Created, Updated time.Time
}

// Types of a Source. An asset without a source can be negotiated, but no
// built-in data plane serves it.
const (
	SourceNone = ""
	SourceHTTP = "http"
	SourceFile = "file"
)

// Source is where the data of an asset lies. It is private.
type Source struct {
	Type string
	URL  string // http
	Path string // file
	// Headers are sent to URL. Their values are secrets, or name such as in
	// "Bearer {secret:erp}".
	Headers map[string]string
	// Passage is what of URL a consumer may use.
	Passage Passage
}

// withoutSecrets names the headers but gives no value.
func (s Source) withoutSecrets() Source {
	if s.Headers == nil {
		return s
	}
	names := make(map[string]string, len(s.Headers))
	for name := range s.Headers {
		names[name] = ""
	}
	s.Headers = names
	return s
}

// Selector says which assets an offer is for. Exactly one member is set.
type Selector struct {
	All    bool
	IDs    []string
	Labels map[string]string // an asset has all of these
}

// Matches reports whether the selector takes an asset.
func (s Selector) Matches(a Asset) bool {
	if s.All || slices.Contains(s.IDs, a.ID) {
		return true
	}
	for name, value := range s.Labels {
		if got, has := a.Labels[name]; !has || got != value {
			return false
		}
	}
	return len(s.Labels) > 0
}

// single reports whether the selector can never take a second asset.
func (s Selector) single() bool { return !s.All && len(s.Labels) == 0 && len(s.IDs) == 1 }
