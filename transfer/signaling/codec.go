// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read.
const (
	// MaxBody is the largest message, in bytes.
	MaxBody = 512 << 10

	maxDepth = 32
	maxText  = 4 << 10 // of an id or an address, in bytes
	maxItems = 100     // of a list
)

// Read reads one message of a peer into m. Unknown members are left alone, a
// null is an absent member, and a member that nobody needs may be missing: what
// is sent by others is often not what the schema says. ErrMessage.
func Read(body []byte, m Message) error {
	if len(body) > MaxBody {
		return invalid("it is larger than %d bytes", MaxBody)
	}
	if err := shallow(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(m); err != nil {
		return fmt.Errorf("%w: it is not the JSON that was expected: %w", ErrMessage, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("something follows the message")
	}
	return m.usable()
}

// ReadFrom is Read from a stream, of which it takes no more than MaxBody. An
// empty one is an empty object: of completed, nobody asks for more.
func ReadFrom(r io.Reader, m Message) error {
	body, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return Read(body, m)
}

// Encode writes a message of ours. Its error is a mistake of ours: no peer
// should have to tell us.
func Encode(m Message) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("our own %T: %w", m, err)
	}
	return json.Marshal(m)
}

// shallow refuses what is nested deeper than any message is.
func shallow(body []byte) error {
	depth, text, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case text:
			escaped = c == '\\'
			text = c != '"'
		case c == '"':
			text = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return invalid("it is nested deeper than %d levels", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
