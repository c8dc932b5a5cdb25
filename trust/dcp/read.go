// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/jose"
)

// MaxMessage is the largest message that is read, in bytes. It may nest 64
// levels deep.
const MaxMessage = 1 << 20

// fields are the members of a message or of an object in it.
type fields map[string]json.RawMessage

// readMessage reads a message of a type: a JSON object in which no member
// stands twice, in the context of DCP 1.0. Unknown members are left alone.
func readMessage(body []byte, messageType string) (fields, error) {
	if len(body) > MaxMessage {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrMessage, MaxMessage)
	}
	if err := jose.CheckJSON(body); err != nil {
		return nil, fmt.Errorf("%w: it is not strict JSON: %w", ErrMessage, err)
	}
	f, err := readObject(body)
	if err != nil {
		return nil, fmt.Errorf("%w: it is %w", ErrMessage, err)
	}
	if !inContext(f["@context"]) {
		return nil, fmt.Errorf("%w: its @context does not name %s", ErrMessage, Context)
	}
	if got, err := f.text("type"); err != nil || got != messageType {
		return nil, fmt.Errorf("%w: its type is not %s", ErrMessage, messageType)
	}
	return f, nil
}

func readObject(raw []byte) (fields, error) {
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return nil, fmt.Errorf("not a JSON object")
	}
	return f, nil
}

// inContext reports whether a @context is or lists that of DCP. Further ones,
// in any order, are none of our business.
func inContext(raw json.RawMessage) bool {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one == Context
	}
	var list []any
	return json.Unmarshal(raw, &list) == nil && slices.Contains(list, any(Context))
}

// has reports whether a member is there; null is as good as none.
func (f fields) has(name string) bool {
	raw, present := f[name]
	return present && string(raw) != "null"
}

// text returns a member that must be a string.
func (f fields) text(name string) (string, error) {
	var s *string
	if err := json.Unmarshal(f[name], &s); err != nil || s == nil {
		return "", fmt.Errorf("%w: %s is not a string", ErrMessage, name)
	}
	return *s, nil
}

// filled returns a member that must be a string and not empty.
func (f fields) filled(name string) (string, error) {
	s, err := f.text(name)
	if err == nil && s == "" {
		err = fmt.Errorf("%w: %s is empty", ErrMessage, name)
	}
	return s, err
}

// optional returns a member that may be absent, and is a string if not.
func (f fields) optional(name string) (string, error) {
	if !f.has(name) {
		return "", nil
	}
	return f.text(name)
}

// list returns a member that must be an array.
func (f fields) list(name string) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(f[name], &list); err != nil || list == nil {
		return nil, fmt.Errorf("%w: %s is not an array", ErrMessage, name)
	}
	return list, nil
}

// texts returns a member that may be absent, and is an array of strings if
// not.
func (f fields) texts(name string) ([]string, error) {
	if !f.has(name) {
		return nil, nil
	}
	raw, err := f.list(name)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(raw))
	for i, item := range raw {
		if list[i], err = (fields{name: item}).text(name); err != nil {
			return nil, fmt.Errorf("%w: %s holds what is not a string", ErrMessage, name)
		}
	}
	return list, nil
}

// objects returns a member that must be an array of objects, at least one.
func (f fields) objects(name string) ([]fields, error) {
	raw, err := f.list(name)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrMessage, name)
	}
	list := make([]fields, len(raw))
	for i, item := range raw {
		if list[i], err = readObject(item); err != nil {
			return nil, fmt.Errorf("%w: %s holds what is not an object", ErrMessage, name)
		}
	}
	return list, nil
}
