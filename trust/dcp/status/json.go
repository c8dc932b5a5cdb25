// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"encoding/json"
	"time"
)

// The readers below know members by their exact names: the standard library's
// structs would also take a member in other letters of case.

// members reads a JSON object.
func members(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, false
	}
	return m, true
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// texts reads a JSON string or the strings of an array.
func texts(raw json.RawMessage) []string {
	if s, ok := text(raw); ok {
		return []string{s}
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil
	}
	var list []string
	for _, item := range items {
		if s, ok := text(item); ok {
			list = append(list, s)
		}
	}
	return list
}

// identity reads an issuer: a string, or an object with an id.
func identity(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return s
	}
	m, _ := members(raw)
	s, _ := text(m["id"])
	return s
}

// moment reads a time of RFC 3339. Absent and null are the zero time.
func moment(raw json.RawMessage) (time.Time, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return time.Time{}, true
	}
	s, ok := text(raw)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil && !t.IsZero()
}
