// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "slices"

// contexts are what a message lists in its @context.
type contexts struct {
	urls   []string
	bare   bool // a string instead of a list
	inline bool // holds a context of its own, so that only expansion can read it
}

// readContexts demands the DSP context (context-schema.json). Whatever stands
// beside it never changes what the terms of DSP mean.
func readContexts(doc *value) (c contexts, failed *Error) {
	if doc.kind != objectKind {
		return c, failure(CodeMemberInvalid, "the message must be a JSON object")
	}
	v := doc.get("@context")
	if v == nil {
		return c, failure(CodeContextMissing, "$.@context must be a list that holds %s, but is absent", ContextURL)
	}
	entries := v.kids
	if v.kind != arrayKind {
		c.bare = true
		entries = []value{*v}
	}
	for i := range entries {
		switch e := &entries[i]; e.kind {
		case stringKind:
			c.urls = append(c.urls, e.text)
		case objectKind:
			c.inline = true
		default:
			return c, failure(CodeMemberInvalid, "$.@context[%d] must be the URL of a context", i)
		}
	}
	if !slices.Contains(c.urls, ContextURL) {
		found := "no URL"
		if len(c.urls) > 0 {
			found = excerpt(c.urls[0])
		}
		return c, failure(CodeContextMissing, "$.@context must hold %s, but holds %s", ContextURL, found)
	}
	return c, nil
}
