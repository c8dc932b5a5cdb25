// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// Reasons makes the reason member of a message from sentences for the peer.
func Reasons(sentences ...string) []json.RawMessage {
	if len(sentences) == 0 {
		return nil
	}
	list := make([]json.RawMessage, len(sentences))
	for i, s := range sentences {
		list[i] = appendQuoted(nil, s)
	}
	return list
}

// ReasonText makes foreign reasons readable. The schema leaves open what they
// are: strings stand as they are, values in JSON-LD dress are undressed, and
// of any other object the JSON text is given. The texts are the peer's words
// and not to be trusted.
func ReasonText(reasons []json.RawMessage) []string {
	list := make([]string, len(reasons))
	for i, raw := range reasons {
		list[i] = reasonText(raw)
	}
	return list
}

func reasonText(raw json.RawMessage) string {
	v, failed := scan(raw)
	if failed != nil {
		return string(raw)
	}
	if text, ok := v.words(); ok {
		return text
	}
	return string(v.canonical())
}
