// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// members is a JSON object. Its names are compared exactly, which struct tags
// would not do: "Issuer" is not "issuer".
type members map[string]json.RawMessage

var errObject = errors.New("is no JSON object")

func object(raw json.RawMessage) (members, error) {
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, errObject
	}
	return m, nil
}

// has reports whether a member is there and not null.
func (m members) has(name string) bool {
	raw, there := m[name]
	return there && string(raw) != "null"
}

// text returns a member that is a string; "" where there is none.
func (m members) text(name string) (string, error) {
	if !m.has(name) {
		return "", nil
	}
	s, ok := text(m[name])
	if !ok {
		return "", fmt.Errorf("%s is no string", name)
	}
	return s, nil
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}

// list returns the items of an array, or the one value where there is no
// array, as both data models allow for most members.
func (m members) list(name string) []json.RawMessage {
	if !m.has(name) {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(m[name], &items); err != nil {
		return []json.RawMessage{m[name]}
	}
	return items
}

// types returns the member type, a string or an array of strings.
func (m members) types() ([]string, error) {
	items := m.list("type")
	out := make([]string, len(items))
	for i, item := range items {
		var ok bool
		if out[i], ok = text(item); !ok {
			return nil, errors.New("type holds what is no string")
		}
	}
	return out, nil
}

// id returns a member that is an id, or an object with one.
func (m members) id(name string) (string, error) {
	if !m.has(name) {
		return "", nil
	}
	if s, ok := text(m[name]); ok {
		return s, nil
	}
	inner, err := object(m[name])
	if err != nil {
		return "", fmt.Errorf("%s is neither a string nor an object", name)
	}
	return inner.text("id")
}

// dates returns the times of those of the named members that are there.
func (m members) dates(names ...string) ([]time.Time, error) {
	var out []time.Time
	for _, name := range names {
		if !m.has(name) {
			continue
		}
		s, _ := text(m[name])
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || !at.After(time.Time{}) { // which stands for none
			return nil, fmt.Errorf("%s is no date with time and zone", name)
		}
		out = append(out, at.UTC())
	}
	return out, nil
}

// earlier returns the earlier of the times that are not zero.
func earlier(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func later(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
